"""Who uses the key of releases, records and logs of builds, and for what."""

from __future__ import annotations

from typing import Final

from constructs.common.account import Account
from constructs.common.key_policy import THE_KEY, KeyPolicy, KeyUse, roles_may
from constructs.common.workload_role import WorkloadRole
from policies.conditions import through_services
from policies.statements import Condition, Principal, Statement
from tenancy.names.delivery import DeliveryNames

DATA_SERVICES: Final = ("dynamodb", "s3")
"""Services that hold releases and records, and ask KMS on the caller's behalf
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html)."""


def rollout_use(account: Account) -> KeyUse:
    """Return how the state machine uses the key: it reads lists of stacks and changes what is known of a rollout."""
    return KeyUse(
        sid="ReadRollouts",
        actions=("kms:Decrypt",),
        conditions=(through_services(account.region, *DATA_SERVICES),),
    )


def delivery_key_statements(
    policy: KeyPolicy, names: DeliveryNames, state_machine: WorkloadRole, *, deployer_role_arn: str
) -> list[Statement]:
    """Return who uses the key: the state machine, whoever deploys, and the logs service.

    Args:
        policy: of the key.
        names: of what is encrypted.
        state_machine: its role.
        deployer_role_arn: of the role that builds run as, and that starts rollouts.
    """
    account = policy.account
    return [
        policy.services_may_create_grants("dynamodb"),
        policy.deployer_encrypts_table(names.record_table),
        roles_may(rollout_use(account), state_machine),
        # The account under a condition, as in `KeyPolicy`: a role that is made again keeps its access.
        Statement(
            sid="UseReleasesAndRecords",
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            resources=THE_KEY,
            principal=Principal(kind="AWS", identifiers=(account.root,)),
            conditions=(
                Condition(operator="ArnEquals", key="aws:PrincipalArn", values=(deployer_role_arn,)),
                through_services(account.region, *DATA_SERVICES),
            ),
        ),
        policy.logs_encrypts(names.build_log_group, names.state_machine_log_group),
    ]
