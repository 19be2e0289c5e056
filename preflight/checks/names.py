"""Names that the stacks' resources take: free, or their own already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from fleet.synthesized import SynthesizedStack
from preflight.account import Account, code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops, warns

Exists = Callable[[Account, str], bool]
RESTORE: Final = (
    "Delete it for good: aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {name}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A type of resources whose name AWS gives out once.

    Attributes:
        kind: Terraform's type.
        argument: that holds the name.
        noun: how a person calls it.
        exists: asks whether there is one of a name.
    """

    kind: str
    argument: str
    noun: str
    exists: Exists


def _found(*missing: str) -> Callable[[Callable[[], Any]], bool]:
    """Return a function that tells whether a call finds something; errors with the codes in `missing` say no."""

    def found(call: Callable[[], Any]) -> bool:
        try:
            call()
        except ClientError as error:
            if code_of(error) in missing:
                return False
            raise
        return True

    return found


def _log_group(account: Account, name: str) -> bool:
    groups = account.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    return any(group["logGroupName"] == name for group in groups)


NAMED: Final = (
    Named(
        kind="aws_iam_role",
        argument="name",
        noun="role",
        exists=lambda account, name: _found("NoSuchEntity")(
            lambda: account.client("iam").get_role(RoleName=name)
        ),
    ),
    Named(
        kind="aws_dynamodb_table",
        argument="name",
        noun="table",
        exists=lambda account, name: _found("ResourceNotFoundException")(
            lambda: account.client("dynamodb").describe_table(TableName=name)
        ),
    ),
    Named(
        kind="aws_lambda_function",
        argument="function_name",
        noun="function",
        exists=lambda account, name: _found("ResourceNotFoundException")(
            lambda: account.client("lambda").get_function_configuration(FunctionName=name)
        ),
    ),
    Named(kind="aws_cloudwatch_log_group", argument="name", noun="log group", exists=_log_group),
    Named(
        kind="aws_lb",
        argument="name",
        noun="load balancer",
        exists=lambda account, name: _found("LoadBalancerNotFound")(
            lambda: account.client("elbv2").describe_load_balancers(Names=[name])
        ),
    ),
    Named(
        kind="aws_rds_cluster",
        argument="cluster_identifier",
        noun="database cluster",
        exists=lambda account, name: _found("DBClusterNotFoundFault", "DBClusterNotFound")(
            lambda: account.client("rds").describe_db_clusters(DBClusterIdentifier=name)
        ),
    ),
    Named(
        kind="aws_db_subnet_group",
        argument="name",
        noun="subnet group",
        exists=lambda account, name: _found("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound")(
            lambda: account.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)
        ),
    ),
    Named(
        kind="aws_rds_cluster_parameter_group",
        argument="name",
        noun="cluster parameter group",
        exists=lambda account, name: _found("DBParameterGroupNotFound", "DBClusterParameterGroupNotFound")(
            lambda: account.client("rds").describe_db_cluster_parameter_groups(
                DBClusterParameterGroupName=name
            )
        ),
    ),
    Named(
        kind="aws_lb_target_group",
        argument="name",
        noun="target group",
        exists=lambda account, name: any(
            group["TargetGroupName"] == name
            for group in account.pages("elbv2", "describe_target_groups", "TargetGroups")
        ),
    ),
    Named(
        kind="aws_backup_vault",
        argument="name",
        noun="backup vault",
        # Of a vault that is not there AWS says that access is denied, which its list does not.
        exists=lambda account, name: any(
            vault["BackupVaultName"] == name
            for vault in account.pages("backup", "list_backup_vaults", "BackupVaultList")
        ),
    ),
    Named(
        kind="aws_budgets_budget",
        argument="name",
        noun="budget",
        exists=lambda account, name: _found("NotFoundException")(
            lambda: account.client("budgets").describe_budget(
                AccountId=account.caller.account, BudgetName=name
            )
        ),
    ),
)
"""What AWS gives one name to in an account or region. Network ACLs and security groups have no such names: the one only
tags, the others a name of their own VPC."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find names that are taken by something that no state knows, or that AWS has not given back yet."""
    for stack in deployment.stacks:
        deployed = stack.id in deployment.deployed
        yield from _buckets(deployment.account, stack, deployed=deployed)
        yield from _secrets(deployment.account, stack, deployed=deployed)
        yield from _snapshots(deployment.account, stack)
        if not deployed:
            yield from _left_over(deployment.account, stack)


def _left_over(account: Account, stack: SynthesizedStack) -> Iterator[Finding]:
    for named in NAMED:
        for name in stack.literals(named.kind, named.argument):
            if named.exists(account, name):
                yield stops(
                    f"the {named.noun} {name} exists, and {stack.id} has no state that knows it.",
                    "Import it, delete it, or choose another suffix.",
                )


def _buckets(account: Account, stack: SynthesizedStack, *, deployed: bool) -> Iterator[Finding]:
    for name in stack.literals("aws_s3_bucket", "bucket"):
        try:
            account.client("s3").head_bucket(Bucket=name)
        except ClientError as error:
            if code_of(error) in {"404", "NoSuchBucket"}:
                continue
            # 403: it is not the caller's; 301: it is in another region. Either way the name is taken.
            yield stops(
                f"the bucket name {name} is taken, by another account or in another region.",
                "Bucket names are worldwide: choose another suffix.",
            )
        else:
            if not deployed:
                yield stops(
                    f"the bucket {name} exists, and {stack.id} has no state that knows it.",
                    "Import it, delete it, or choose another suffix.",
                )


def _secrets(account: Account, stack: SynthesizedStack, *, deployed: bool) -> Iterator[Finding]:
    client = account.client("secretsmanager")
    for name in stack.literals("aws_secretsmanager_secret", "name"):
        try:
            secret = client.describe_secret(SecretId=name)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                continue
            raise
        if secret.get("DeletedDate"):
            yield stops(
                f"the secret {name} is scheduled for deletion, and keeps its name until then.",
                RESTORE.format(name=name),
            )
        elif not deployed:
            yield stops(
                f"the secret {name} exists, and {stack.id} has no state that knows it.",
                "Import it, delete it, or choose another suffix.",
            )


def _snapshots(account: Account, stack: SynthesizedStack) -> Iterator[Finding]:
    for name in stack.literals("aws_rds_cluster", "final_snapshot_identifier"):
        try:
            account.client("rds").describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)
        except ClientError as error:
            if "SnapshotNotFound" in code_of(error):
                continue
            raise
        yield warns(
            f"the snapshot {name} exists: destroying {stack.id} will fail until it has another name.",
            "Copy it under another name, then delete it.",
        )


def seen(deployment: Deployment) -> str:
    """Say how many names are free."""
    new = len(deployment.new)
    return f"nothing is in the way of {new} new stack{'' if new == 1 else 's'} of {len(deployment.stacks)}"
