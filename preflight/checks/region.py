"""The region: enabled in the account, with the zones and the endpoints that the networks are laid out for."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.deployment import Deployment
from preflight.findings import Finding, stops

OPTED_OUT = "not-opted-in"


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find a region that is not enabled, zones that the account does not have, and endpoints that a zone lacks."""
    account = deployment.account
    regions = account.client("ec2").describe_regions(RegionNames=[account.region], AllRegions=True)["Regions"]
    if any(region.get("OptInStatus") == OPTED_OUT for region in regions):
        yield stops(
            f"{account.region} is not enabled in the account.",
            f"Enable it: aws account enable-region --region-name {account.region}",
        )
        return
    needed = zones(deployment)
    available = {
        zone["ZoneName"]
        for zone in account.pages(
            "ec2",
            "describe_availability_zones",
            "AvailabilityZones",
            Filters=[{"Name": "state", "Values": ["available"]}],
        )
        if zone.get("OptInStatus") != OPTED_OUT
    }
    if missing := sorted(needed - available):
        yield stops(
            f"the account has no {', '.join(missing)}; it has {', '.join(sorted(available))}.",
            "Choose from these with AVAILABILITY_ZONES.",
        )
    yield from _endpoints(deployment, needed & available)


def _endpoints(deployment: Deployment, needed: set[str]) -> Iterator[Finding]:
    services = sorted(
        {
            service
            for stack in deployment.stacks
            for service in stack.literals("aws_vpc_endpoint", "service_name")
        }
    )
    if not services:
        return
    answer = deployment.account.client("ec2").describe_vpc_endpoint_services(ServiceNames=services)
    offered = {
        detail["ServiceName"]: set(detail.get("AvailabilityZones", needed))
        for detail in answer.get("ServiceDetails", [])
    }
    for service in services:
        if service not in offered and service not in answer.get("ServiceNames", []):
            yield stops(f"the region has no endpoint {service}.", "Choose another region.")
        elif missing := sorted(needed - offered.get(service, needed)):
            yield stops(
                f"the endpoint {service} is not in {', '.join(missing)}.",
                "Choose other zones with AVAILABILITY_ZONES.",
            )


def seen(deployment: Deployment) -> str:
    """Say which region and zones are used."""
    return f"{deployment.account.region}, zones {', '.join(sorted(zones(deployment)))}"


def zones(deployment: Deployment) -> set[str]:
    """Return the zones of all subnets."""
    return {zone for stack in deployment.stacks for zone in stack.literals("aws_subnet", "availability_zone")}
