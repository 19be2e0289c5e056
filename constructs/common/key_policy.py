"""Statements of KMS key policies: who administers a key, which services and which roles use it, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from constructs.common.account import Account
from constructs.common.workload_role import WorkloadRole
from policies.conditions import through_services
from policies.statements import Condition, Principal, Statement
from tenancy.protection import KeyAdministration

ADMINISTRATION: Final = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""What keeps a key manageable. No encryption, no decryption, and no `kms:Create*`, which would bring CreateGrant and
with it everything else (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)."""

TABLE_ACTIONS: Final = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What DynamoDB checks that whoever gives a table a customer's key may do with it, beside `DescribeKey` and
`CreateGrant` (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz)."""

THE_KEY: Final = ("*",)
"""The resource of a key policy's statements: the key itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """One way in which a role uses a key, the same in the key's policy and in the role's.

    Attributes:
        sid: of the statement in both.
        actions: such as `kms:Decrypt`.
        conditions: all must hold.
    """

    sid: str
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPolicy:
    """Builds the statements of one key's policy.

    The deployer's rights are those of the account as principal, under a condition that names the administrators:
    a role that is deleted and created again keeps its access, where a role as principal would leave its dead
    unique id behind and lock everyone out.

    Attributes:
        account: of the key.
        administration: who administers the key.
    """

    account: Account
    administration: KeyAdministration

    def administered(self) -> Statement:
        """Return the administrators' right to manage the key without using it."""
        return self.deployer_may("AdministerWithoutUse", ADMINISTRATION)

    def deployer_may(self, sid: str, actions: tuple[str, ...], *conditions: Condition) -> Statement:
        """Return the deployer's right to `actions` under `conditions`."""
        administrators = self.administration.administrators
        named = Condition(operator="ArnEquals", key="aws:PrincipalArn", values=administrators)
        return Statement(
            sid=sid,
            actions=actions,
            resources=THE_KEY,
            principal=Principal(kind="AWS", identifiers=(self.account.root,)),
            conditions=(named, *conditions) if administrators else conditions,
        )

    def services_may_create_grants(self, *services: str) -> Statement:
        """Return the deployer's right to let `services` (`rds`) create themselves a grant, and nobody else."""
        return self.deployer_may(
            "CreateGrantsForServices",
            ("kms:CreateGrant",),
            Condition(operator="Bool", key="kms:GrantIsForAWSResource", values=("true",)),
            through_services(self.account.region, *services),
        )

    def deployer_reads_environment_of(self, *functions: str) -> Statement:
        """Return the deployer's right to the environment of the Lambda functions with these names.

        Whoever deploys reads it back, or every plan shows a difference. It holds names, no secrets.
        """
        return self.deployer_may(
            "EncryptFunctionEnvironment",
            ("kms:Decrypt", "kms:Encrypt"),
            through_services(self.account.region, "lambda"),
            Condition(
                operator="ArnEquals",
                key="kms:EncryptionContext:aws:lambda:FunctionArn",
                values=tuple(self.account.arn("lambda", f"function:{name}") for name in functions),
            ),
        )

    def deployer_encrypts_table(self, table: str) -> Statement:
        """Return the deployer's right to give the table named `table` this key, and no other table.

        DynamoDB asks on the caller's behalf when the table is created, with the table and the account as encryption
        context (.../encryption.usagenotes.html#dynamodb-encryption-context).
        """
        return self.deployer_may(
            "EncryptOwnTable",
            TABLE_ACTIONS,
            through_services(self.account.region, "dynamodb"),
            Condition(
                operator="StringEquals", key="kms:EncryptionContext:aws:dynamodb:tableName", values=(table,)
            ),
            Condition(
                operator="StringEquals",
                key="kms:EncryptionContext:aws:dynamodb:subscriberId",
                values=(self.account.id,),
            ),
        )

    def deployer_encrypts_vault(self) -> Statement:
        """Return the deployer's right to give a backup vault this key, beside that to create grants for it.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html#backup-api-permissions-ref
        """
        return self.deployer_may(
            "CreateBackupVault",
            ("kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"),
            through_services(self.account.region, "backup"),
        )

    def logs_encrypts(self, *log_groups: str) -> Statement:
        """Return the logs service's right to encrypt the log groups with these names and no other.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        """
        service = f"logs.{self.account.region}.amazonaws.com"
        return Statement(
            sid="EncryptLogGroups",
            actions=(
                "kms:Decrypt*",
                "kms:Describe*",
                "kms:Encrypt*",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ),
            resources=THE_KEY,
            principal=Principal(kind="Service", identifiers=(service,)),
            conditions=(
                Condition(
                    operator="ArnEquals",
                    key="kms:EncryptionContext:aws:logs:arn",
                    values=tuple(self.account.log_group_arn(name) for name in log_groups),
                ),
            ),
        )


def roles_may(use: KeyUse, *roles: WorkloadRole) -> Statement:
    """Return the right of `roles`, by name, to `use` of the key."""
    return Statement(
        sid=use.sid,
        actions=use.actions,
        resources=THE_KEY,
        principal=Principal(kind="AWS", identifiers=tuple(role.arn for role in roles)),
        conditions=use.conditions,
    )
