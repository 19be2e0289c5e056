"""The EventBridge rule that provisions one tenant when it signs up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
    CloudwatchEventTargetRetryPolicy,
)

from constructs import Construct
from constructs.common.account import Account
from constructs.common.lambda_function import LambdaFunction
from constructs.silo.dead_letter_queue import DeadLetterQueue
from policies.conditions import principal_tagged
from policies.grantee import Grantee
from policies.statements import Condition, Statement
from tenancy.names.silo import SiloNames
from tenancy.owner import Owner

SIGNUP_SOURCE: Final = "custom.signup"
SIGNUP_DETAIL_TYPE: Final = "Tenant Signup"
PROVISIONER_SOURCE: Final = "tenant-platform.provisioner"
"""Source of what the provisioner announces. It may send under no other: a provisioner that could send
`custom.signup` could start another tenant's."""
EVENT_BUS: Final = "default"

RETRY_ATTEMPTS: Final = 8
RETRY_SECONDS: Final = 3600
"""EventBridge's own delivery: 0 to 185 attempts, 60 to 86,400 seconds
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupRuleProps:
    """Whose signup starts which function.

    Attributes:
        owner: the tenant.
        account: of the bus.
        function: the provisioner.
        dead_letters: where an event goes that EventBridge could not deliver.
    """

    owner: Owner[SiloNames]
    account: Account
    function: LambdaFunction
    dead_letters: DeadLetterQueue


class SignupRule(Construct):
    """A rule for the signup of this tenant and no other.

    Attributes:
        resource: the rule.
    """

    def __init__(self, scope: Construct, id: str, props: SignupRuleProps) -> None:
        super().__init__(scope, id)
        self.resource = CloudwatchEventRule(
            self,
            "rule",
            name=props.owner.names.signup_rule,
            description="Starts the provisioner when this tenant signs up",
            event_pattern=json.dumps(
                {
                    "source": [SIGNUP_SOURCE],
                    "detail-type": [SIGNUP_DETAIL_TYPE],
                    "detail": {"tenantId": [props.owner.tenant]},
                },
                sort_keys=True,
            ),
        )
        queue_policy = props.dead_letters.grant_send_to_rule(self.resource.arn, props.account)
        permission = props.function.grant_invoke(
            "invoked_by_signup_rule",
            sid="AllowEventBridgeInvoke",
            service="events.amazonaws.com",
            source_arn=self.resource.arn,
        )
        CloudwatchEventTarget(
            self,
            "target",
            rule=self.resource.name,
            target_id=props.owner.names.signup_target,
            arn=props.function.resource.arn,
            retry_policy=CloudwatchEventTargetRetryPolicy(
                maximum_retry_attempts=RETRY_ATTEMPTS, maximum_event_age_in_seconds=RETRY_SECONDS
            ),
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=props.dead_letters.arn),
            depends_on=[queue_policy, permission],
        )


def grant_announce(grantee: Grantee, owner: Owner[SiloNames], account: Account) -> None:
    """Let the provisioner's role `grantee` send its own events to the bus, and no others.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    """
    grantee.add_to_policy(
        Statement(
            sid="AnnounceProvisioning",
            actions=("events:PutEvents",),
            resources=(account.arn("events", f"event-bus/{EVENT_BUS}"),),
            conditions=(
                principal_tagged(owner.tag, owner.tenant),
                Condition(operator="StringEquals", key="events:source", values=(PROVISIONER_SOURCE,)),
            ),
        )
    )
