"""Data access: the tenant's profile in its DynamoDB table.

It uses only GetItem, PutItem and UpdateItem, which the function's role allows. Besides the profile, the item holds the
state of the event about it (the notice): PENDING if no invocation is sending it, CLAIMED while one is, SENT afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runtime.silo import item_key
from tenant_provisioner.signup import Signup

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_RESOURCE_TYPE = "profile"


class Notice(StrEnum):
    """The state of the event about a profile."""

    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    SENT = "SENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right of one invocation to send the event.

    Attributes:
        owner: The invocation's request id.
        until: When the claim lapses, in seconds since the epoch.
    """

    owner: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantProfile:
    """A tenant's profile.

    Attributes:
        plan: The tenant's plan.
        created_at: When the profile was written, ISO 8601 in UTC.
        signup_event_id: Id of the signup event that it was written for.
        notice: The state of the event about it.
        claim: Which invocation sends that event; None unless `notice` is CLAIMED.
    """

    plan: str
    created_at: str
    signup_event_id: str
    notice: Notice
    claim: Claim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantProfiles:
    """The one profile of one tenant.

    Attributes:
        client: The DynamoDB client.
        table: The table's name.
        tenant_id: The tenant.
    """

    client: DynamoDBClient
    table: str
    tenant_id: str

    @property
    def _key(self) -> dict[str, AttributeValueTypeDef]:
        return item_key(self.tenant_id, _RESOURCE_TYPE)

    def create(self, signup: Signup, *, at: str, claim: Claim) -> bool:
        """Write the profile with its event already claimed; if there is one, change nothing and return False."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item={
                    **self._key,
                    "status": {"S": "ACTIVE"},
                    "plan": {"S": signup.plan},
                    "created_at": {"S": at},
                    "updated_at": {"S": at},
                    "signed_up_at": {"S": signup.time},
                    "signup_event_id": {"S": signup.event_id},
                    "notice": {"S": Notice.CLAIMED},
                    **_claim_attributes(claim),
                },
                ConditionExpression="attribute_not_exists(tenant_id)",
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def read(self) -> TenantProfile:
        """Return the profile, which must exist, read consistently."""
        answer = self.client.get_item(TableName=self.table, Key=self._key, ConsistentRead=True)
        item = answer["Item"]
        notice = Notice(item["notice"]["S"])
        claim = None
        if notice is Notice.CLAIMED:
            claim = Claim(owner=item["claim_owner"]["S"], until=float(item["claim_until"]["N"]))
        return TenantProfile(
            plan=item["plan"]["S"],
            created_at=item["created_at"]["S"],
            signup_event_id=item["signup_event_id"]["S"],
            notice=notice,
            claim=claim,
        )

    def take_over(self, seen: Claim | None, claim: Claim) -> bool:
        """Claim the event if the claim is still `seen`; return False if another invocation was faster."""
        values: dict[str, AttributeValueTypeDef] = {
            ":claimed": {"S": Notice.CLAIMED},
            ":owner": {"S": claim.owner},
            ":until": {"N": repr(claim.until)},
        }
        if seen is None:
            condition, values[":pending"] = "notice = :pending", {"S": Notice.PENDING}
        else:
            condition = "notice = :claimed AND claim_owner = :seen_owner AND claim_until = :seen_until"
            values |= {":seen_owner": {"S": seen.owner}, ":seen_until": {"N": repr(seen.until)}}
        return self._update(
            "SET notice = :claimed, claim_owner = :owner, claim_until = :until", condition, values
        )

    def settle(self, claim: Claim, notice: Notice, *, at: str) -> bool:
        """Replace `claim` with `notice`; return False if the claim is no longer held."""
        return self._update(
            "SET notice = :notice, updated_at = :now REMOVE claim_owner, claim_until",
            "notice = :claimed AND claim_owner = :owner AND claim_until = :until",
            {
                ":notice": {"S": notice},
                ":now": {"S": at},
                ":claimed": {"S": Notice.CLAIMED},
                ":owner": {"S": claim.owner},
                ":until": {"N": repr(claim.until)},
            },
        )

    def _update(self, update: str, condition: str, values: Mapping[str, AttributeValueTypeDef]) -> bool:
        try:
            self.client.update_item(
                TableName=self.table,
                Key=self._key,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _claim_attributes(claim: Claim) -> dict[str, AttributeValueTypeDef]:
    return {"claim_owner": {"S": claim.owner}, "claim_until": {"N": repr(claim.until)}}
