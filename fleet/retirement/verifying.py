"""Asks AWS what is left of a tenant, once Terraform says that nothing is.

Two ways, since neither is enough: each resource that the tenant had is asked for by its id, and the Resource Groups
Tagging API is asked for all that has the tenant's tag, whoever made it. That API also lists, for a while, what was
deleted; what was asked for by its id, and is gone, does not count again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from fleet.retirement.context import Client, Context, StepError, answered, of_tenant
from fleet.retirement.looks import LOOKS, PARTS, There, in_utc
from fleet.retirement.record import Retirement

TAGS: Final = {"silo": "TenantId", "platform": "tenant_id"}
SYSTEM_BACKUP_DAYS: Final = 35
"""For how long DynamoDB keeps a deleted table's last backup
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html)."""
MOST_NAMED: Final = 5


def verify(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Ask AWS for all that the tenant had and all that has its tag, and return what remains and until when.

    Raises:
        StepError: something is left, or AWS refuses to say.
    """
    expect_looks(context, retirement)
    asked, left, remains, gone = 0, [], [], set()
    for name, identity in sorted(retirement.resources.items()):
        look = LOOKS.get(identity["type"])
        if look is None:
            continue
        with answered(f"asking for {name}"):
            there = look.at(_client(context, look.service, name.partition("/")[0]), identity)
        asked += 1
        if there is None or there.until:
            gone |= {identity[name] for name in ("id", "arn") if name in identity}
        if there is not None and there.until:
            remains.append(_remaining(identity, there))
        elif there is not None:
            left.append(identity.get("arn", identity["id"]))
    tagged = [arn for arn in _tagged(context, retirement) if arn not in gone and arn not in left]
    left += sorted(arn for arn in tagged if not _by_name(arn, gone))
    if left:
        more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
        raise StepError(f"AWS still has {', '.join(left[:MOST_NAMED])}{more}")
    remains += _backups(context, retirement)
    unknown = _unknown(retirement)
    parts = len(retirement.resources) - asked - len(unknown)
    by_hand = {"looked": context.by_hand, "for": unknown} if unknown else {}
    return {"asked": asked, "with_their_owner": parts, "remains": remains, "by_hand": by_hand}


def expect_looks(context: Context, retirement: Retirement) -> None:
    """Refuse a retirement of what nobody knows how to ask AWS for, unless somebody looks for it by hand.

    Raises:
        StepError: nobody says that somebody does.
    """
    unknown = _unknown(retirement)
    if unknown and not context.by_hand:
        more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
        raise StepError(
            f"nobody knows how to ask AWS for {', '.join(unknown[:MOST_NAMED])}{more}: go on with --by-hand and who "
            "looks whether they are gone"
        )


def _unknown(retirement: Retirement) -> list[str]:
    """Return what no look asks AWS for, and what is no part of another resource, sorted."""
    known = LOOKS.keys() | PARTS
    return sorted(name for name, identity in retirement.resources.items() if identity["type"] not in known)


def _client(context: Context, service: str, stack: str) -> Client:
    return context.client(service, context.region(stack), profile=context.reader_profile)


def _remaining(identity: Mapping[str, str], there: There) -> dict[str, Any]:
    kind = identity["type"].removeprefix("aws_").replace("_", " ")
    return {"what": kind, "id": identity.get("arn", identity["id"]), "until": there.until}


def _by_name(arn: str, gone: set[str]) -> bool:
    """Return whether the end of an ARN is an id that was asked for, and is gone."""
    return arn.rpartition("/")[2] in gone or arn.rpartition(":")[2] in gone


def _tagged(context: Context, retirement: Retirement) -> Iterator[str]:
    """Return the ARN of everything that has the tenant's tag, and the environment's in a silo."""
    for stack, kind in sorted(retirement.stacks.items()):
        client = _client(context, "resourcegroupstaggingapi", stack)
        suffix = {"Key": "Environment", "Values": [stack.rpartition("-")[2]]}
        filters = [{"Key": TAGS[kind], "Values": [retirement.tenant]}, suffix]
        with answered(f"asking for what is tagged {retirement.tenant}"):
            for page in client.get_paginator("get_resources").paginate(TagFilters=filters):
                for entry in page["ResourceTagMappingList"]:
                    yield entry["ResourceARN"]


def _backups(context: Context, retirement: Retirement) -> list[dict[str, Any]]:
    """Return the copies of the tenant's data that AWS keeps, and until when."""
    found: list[dict[str, Any]] = []
    for stack, identity in of_tenant(retirement, "aws_dynamodb_table"):
        client = _client(context, "dynamodb", stack)
        with answered(f"asking for backups of {identity['id']}"):
            backups = client.list_backups(TableName=identity["id"], BackupType="ALL")["BackupSummaries"]
        for backup in backups:
            expires = backup.get("BackupExpiryDateTime")
            if expires is None and backup["BackupType"] == "SYSTEM":
                expires = backup["BackupCreationDateTime"] + timedelta(days=SYSTEM_BACKUP_DAYS)
            found.append({"what": "table backup", "id": backup["BackupArn"], "until": in_utc(expires)})
    if of_tenant(retirement, "aws_backup_vault"):
        for stack, identity in of_tenant(retirement, "aws_dynamodb_table", "aws_s3_bucket"):
            client = _client(context, "backup", stack)
            with answered(f"asking for recovery points of {identity['id']}"):
                found += _recovery_points(client, identity["arn"])
    return found


def _recovery_points(client: Client, arn: str) -> list[dict[str, Any]]:
    """Return what AWS Backup keeps of a resource in this region, and until when."""
    found = []
    for page in client.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=arn):
        for point in page["RecoveryPoints"]:
            vault, name = point["BackupVaultName"], point["RecoveryPointArn"]
            whole = client.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=name)
            until = in_utc(whole.get("CalculatedLifecycle", {}).get("DeleteAt"))
            found.append({"what": f"recovery point in {vault}", "id": name, "until": until})
    return found
