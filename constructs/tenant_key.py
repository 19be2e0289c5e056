"""The KMS key of one tenant, and who may do what with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.iam_role import IamRole

from config.profiles import Unprotected
from constructs import Construct
from constructs.account import Account
from constructs.customer_key import (
    EVERYTHING,
    CustomerKey,
    CustomerKeyProps,
    KeyAdministration,
    function_environment,
    grants_for,
    log_groups,
    use_by,
)
from constructs.policy import Condition, Principal, Statement, only_tenant

USE: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")

GRANTED_SERVICES: Final = ("dynamodb", "lambda")
"""Services that make themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantKeyProps:
    """Whose key it is and what it encrypts.

    Attributes:
        tenant: id of the tenant; principals must carry it as a tag.
        alias: `alias/...`.
        account: where the key stands.
        users: the tenant's roles, who alone use the key.
        log_groups: names of the log groups that the key encrypts.
        rules: names of the EventBridge rules whose dead-letter queue the key encrypts.
        functions: names of the Lambda functions whose environment the key encrypts.
        administrators: ARNs of the roles and users who alone administer the key; empty leaves administration to
            whom the account's IAM policies name.
        deletion_window_days: 7 to 30.
        unprotected: set where the key may be destroyed with its stack.
    """

    tenant: str
    alias: str
    account: Account
    users: tuple[IamRole, ...]
    log_groups: tuple[str, ...]
    rules: tuple[str, ...]
    functions: tuple[str, ...]
    administrators: tuple[str, ...]
    deletion_window_days: int
    unprotected: Unprotected | None


class TenantKey(CustomerKey):
    """A key that only its tenant's roles use.

    AWS services use it for this tenant's log groups, rules and functions alone.
    """

    def __init__(self, scope: Construct, id: str, props: TenantKeyProps) -> None:
        administration = KeyAdministration(
            account=props.account,
            administrators=props.administrators,
            deletion_window_days=props.deletion_window_days,
            unprotected=props.unprotected,
        )
        super().__init__(
            scope,
            id,
            CustomerKeyProps(
                description=f"Data of the tenant {props.tenant}",
                alias=props.alias,
                administration=administration,
                statements=[
                    grants_for(GRANTED_SERVICES, administration),
                    function_environment(props.functions, administration),
                    use_by(props.users, "TenantUse", USE, only_tenant(props.tenant)),
                    log_groups(props.log_groups, props.account),
                    _dead_letters_of(props.rules, props.account),
                ],
            ),
        )
        self._tenant = props.tenant

    def statements_for_use(self) -> list[Statement]:
        """Return what a role of the tenant needs in order to use the key."""
        return [
            Statement(
                sid="UseTenantKey",
                actions=USE,
                resources=(self.arn,),
                conditions=(only_tenant(self._tenant),),
            )
        ]


def _dead_letters_of(rules: tuple[str, ...], account: Account) -> Statement:
    """Return EventBridge's right to encrypt what these rules could not deliver.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    return Statement(
        sid="DeadLettersOfRules",
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=EVERYTHING,
        principal=Principal(kind="Service", identifiers=("events.amazonaws.com",)),
        conditions=(
            Condition(
                operator="ArnEquals",
                key="aws:SourceArn",
                values=tuple(account.arn("events", f"rule/{name}") for name in rules),
            ),
            Condition(operator="StringEquals", key="aws:SourceAccount", values=(account.id,)),
        ),
    )
