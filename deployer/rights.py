"""Rights as typed values: which actions, on which resources, under which conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from deployer.place import Place
from policies.statements import Condition

EVERYTHING: Final = ("*",)
"""The resource of actions that AWS checks on no resource, and of lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Actions on resources.

    Attributes:
        actions: such as `s3:CreateBucket`; no pattern.
        resources: ARNs or patterns of them, or `*`.
        conditions: all must hold.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = EVERYTHING
    conditions: tuple[Condition, ...] = ()


Row = Callable[[Place], tuple[Right, ...]]
"""What one Terraform type needs in a place."""
Table = Mapping[str, Row]
"""Rows by Terraform type."""


def in_region(place: Place) -> Condition:
    """Return the condition that the request goes to the place's region.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
    """
    return Condition(operator="StringEquals", key="aws:RequestedRegion", values=(place.region,))


def made_for(place: Place) -> Condition:
    """Return the condition that what is created gets the environment's tag."""
    return Condition(operator="StringEquals", key="aws:RequestTag/Environment", values=(place.suffix,))


def belonging_to(place: Place) -> Condition:
    """Return the condition that what is changed has the environment's tag."""
    return Condition(operator="StringEquals", key="aws:ResourceTag/Environment", values=(place.suffix,))


def passed_to(service: str) -> Condition:
    """Return the condition that a role is passed to `service` (`lambda.amazonaws.com`).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
    """
    return Condition(operator="StringEquals", key="iam:PassedToService", values=(service,))
