"""What rolls releases out on AWS."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.names.delivery import DeliveryNames
from tenancy.protection import KeyAdministration, Protection, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySpecification:
    """What rolls releases out on AWS.

    Attributes:
        names: physical names.
        image: that builds run in, by digest.
        deployer_role_arn: of the role that builds run as: whoever deploys.
        alarm_topic_arn: SNS topic that is told of a rollout that halts; `None` tells nobody.
        access_logs: whether the releases' bucket keeps an access log.
        keys: who administers the key.
        protection: of releases and records.
        retention: of logs, and of replaced versions.
    """

    names: DeliveryNames
    image: str
    deployer_role_arn: str
    alarm_topic_arn: str | None
    access_logs: bool
    keys: KeyAdministration
    protection: Protection
    retention: Retention
