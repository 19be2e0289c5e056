"""A queue for what could not be delivered or handled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy

from constructs import Construct
from constructs.common.account import Account
from constructs.common.customer_key import CustomerKey
from policies.conditions import from_source, principal_tagged
from policies.grantee import Grantee
from policies.statements import Principal, Statement, policy_document
from tenancy.owner import AnyOwner

RETENTION_SECONDS: Final = 14 * 24 * 3600
"""The most that SQS keeps (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterQueueProps:
    """Whose dead letters, under which key.

    Attributes:
        name: physical name.
        owner: whose principals send to it.
        key: encrypts the messages.
    """

    name: str
    owner: AnyOwner
    key: CustomerKey


class DeadLetterQueue(Construct):
    """An encrypted queue that keeps what went wrong for 14 days.

    Attributes:
        resource: the queue.
        arn: of the queue.
    """

    def __init__(self, scope: Construct, id: str, props: DeadLetterQueueProps) -> None:
        super().__init__(scope, id)
        self._owner = props.owner
        self.resource = SqsQueue(
            self,
            "queue",
            name=props.name,
            kms_master_key_id=props.key.arn,
            message_retention_seconds=RETENTION_SECONDS,
        )
        self.arn = self.resource.arn

    def grant_send(self, grantee: Grantee) -> None:
        """Let the role `grantee` of a function send failed events: Lambda does it as that role.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        grantee.add_to_policy(
            Statement(
                sid="SendDeadLetters",
                actions=("sqs:SendMessage",),
                resources=(self.arn,),
                conditions=(principal_tagged(self._owner.tag, self._owner.tenant),),
            )
        )

    def grant_send_to_rule(self, rule_arn: str, account: Account) -> SqsQueuePolicy:
        """Let EventBridge send what the rule `rule_arn` could not deliver.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        """
        statement = Statement(
            sid="SendDeadLettersOfRule",
            actions=("sqs:SendMessage",),
            resources=(self.arn,),
            principal=Principal(kind="Service", identifiers=("events.amazonaws.com",)),
            conditions=from_source(account.id, rule_arn),
        )
        return SqsQueuePolicy(
            self, "policy", queue_url=self.resource.url, policy=policy_document([statement])
        )
