"""Who uses a Fargate tenant's key: for its objects, its secret and its logs."""

from __future__ import annotations

from typing import Final

from constructs.common.account import Account
from constructs.common.backup_rights import backup_statements
from constructs.common.key_policy import KeyPolicy, KeyUse, roles_may
from constructs.common.workload_role import WorkloadRole
from policies.conditions import principal_tagged, through_services
from policies.statements import Condition, Statement
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import Owner

OBJECT_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""What S3 needs on a principal's behalf to read and write
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html)."""
SECRET_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""What Secrets Manager needs on a principal's behalf to write a value
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-authz)."""


def object_use(owner: Owner[FargateTenantNames], account: Account) -> KeyUse:
    """Return how the tenant's code uses the key: for its objects, through S3."""
    return KeyUse(
        sid="UseKeyForObjects",
        actions=OBJECT_ACTIONS,
        conditions=(through_services(account.region, "s3"), principal_tagged(owner.tag, owner.tenant)),
    )


def secret_use(owner: Owner[FargateTenantNames], account: Account) -> KeyUse:
    """Return how the agent that starts the tenant's tasks uses the key: to read its secret."""
    return KeyUse(
        sid="DecryptOwnSecret",
        actions=("kms:Decrypt",),
        conditions=(
            through_services(account.region, "secretsmanager"),
            principal_tagged(owner.tag, owner.tenant),
        ),
    )


def fargate_key_statements(
    policy: KeyPolicy,
    owner: Owner[FargateTenantNames],
    *,
    task_role: WorkloadRole,
    execution_role: WorkloadRole,
    provisioner: WorkloadRole,
    backup: WorkloadRole | None = None,
) -> list[Statement]:
    """Return who uses the key of `owner`: its roles, and the provisioner through Secrets Manager (docs/decisions/0008).

    Args:
        policy: says who administers the key.
        owner: the tenant.
        task_role: the tenant's code.
        execution_role: starts the tasks; reads the secret.
        provisioner: the database provisioner; writes the secret.
        backup: the role of the backups of its bucket; `None` where there are none.
    """
    account = policy.account
    through_secrets = through_services(account.region, "secretsmanager")
    write_secret = KeyUse(sid="WriteSecret", actions=SECRET_ACTIONS, conditions=(through_secrets,))
    return [
        # Whoever gives a secret this key must be able to use it: Secrets Manager tries it out, on a context that no
        # value is ever encrypted under. So the deployer creates secrets and reads none:
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-use-cmk
        policy.deployer_may(
            "CreateSecretWithoutValue",
            SECRET_ACTIONS,
            through_secrets,
            Condition(
                operator="StringEquals",
                key="kms:EncryptionContext:SecretVersionId",
                values=("RequestToValidateKeyAccess",),
            ),
        ),
        roles_may(object_use(owner, account), task_role),
        roles_may(secret_use(owner, account), execution_role),
        roles_may(write_secret, provisioner),
        policy.logs_encrypts(owner.names.log_group),
        *([policy.services_may_create_grants("backup")] if backup else []),
        *(backup_statements(policy, backup, "s3") if backup else []),
    ]
