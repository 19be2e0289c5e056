"""What this code believes of AWS, against what the account says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from facts.authorities import AUTHORITIES, EXPIRED
from facts.engines import CREATABLE, ENGINE, MAJOR
from facts.instance_classes import INSTANCE_CLASSES
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
    if any(stack.count("aws_rds_cluster") for stack in deployment.stacks):
        minors = _minors(deployment)
        yield from _engine(minors)
        if minors:
            yield from _instance_classes(deployment, minors)
        yield from _authorities(deployment)
    yield from _quotas(deployment)
    yield from _runtime()


def _regions(deployment: Deployment) -> Iterator[Finding]:
    found = deployment.account.client("ec2").describe_regions(AllRegions=True)["Regions"]
    if missing := sorted({region["RegionName"] for region in found} - set(REGIONS.value)):
        yield warns(f"facts/regions.py ({REGIONS.checked}) does not know {', '.join(missing)}.", UPDATE)


def _minors(deployment: Deployment) -> set[str]:
    """Return the minor versions of the major that can be created here."""
    found = deployment.account.pages("rds", "describe_db_engine_versions", "DBEngineVersions", Engine=ENGINE)
    versions = {version["EngineVersion"] for version in found}
    return {version for version in versions if version.split(".")[0] == MAJOR}


def _engine(offered: set[str]) -> Iterator[Finding]:
    believed = set(CREATABLE.value[MAJOR])
    if offered and offered != believed:
        differences = [f"+{minor}" for minor in sorted(offered - believed)]
        differences += [f"-{minor}" for minor in sorted(believed - offered)]
        yield warns(
            f"facts/engines.py ({CREATABLE.checked}) differs for {ENGINE} {MAJOR}: {' '.join(differences)}.",
            UPDATE,
        )


def _instance_classes(deployment: Deployment, minors: set[str]) -> Iterator[Finding]:
    """Find classes that the settings accept and that the newest minor of the major does not run on here."""
    newest = max(minors, key=lambda minor: [int(part) for part in minor.split(".")])
    offered = {
        option["DBInstanceClass"]
        for option in deployment.account.pages(
            "rds",
            "describe_orderable_db_instance_options",
            "OrderableDBInstanceOptions",
            Engine=ENGINE,
            EngineVersion=newest,
        )
    }
    believed = {name: fact for name, fact in INSTANCE_CLASSES.items() if MAJOR in fact.value.majors}
    if missing := sorted(believed.keys() - offered):
        checked = min(believed[name].checked for name in missing)
        yield warns(
            f"facts/instance_classes.py ({checked}) names {', '.join(missing)}, which {ENGINE} {newest} cannot be "
            f"ordered on in {deployment.account.region}.",
            UPDATE,
        )


def _authorities(deployment: Deployment) -> Iterator[Finding]:
    listed = {
        found["CertificateIdentifier"]
        for found in deployment.account.pages("rds", "describe_certificates", "Certificates")
    }
    if unknown := sorted(listed - AUTHORITIES.value - EXPIRED):
        yield warns(
            f"facts/authorities.py ({AUTHORITIES.checked}) does not know {', '.join(unknown)}: a database whose "
            "certificate it signs is trusted by no client.",
            f"{UPDATE} See that the bundle has its root (docs/decisions/0021-authorities-as-text.md).",
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
    what = f"regions, {ENGINE} {MAJOR}, its classes and authorities, default quotas and {RUNTIME.value.name}"
    return f"{what} are as {deployment.account.region} says"
