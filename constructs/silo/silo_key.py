"""Who uses a silo tenant's key, and for what."""

from __future__ import annotations

from typing import Final

from constructs.common.account import Account
from constructs.common.backup_rights import backup_statements
from constructs.common.key_policy import THE_KEY, KeyPolicy, KeyUse, roles_may
from constructs.common.workload_role import WorkloadRole
from policies.conditions import principal_tagged
from policies.statements import Condition, Principal, Statement
from tenancy.names.silo import SiloNames
from tenancy.owner import Owner

GRANTED_SERVICES: Final = ("dynamodb", "lambda")
"""Services that create themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


BACKED_UP: Final = ("dynamodb", "s3")
"""Services whose data AWS Backup reads with its role."""


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
        policy.deployer_encrypts_table(names.metadata_table),
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
