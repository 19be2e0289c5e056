"""The database: its engine's version, its instances' class, and who signs its certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from facts.authorities import PACKED_AUTHORITIES
from preflight.account import Account
from preflight.deployment import Deployment
from preflight.findings import Finding, stops


@dataclass(frozen=True, slots=True, order=True)
class InstanceRequirement:
    """What is asked for: engine, version and class of its instances."""

    engine: str
    version: str
    instance_class: str


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find what RDS does not offer here."""
    account, region = deployment.account, deployment.account.region
    for wanted in _wanted(deployment):
        # Asked for all and chosen here: the API does not say what it makes of a major version.
        offered = [
            version["EngineVersion"]
            for version in account.pages(
                "rds", "describe_db_engine_versions", "DBEngineVersions", Engine=wanted.engine
            )
            if _fits(version["EngineVersion"], wanted.version)
        ]
        if not offered:
            yield stops(
                f"{wanted.engine} {wanted.version} can no longer be created, or not yet in {region}.",
                f"List what can: aws rds describe-db-engine-versions --engine {wanted.engine}",
            )
        elif not any(_runs_on(account, wanted, version) for version in offered):
            yield stops(
                f"{wanted.engine} {wanted.version} does not run on {wanted.instance_class} in {region}.",
                "Choose another class (`environments.SUFFIX.database` in the registry), or another region.",
            )
    if _wanted(deployment) and region not in PACKED_AUTHORITIES.value:
        yield stops(
            f"the functions' bundle has no certificate authority of RDS in {region}.",
            "Choose another region for the platform.",
        )


def seen(deployment: Deployment) -> str:
    """Say what is asked for."""
    wanted = [f"{w.engine} {w.version} on {w.instance_class}" for w in _wanted(deployment)]
    return ", ".join(wanted) or "none is needed"


def _runs_on(account: Account, wanted: InstanceRequirement, version: str) -> bool:
    options = account.pages(
        "rds",
        "describe_orderable_db_instance_options",
        "OrderableDBInstanceOptions",
        Engine=wanted.engine,
        EngineVersion=version,
        DBInstanceClass=wanted.instance_class,
    )
    return any(options)


def _fits(offered: str, wanted: str) -> bool:
    """Tell whether an offered version is what was asked for, a major or a minor."""
    return offered == wanted or offered.startswith(f"{wanted}.")


def _wanted(deployment: Deployment) -> list[InstanceRequirement]:
    return sorted(
        {
            InstanceRequirement(cluster["engine"], cluster["engine_version"], instance["instance_class"])
            for stack in deployment.stacks
            for cluster in stack.all("aws_rds_cluster").values()
            for instance in stack.all("aws_rds_cluster_instance").values()
        }
    )
