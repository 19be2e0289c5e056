"""What the tests of the gaps share.

A gap is where MiniStack differs from AWS. Each test shows that a shim closes it, and that it is there without the shim.
When a test fails at "without the shim", MiniStack has caught up: remove the shim and its row in `emulator/README.md`.
"""

import io
import json
import re
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from emulator.server import ACCOUNT_ID, Emulator
from tests.guards import GUARD_SECONDS

ABSENCE_SECONDS = 3.0
"""How long the emulator without a shim is watched for what it does not do."""
Observe = Callable[[Emulator], Any]


def assert_closed_by_a_shim(observe: Observe, wanted: object, *, shimmed: Emulator, bare: Emulator) -> None:
    """Compare what is observed with all shims, and without any."""
    found = observe(shimmed)
    # Spelled out: pytest explains only what test files assert.
    assert found == wanted, f"with the shim: expected {wanted!r}, received {found!r}"
    assert observe(bare) != wanted, "without the shim: the emulator has caught up, remove the shim"


def name() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def network(emulator: Emulator) -> tuple[str, str, str]:
    """A VPC, a subnet and a security group."""
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=name(), Description="test", VpcId=vpc)["GroupId"]
    return vpc, subnet, group


def role(emulator: Emulator, service: str, **tags: str) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    made = emulator.client("iam").create_role(
        RoleName=name(),
        AssumeRolePolicyDocument=json.dumps(trust),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return str(made["Role"]["Arn"])


def packed(code: str) -> bytes:
    """A package with `code` as its module `app`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("app.py", code)
    return file.getvalue()


def function(emulator: Emulator, code: str, **settings: object) -> tuple[str, str]:
    """A function's name and ARN."""
    made = emulator.client("lambda").create_function(
        FunctionName=name(),
        Runtime="python3.13",
        Handler="app.handler",
        Role=role(emulator, "lambda.amazonaws.com"),
        Code={"ZipFile": packed(code)},
        # AWS's default of 3 s would be a measure of the machine.
        Timeout=60,
        **settings,
    )
    return made["FunctionName"], made["FunctionArn"]


def queue(emulator: Emulator, *, admits: str | None = None) -> tuple[str, str]:
    """A queue's URL and ARN."""
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    if admits:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": admits}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def received(emulator: Emulator, url: str, *, seconds: float = GUARD_SECONDS) -> dict[str, Any] | None:
    """The first message, or None when none comes."""
    sqs = emulator.client("sqs")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1)
        if found := answer.get("Messages"):
            return dict(found[0])
    return None


def assumed(emulator: Emulator, statements: list[dict[str, Any]], **tags: str) -> dict[str, str]:
    """The keys of a session of a role with these permissions and tags."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:root"
    trust = [{"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}]
    iam, role_name = emulator.client("iam"), name()
    role_arn = iam.create_role(
        RoleName=role_name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role_name, PolicyName="inline", PolicyDocument=document)
    keys = emulator.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def is_allowed(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        # EC2 has a word of its own.
        if not re.search("AccessDenied|UnauthorizedOperation", error.response["Error"]["Code"]):
            raise
        return False
    return True
