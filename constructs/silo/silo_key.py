"""Who uses a silo tenant's key, and for what."""

from __future__ import annotations

from typing import Final

from constructs.common.account import Account
from constructs.common.key_policy import THE_KEY, KeyPolicy, KeyUse, roles_may
from constructs.common.workload_role import WorkloadRole
from policies.conditions import from_source, principal_tagged
from policies.statements import Principal, Statement
from tenancy.names.silo import SiloNames
from tenancy.owner import Owner

GRANTED_SERVICES: Final = ("dynamodb", "lambda")
"""Services that create themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


def tenant_use(owner: Owner[SiloNames]) -> KeyUse:
    """Return how the tenant's roles use the key."""
    return KeyUse(
        sid="UseTenantKey",
        actions=("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
        conditions=(principal_tagged(owner.tag, owner.tenant),),
    )


def silo_key_statements(
    policy: KeyPolicy, owner: Owner[SiloNames], users: tuple[WorkloadRole, ...]
) -> list[Statement]:
    """Return who uses the key of `owner`: its `users`, and services for this tenant's resources alone."""
    names = owner.names
    return [
        policy.services_may_create_grants(*GRANTED_SERVICES),
        policy.deployer_reads_environment_of(names.api_function, names.provisioner_function),
        roles_may(tenant_use(owner), *users),
        policy.logs_encrypts(
            names.flow_log_group,
            names.http_api_log_group,
            names.function_log_group(names.api_function),
            names.function_log_group(names.provisioner_function),
        ),
        _eventbridge_encrypts_dead_letters(names.signup_rule, policy.account),
    ]


def _eventbridge_encrypts_dead_letters(rule: str, account: Account) -> Statement:
    """Return EventBridge's right to encrypt what the rule named `rule` could not deliver.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    return Statement(
        sid="EncryptDeadLettersOfRule",
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=THE_KEY,
        principal=Principal(kind="Service", identifiers=("events.amazonaws.com",)),
        conditions=from_source(account.id, account.arn("events", f"rule/{rule}")),
    )
