"""Who uses the key of what the Fargate tenants share: the database, its master's secret, the platform's own logs."""

from __future__ import annotations

from typing import Final

from constructs.common.account import Account
from constructs.common.backup_rights import backup_statements
from constructs.common.key_policy import KeyPolicy, KeyUse, roles_may
from constructs.common.workload_role import WorkloadRole
from policies.conditions import through_services
from policies.statements import Statement
from tenancy.names.platform import PlatformNames

GRANTED_SERVICES: Final = ("lambda", "rds", "secretsmanager")
"""Services that create themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


def master_secret_use(account: Account) -> KeyUse:
    """Return how the database provisioner uses the key: for one secret, through Secrets Manager."""
    return KeyUse(
        sid="DecryptMasterSecret",
        actions=("kms:Decrypt",),
        conditions=(through_services(account.region, "secretsmanager"),),
    )


def platform_key_statements(
    policy: KeyPolicy,
    names: PlatformNames,
    provisioner: WorkloadRole,
    *,
    backup: WorkloadRole | None = None,
    web_acl: bool,
) -> list[Statement]:
    """Return who uses the platform's key. No tenant's role does: Aurora does through its grant.

    Args:
        policy: of the key.
        names: of what is encrypted.
        provisioner: the role that reads the master's secret.
        backup: the role of the database's backups; `None` where there are none.
        web_acl: whether there is one, which has a log.
    """
    account = policy.account
    return [
        policy.services_may_create_grants(*GRANTED_SERVICES, *(["backup"] if backup else [])),
        *(backup_statements(policy, backup, "rds") if backup else []),
        # Whoever creates a cluster whose master's secret has a customer's key needs these, and never outside the
        # two services: .../rds-secrets-manager.html#rds-secrets-manager-permissions
        policy.deployer_may(
            "EncryptMasterSecret",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            through_services(account.region, "rds", "secretsmanager"),
        ),
        policy.deployer_reads_environment_of(names.provisioner_function),
        roles_may(master_secret_use(account), provisioner),
        policy.logs_encrypts(
            names.flow_log_group,
            names.database_log_group,
            names.provisioner_log_group,
            names.container_insights_log_group,
            *([names.web_acl_log_group] if web_acl else []),
        ),
    ]
