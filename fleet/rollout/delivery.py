"""Where an environment rolls releases out on AWS: its bucket, its table and its state machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.formats import partition
from config.loading import load
from config.problems import ConfigurationError, Problem
from tenancy.names.delivery import DeliveryNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The delivery of an environment.

    Attributes:
        region: that it is in.
        bucket: name of the bucket of releases.
        table: name of the table of records.
        state_machine: ARN of the state machine.
        log: name of the log group of the builds.
    """

    region: str
    bucket: str
    table: str
    state_machine: str
    log: str


def declared_delivery(environment: Mapping[str, str], *, root: Path) -> Delivery | None:
    """Return the delivery of the environment that the variables name; `None` where the registry declares none.

    Args:
        environment: the variables.
        root: folder of the registry.

    Raises:
        ConfigurationError: variables or registry are not right.
    """
    settings, _ = load(environment, root=root)
    declared = settings.declared
    if declared is None or declared.delivery is None:
        return None
    names = DeliveryNames(suffix=settings.environment_suffix, account=declared.account)
    region = settings.region
    machine = f"arn:{partition(region)}:states:{region}:{declared.account}:stateMachine:{names.state_machine}"
    return Delivery(
        region=region,
        bucket=names.release_bucket,
        table=names.record_table,
        state_machine=machine,
        log=names.build_log_group,
    )


def delivery_of(environment: Mapping[str, str], *, root: Path) -> Delivery:
    """Return the delivery of the environment that the variables name.

    Args:
        environment: the variables.
        root: folder of the registry.

    Raises:
        ConfigurationError: variables or registry are not right, or the environment has no delivery.
    """
    found = declared_delivery(environment, root=root)
    if found is None:
        where = f"environment {load(environment, root=root)[0].environment_suffix}"
        expected = "'delivery' in its entry of the registry, and its stack deployed; or --engine processes"
        raise ConfigurationError([Problem(where=where, received="no delivery", expected=expected)])
    return found
