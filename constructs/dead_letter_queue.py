"""A queue for what could not be delivered or handled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy

from constructs import Construct
from constructs.account import Account
from constructs.customer_key import CustomerKey
from constructs.policy import Condition, Principal, Statement, only_tenant, policy_document

RETENTION_SECONDS: Final = 14 * 24 * 3600
"""The most that SQS keeps (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterQueueProps:
    """Whose dead letters, under which key.

    Attributes:
        name: physical name.
        tenant: id of the tenant.
        key: encrypts the messages.
    """

    name: str
    tenant: str
    key: CustomerKey


class DeadLetterQueue(Construct):
    """An encrypted queue that keeps what went wrong for 14 days.

    Attributes:
        queue: the queue.
    """

    def __init__(self, scope: Construct, id: str, props: DeadLetterQueueProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.queue = SqsQueue(
            self,
            "queue",
            name=props.name,
            kms_master_key_id=props.key.arn,
            message_retention_seconds=RETENTION_SECONDS,
        )

    def statements_for_function(self) -> list[Statement]:
        """Return what a function's role needs: Lambda sends a failed event as that role.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        return [
            Statement(
                sid="SendDeadLetters",
                actions=("sqs:SendMessage",),
                resources=(self.queue.arn,),
                conditions=(only_tenant(self._props.tenant),),
            )
        ]

    def accept_from_rule(self, rule_arn: str, account: Account) -> SqsQueuePolicy:
        """Let EventBridge send what the rule `rule_arn` could not deliver.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        """
        statement = Statement(
            sid="DeadLettersOfRule",
            actions=("sqs:SendMessage",),
            resources=(self.queue.arn,),
            principal=Principal(kind="Service", identifiers=("events.amazonaws.com",)),
            conditions=(
                Condition(operator="ArnEquals", key="aws:SourceArn", values=(rule_arn,)),
                Condition(operator="StringEquals", key="aws:SourceAccount", values=(account.id,)),
            ),
        )
        return SqsQueuePolicy(self, "policy", queue_url=self.queue.url, policy=policy_document([statement]))
