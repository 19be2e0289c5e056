"""GovCloud's partition (`emulator/partitions.py`)."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from emulator.server import ACCOUNT_ID, Emulator
from tests.emulator.gaps import name

GOVCLOUD = "us-gov-west-1"


def test_arns_are_of_the_regions_partition(shimmed: Emulator) -> None:
    for region, partition in (("us-east-1", "aws"), ("eu-south-2", "aws"), (GOVCLOUD, "aws-us-gov")):
        topic = name()
        sqs = shimmed.client("sqs", region=region)
        url = sqs.create_queue(QueueName=topic)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        assert found == f"arn:{partition}:sqs:{region}:{ACCOUNT_ID}:{topic}"
        caller = shimmed.client("sts", region=region).get_caller_identity()["Arn"]
        assert caller == f"arn:{partition}:iam::{ACCOUNT_ID}:root"


def trust(partition: str) -> str:
    principal = {"AWS": f"arn:{partition}:iam::{ACCOUNT_ID}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_an_arn_in_a_path_and_in_a_document_is_understood(shimmed: Emulator) -> None:
    iam, events = shimmed.client("iam", region=GOVCLOUD), shimmed.client("lambda", region=GOVCLOUD)
    role = iam.create_role(RoleName=name(), AssumeRolePolicyDocument=trust("aws-us-gov"))["Role"]
    assert role["Arn"].startswith("arn:aws-us-gov:iam::")
    document = iam.get_role(RoleName=role["RoleName"])["Role"]["AssumeRolePolicyDocument"]
    assert document == json.loads(trust("aws-us-gov"))
    with pytest.raises(ClientError) as unknown:
        events.list_tags(Resource=f"arn:aws-us-gov:lambda:{GOVCLOUD}:{ACCOUNT_ID}:function:nobody")
    assert f"arn:aws-us-gov:lambda:{GOVCLOUD}:{ACCOUNT_ID}:function:nobody" in str(unknown.value)


def test_an_arn_of_another_partition_is_refused(shimmed: Emulator) -> None:
    with pytest.raises(ClientError) as form:
        shimmed.client("iam", region=GOVCLOUD).create_role(
            RoleName=name(), AssumeRolePolicyDocument=trust("aws")
        )
    assert form.value.response["Error"] == {
        "Type": "Sender",
        "Code": "MalformedPolicyDocument",
        "Message": 'Partition "aws" is not valid in this region.',
    }
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        shimmed.client("kms", region=GOVCLOUD).create_key(Policy=trust("aws"))
    shimmed.client("iam").create_role(RoleName=name(), AssumeRolePolicyDocument=trust("aws"))


def test_objects_are_their_owners(shimmed: Emulator) -> None:
    s3, bucket = shimmed.client("s3", region=GOVCLOUD), name()
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": GOVCLOUD})
    s3.put_object(Bucket=bucket, Key="a", Body=b"arn:aws:s3:::elsewhere")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"arn:aws:s3:::elsewhere"


def test_the_signature_of_a_session_is_that_of_the_request_as_it_was_sent() -> None:
    with Emulator(auth=True) as emulator:
        iam = emulator.client("iam", region=GOVCLOUD)
        role = iam.create_role(RoleName=name(), AssumeRolePolicyDocument=trust("aws-us-gov"))["Role"]
        document = {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "arn:aws-us-gov:iam::*:role/*"}
        iam.put_role_policy(
            RoleName=role["RoleName"],
            PolicyName="roles",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": document}),
        )
        session = emulator.client("sts", region=GOVCLOUD).assume_role(
            RoleArn=role["Arn"], RoleSessionName="session"
        )["Credentials"]
        keys = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_session_token": session["SessionToken"],
        }
        sent = {"RoleName": name(), "AssumeRolePolicyDocument": trust("aws-us-gov")}
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            emulator.client("iam", region=GOVCLOUD, aws_secret_access_key="other", **keys).create_role(**sent)
        own = {**keys, "aws_secret_access_key": session["SecretAccessKey"]}
        emulator.client("iam", region=GOVCLOUD, **own).create_role(**sent)
