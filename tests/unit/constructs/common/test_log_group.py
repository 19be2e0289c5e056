"""A log group: encrypted, and kept for as long as it was told."""

from __future__ import annotations

from functools import cache

from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from tenancy.owner import AnyOwner
from tests.construct import SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument


@cache
def log_group(owner: bool = True, tagged: bool = False) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = EncryptedLogGroupProps(
            name="/a/group",
            key=around.key,
            retention_days=7,
            tags={"tenant_id": "acme-corp"} if tagged else {},
        )
        group = EncryptedLogGroup(around.stack, "log_group", props)
        whose: AnyOwner | None = SILO if owner else None
        around.grant(lambda grantee: group.grant_write(grantee, whose))

    return alone(build)


def test_it_is_encrypted_and_ends() -> None:
    expected = {
        "name": "/a/group",
        "retention_in_days": 7,
        "kms_key_id": log_group().reference("aws_kms_key"),
    }
    assert log_group().one("aws_cloudwatch_log_group") == expected
    tagged = log_group(tagged=True).one("aws_cloudwatch_log_group")
    assert tagged == {**expected, "tags": {"tenant_id": "acme-corp"}}


def test_whoever_writes_it_writes_no_other_and_only_as_its_owner() -> None:
    """Hole 4: a pattern such as `tenant-acme-*` is another tenant's group too."""
    write = {
        "Sid": "WriteOwnLogGroup",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/a/group:log-stream:*"],
    }
    assert log_group(owner=False).granted() == {"WriteOwnLogGroup": write}
    condition = {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}
    assert log_group().granted() == {"WriteOwnLogGroup": {**write, "Condition": condition}}
