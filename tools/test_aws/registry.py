"""The tenants that are deployed to an account for the tests, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fleet.synthesized import SynthesizedStack

SILOS: Final = ("acme", "acme-eu")
"""One tenant's id begins like the other's: no pattern may take the one for the other."""
PLATFORM_TENANT: Final = "globex"
IMAGE: Final = "public.ecr.aws/nginx/nginx:stable"

HOURLY: Final[Mapping[str, float]] = {
    "aws_ecs_service": 0.099,
    "aws_eip": 0.005,
    "aws_kms_key": 0.0014,
    "aws_lb": 0.031,
    "aws_nat_gateway": 0.045,
    "aws_rds_cluster_instance": 0.082,
    "aws_secretsmanager_secret": 0.0006,
}
"""US dollars per hour and resource, list prices of us-east-1 as of 2026-11-27 (https://aws.amazon.com/pricing/): two
Fargate tasks of 1 vCPU and 2 GB for a service, one capacity unit for a load balancer. What is paid by use is cents."""
INTERFACE_ENDPOINT_HOURLY: Final = 0.01
"""US dollars per hour, interface endpoint and zone (https://aws.amazon.com/privatelink/pricing/)."""


def registry(*, platform: bool, image: str = IMAGE) -> dict[str, Any]:
    """Return the registry: two silos, and with `platform` one Fargate tenant that runs `image`."""
    tenants: dict[str, Any] = {
        tenant: {"silo": {"cidr": f"10.{200 + number}.0.0/22", "reserved_concurrency": None}}
        for number, tenant in enumerate(SILOS)
    }
    found: dict[str, Any] = {"created_at": "2026-01-01T00:00:00Z", "tenants": tenants}
    if platform:
        tenants[PLATFORM_TENANT] = {"fargate": {"listener_priority": 1, "image": image}}
        found["platform"] = {"cidr": "10.196.0.0/16"}
    return found


def hourly_cost(stacks: Iterable[SynthesizedStack]) -> float:
    """Return what `stacks` cost while they stand, in US dollars per hour, at the list prices of us-east-1."""
    total = 0.0
    for stack in stacks:
        total += sum(price * stack.count(kind) for kind, price in HOURLY.items())
        for endpoint in stack.all("aws_vpc_endpoint").values():
            total += INTERFACE_ENDPOINT_HOURLY * len(endpoint.get("subnet_ids", []))
    return total


def made(stacks: Iterable[SynthesizedStack]) -> Counter[str]:
    """Return how many resources of each type `stacks` have."""
    counts: Counter[str] = Counter()
    for stack in stacks:
        counts.update({kind: len(bodies) for kind, bodies in stack.resources.items()})
    return counts
