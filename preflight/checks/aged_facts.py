"""What this code believes of AWS, against what the account says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from facts.engines import CREATABLE, ENGINE, MAJOR
from facts.quotas import QUOTAS
from facts.regions import REGIONS
from facts.runtimes import RUNTIME
from preflight.account import code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops, warns

UPDATE = "Update it there, with its source and today's date."


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find facts that have aged."""
    yield from _regions(deployment)
    yield from _engine(deployment)
    yield from _quotas(deployment)
    yield from _runtime()


def _regions(deployment: Deployment) -> Iterator[Finding]:
    found = deployment.account.client("ec2").describe_regions(AllRegions=True)["Regions"]
    if missing := sorted({region["RegionName"] for region in found} - set(REGIONS.value)):
        yield warns(f"facts/regions.py ({REGIONS.checked}) does not know {', '.join(missing)}.", UPDATE)


def _engine(deployment: Deployment) -> Iterator[Finding]:
    if not any(stack.count("aws_rds_cluster") for stack in deployment.stacks):
        return
    offered = {
        version["EngineVersion"]
        for version in deployment.account.pages(
            "rds", "describe_db_engine_versions", "DBEngineVersions", Engine=ENGINE
        )
        if version["EngineVersion"].split(".")[0] == MAJOR
    }
    believed = set(CREATABLE.value[MAJOR])
    if offered and offered != believed:
        differences = [f"+{minor}" for minor in sorted(offered - believed)]
        differences += [f"-{minor}" for minor in sorted(believed - offered)]
        yield warns(
            f"facts/engines.py ({CREATABLE.checked}) differs for {ENGINE} {MAJOR}: {' '.join(differences)}.",
            UPDATE,
        )


def _quotas(deployment: Deployment) -> Iterator[Finding]:
    client, region = deployment.account.client("service-quotas"), deployment.account.region
    for name, fact in QUOTAS.items():
        quota = fact.value
        if quota.code is None:
            continue
        try:
            answer = client.get_aws_default_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
        except ClientError as error:
            if code_of(error) != "NoSuchResourceException":
                raise
            continue
        value = int(answer["Quota"]["Value"])
        if value not in {quota.value(region), quota.new_account}:
            yield warns(
                f"facts/quotas.py ({fact.checked}) says {quota.value(region)} {name}, AWS's default is {value}.",
                UPDATE,
            )


def _runtime() -> Iterator[Finding]:
    runtime, today = RUNTIME.value, datetime.now(UTC).date()
    if today >= runtime.no_new_functions:
        yield stops(
            f"Lambda creates no functions with {runtime.name} since {runtime.no_new_functions}.",
            "Move to a newer release.",
        )
    elif today >= runtime.deprecated:
        yield warns(f"Lambda deprecated {runtime.name} on {runtime.deprecated}.", "Move to a newer release.")


def seen(deployment: Deployment) -> str:
    """Say what was compared."""
    return f"regions, {ENGINE} {MAJOR}, default quotas and {RUNTIME.value.name} are as {deployment.account.region} says"
