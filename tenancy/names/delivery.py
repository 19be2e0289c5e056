"""Physical names of what rolls an environment's releases out on AWS."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.names.limits import (
    ALARM,
    BUILD_PROJECT,
    DYNAMODB,
    IAM_ROLE,
    KMS_ALIAS,
    LOG_GROUP,
    RULE,
    S3,
    STATE_MACHINE,
    Limit,
    fitted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryNames:
    """Physical names of an environment's delivery.

    Buckets' names are those of all accounts together, so that the account is part of them.

    Attributes:
        suffix: the environment's suffix; no hyphen.
        account: that the environment is in, 12 digits.
    """

    suffix: str
    account: str

    def _name(self, role: str, limit: Limit) -> str:
        return fitted(f"delivery-{role}-{self.suffix}", limit)

    @property
    def stack(self) -> str:
        """The stack's id: what `cdktf deploy` takes, and the key of its state."""
        return f"delivery-{self.suffix}"

    @property
    def key_alias(self) -> str:
        """Alias of the key of releases, records and logs."""
        return fitted(f"alias/delivery-{self.suffix}", KMS_ALIAS)

    @property
    def release_bucket(self) -> str:
        """Bucket of the releases, and of the lists of each wave's stacks."""
        return fitted(f"delivery-releases-{self.account}-{self.suffix}", S3)

    @property
    def log_bucket(self) -> str:
        """Bucket of the access logs of the releases' bucket."""
        return fitted(f"delivery-logs-{self.account}-{self.suffix}", S3)

    @property
    def record_table(self) -> str:
        """Table of what was asked of each rollout, and of each stack's record."""
        return self._name("records", DYNAMODB)

    @property
    def state_machine(self) -> str:
        """State machine of rollouts."""
        return self._name("rollouts", STATE_MACHINE)

    @property
    def state_machine_role(self) -> str:
        """Role of the state machine."""
        return self._name("rollouts-role", IAM_ROLE)

    @property
    def state_machine_log_group(self) -> str:
        """Log group of the state machine; policies of log delivery stay short with this beginning.

        https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html (read 2026-11-28)
        """
        return fitted(f"/aws/vendedlogs/states/{self.state_machine}", LOG_GROUP)

    @property
    def build_project(self) -> str:
        """CodeBuild project that gives one stack its release."""
        return self._name("worker", BUILD_PROJECT)

    @property
    def build_log_group(self) -> str:
        """Log group of the builds."""
        return fitted(f"/aws/codebuild/{self.build_project}", LOG_GROUP)

    @property
    def key_deletion_rule(self) -> str:
        """EventBridge rule for what ends the use of the key."""
        return self._name("key-deletion", RULE)

    def alarm(self, role: str) -> str:
        """The alarm with `role`, such as `rollout-halted`."""
        return self._name(role, ALARM)
