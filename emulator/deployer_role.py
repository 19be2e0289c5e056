"""The role that deploys: it has the published policies (`deployer/`) and nothing else.

The account's root makes it, once, and whoever deploys assumes it.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deployer import own
from deployer.documents import policies, trust_example
from deployer.place import Place, partition_of
from emulator import server
from emulator.server import ACCOUNT_ID, REGION

ROLE = "deployer"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}"
SESSION_SECONDS = 12 * 60 * 60
"""The longest that IAM admits (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html): a deployment
on a busy machine must not outlive its credentials."""
SESSION = "deployment"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{ROLE}/{SESSION}"


def deployer_environment(
    endpoint: str,
    *,
    suffix: str,
    region: str = REGION,
    state_bucket: str | None = None,
    package_bucket: str | None = None,
    role: str = ROLE,
) -> dict[str, str]:
    """Return the caller's environment with the emulator as the only AWS, and a session of the deployer's role.

    The role and its policies are made if they are not there yet, and the policies are brought up to date.

    Args:
        endpoint: The emulator's URL.
        suffix: Of the environment that is deployed.
        region: Where it is deployed.
        state_bucket: Of Terraform's state; `None` where the state is a local file.
        package_bucket: That functions take their code from; `None` where it is uploaded with each stack.
        role: Its name. A role holds the policies of one environment: IAM attaches ten at most to one.
    """
    place = Place(
        account=ACCOUNT_ID,
        region=region,
        suffix=suffix,
        partition=partition_of(region),
        state_bucket=state_bucket,
        package_bucket=package_bucket,
        deployer=role,
        own=own.patterns(suffix),
    )
    account = f"arn:{place.partition}:iam::{ACCOUNT_ID}"
    iam = server.client(endpoint, "iam", region=region)
    with _existing():
        iam.create_role(
            RoleName=role,
            AssumeRolePolicyDocument=trust_example(place),
            MaxSessionDuration=SESSION_SECONDS,
        )
    for policy in policies(place, more=own.statements(place)):
        arn = f"{account}:policy/{policy.name}"
        with _existing():
            iam.create_policy(PolicyName=policy.name, PolicyDocument=policy.document)
        if _document(iam, arn) != json.loads(policy.document):
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy.document, SetAsDefault=True)
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    session = server.client(endpoint, "sts", region=region).assume_role(
        RoleArn=f"{account}:role/{role}", RoleSessionName=SESSION, DurationSeconds=SESSION_SECONDS
    )["Credentials"]
    return server.client_environment(endpoint, region=region) | {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


def _document(iam: Any, arn: str) -> object:  # noqa: ANN401 - boto3's clients have no types
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return json.loads(document) if isinstance(document, str) else document


@contextlib.contextmanager
def _existing() -> Iterator[None]:
    """Let a creation find that its resource is there."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
