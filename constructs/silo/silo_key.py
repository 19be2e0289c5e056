"""Who uses a silo tenant's key, and for what."""

from __future__ import annotations

from typing import Final

from constructs.common.account import Account
from constructs.common.backup_rights import backup_statements
from constructs.common.key_policy import THE_KEY, KeyPolicy, KeyUse, roles_may
from constructs.common.workload_role import WorkloadRole
from policies.conditions import principal_tagged, through_services
from policies.statements import Condition, Principal, Statement
from tenancy.names.silo import SiloNames
from tenancy.owner import Owner

GRANTED_SERVICES: Final = ("dynamodb", "lambda")
"""Services that create themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


BACKED_UP: Final = ("dynamodb", "s3")
"""Services whose data AWS Backup reads with its role."""

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


def tenant_use(owner: Owner[SiloNames]) -> KeyUse:
    """Return how the tenant's roles use the key."""
    return KeyUse(
        sid="UseTenantKey",
        actions=("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
        conditions=(principal_tagged(owner.tag, owner.tenant),),
    )


def silo_key_statements(
    policy: KeyPolicy,
    owner: Owner[SiloNames],
    users: tuple[WorkloadRole, ...],
    backup: WorkloadRole | None = None,
) -> list[Statement]:
    """Return who uses the key of `owner`: its `users`, and services for this tenant's resources alone.

    Args:
        policy: of the key.
        owner: the tenant.
        users: the roles of its code.
        backup: the role of its backups; `None` where there are none.
    """
    names = owner.names
    return [
        policy.services_may_create_grants(*GRANTED_SERVICES, *(["backup"] if backup else [])),
        *(backup_statements(policy, backup, *BACKED_UP) if backup else []),
        _deployer_encrypts_table(policy, names.metadata_table),
        policy.deployer_reads_environment_of(names.api_function, names.provisioner_function),
        roles_may(tenant_use(owner), *users),
        policy.logs_encrypts(
            names.flow_log_group,
            names.http_api_log_group,
            names.function_log_group(names.api_function),
            names.function_log_group(names.provisioner_function),
        ),
        _eventbridge_encrypts_dead_letters(names.events_dlq, policy.account),
    ]


def _deployer_encrypts_table(policy: KeyPolicy, table: str) -> Statement:
    """Return the deployer's right to give the table named `table` this key, and no other table.

    DynamoDB asks on the caller's behalf when the table is created, with the table and the account as encryption
    context (.../encryption.usagenotes.html#dynamodb-encryption-context).
    """
    account = policy.account
    return policy.deployer_may(
        "EncryptOwnTable",
        TABLE_ACTIONS,
        through_services(account.region, "dynamodb"),
        Condition(
            operator="StringEquals", key="kms:EncryptionContext:aws:dynamodb:tableName", values=(table,)
        ),
        Condition(
            operator="StringEquals",
            key="kms:EncryptionContext:aws:dynamodb:subscriberId",
            values=(account.id,),
        ),
    )


def _eventbridge_encrypts_dead_letters(queue: str, account: Account) -> Statement:
    """Return EventBridge's right to encrypt what it could not deliver and puts into the queue named `queue`.

    SQS gives the queue's ARN as encryption context. `aws:SourceArn` and `aws:SourceAccount` are no way to say whose
    event it is: for topics AWS documents that EventBridge does not send them to KMS, for queues it promises nothing.
    The queue's own policy does, and admits the rule alone
    (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services).
    """
    return Statement(
        sid="EncryptDeadLettersOfRule",
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=THE_KEY,
        principal=Principal(kind="Service", identifiers=("events.amazonaws.com",)),
        conditions=(
            Condition(
                operator="ArnEquals",
                key="kms:EncryptionContext:aws:sqs:arn",
                values=(account.arn("sqs", queue),),
            ),
        ),
    )
