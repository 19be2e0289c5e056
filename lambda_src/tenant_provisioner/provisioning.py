"""Logic: one profile and one event per tenant, however often and in whatever order its signup arrives.

The profile is written conditionally, together with the writer's claim to send the event about it. A later invocation
that finds a claim waits until it is settled, and takes it over once it has lapsed. So any later invocation completes
the work of one that died between the two steps, and of a hundred at the same time only one sends the event.

Without a transaction across table and bus, one case remains: an invocation may die after the bus has accepted the event
and before the claim is settled. Then the event is sent again with the same `idempotencyKey`, by which consumers
recognize it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from runtime.timestamps import timestamp
from tenant_provisioner.bus import FAILED, PROVISIONED, Bus, NotSentError
from tenant_provisioner.signup import Signup
from tenant_provisioner.tenant_profiles import Claim, Notice, TenantProfile, TenantProfiles

CLAIM_SECONDS = 20.0
"""How long a claim holds. Longer than the client's two attempts at sending can take (14 s), but shorter than the
function's 60 s, so that an invocation that waits for the claim of a dead one can still take it over."""

POLL_SECONDS = 0.25


class Outcome(StrEnum):
    """What an invocation did."""

    PROVISIONED = "provisioned"
    REPAIRED = "repaired"
    DUPLICATE = "duplicate"


class ProvisioningError(Exception):
    """A signup could not be provisioned this time; the message says which step failed and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """Provisions one tenant.

    Attributes:
        profiles: Access to the tenant's profile.
        bus: The bus on which the outcome is announced.
        clock: Returns the current time in seconds since the epoch.
        sleep: Waits for a number of seconds.
    """

    profiles: TenantProfiles
    bus: Bus
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def provision(self, signup: Signup, request_id: str) -> Outcome:
        """Ensure that the tenant has a profile and that it has been announced on the bus.

        Args:
            signup: A checked signup.
            request_id: The invocation's id. Lambda keeps it when it retries an event, so a retry recognizes its own
                claim.

        Raises:
            ProvisioningError: A step failed; a later invocation continues from there.
        """
        claim = Claim(owner=request_id, until=self.clock() + CLAIM_SECONDS)
        try:
            created = self.profiles.create(signup, at=self._now(), claim=claim)
        except (BotoCoreError, ClientError) as error:
            self._tell_failure(signup, error)
            raise ProvisioningError(f"the profile was not written: {_reason(error)}") from error
        try:
            if created:
                return self._send(self.profiles.read(), claim, Outcome.PROVISIONED)
            return self._join(request_id)
        except (BotoCoreError, ClientError, NotSentError) as error:
            raise ProvisioningError(f"the event was not sent: {_reason(error)}") from error

    def _join(self, request_id: str) -> Outcome:
        # This ends, because a claim is settled or lapses, and some invocation takes over a lapsed one.
        while True:
            profile = self.profiles.read()
            if profile.notice is Notice.SENT:
                return Outcome.DUPLICATE
            seen = profile.claim
            now = self.clock()
            if seen is None or seen.owner == request_id or seen.until <= now:
                claim = Claim(owner=request_id, until=now + CLAIM_SECONDS)
                if self.profiles.take_over(seen, claim):
                    return self._send(profile, claim, Outcome.REPAIRED)
            self.sleep(POLL_SECONDS)

    def _send(self, profile: TenantProfile, claim: Claim, outcome: Outcome) -> Outcome:
        tenant_id = self.profiles.tenant_id
        try:
            self.bus.send(
                PROVISIONED,
                {
                    "tenantId": tenant_id,
                    "status": "ACTIVE",
                    "plan": profile.plan,
                    "provisionedAt": profile.created_at,
                    "signupEventId": profile.signup_event_id,
                    "idempotencyKey": _idempotency_key(PROVISIONED, tenant_id, profile.signup_event_id),
                },
            )
        except (BotoCoreError, ClientError, NotSentError):
            # Give the claim back, so that the next attempt need not wait until it lapses.
            self.profiles.settle(claim, Notice.PENDING, at=self._now())
            raise
        self.profiles.settle(claim, Notice.SENT, at=self._now())
        return outcome

    def _tell_failure(self, signup: Signup, error: BotoCoreError | ClientError) -> None:
        try:
            self.bus.send(
                FAILED,
                {
                    "tenantId": signup.tenant_id,
                    "signupEventId": signup.event_id,
                    "reason": _reason(error),
                    "idempotencyKey": _idempotency_key(FAILED, signup.tenant_id, signup.event_id),
                },
            )
        except (BotoCoreError, ClientError, NotSentError) as second:
            # The dead letter should report the first error.
            error.add_note(f"and the bus was not told: {_reason(second)}")

    def _now(self) -> str:
        return timestamp(datetime.fromtimestamp(self.clock(), UTC))


def _idempotency_key(detail_type: str, tenant_id: str, event_id: str) -> str:
    return hashlib.sha256("\0".join((detail_type, tenant_id, event_id)).encode()).hexdigest()


def _reason(error: BotoCoreError | ClientError | NotSentError) -> str:
    # A code or a class instead of the message, which names resources and principals.
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return str(error) if isinstance(error, NotSentError) else type(error).__name__
