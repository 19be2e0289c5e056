"""Stacks in every region that they can be deployed to: its zones, and no name of another region or partition."""

from __future__ import annotations

import json
import re

import pytest

from facts.regions import REGIONS
from tests.synthesis import ACCOUNT, PRODUCTION, TOPIC, SynthesizedStack, platform, silo, strings

SILOS = ("us-east-1", "ap-northeast-1", "ca-central-1", "il-central-1", "us-gov-west-1", "us-west-1")
PLATFORMS = ("us-east-1", "ap-northeast-1", "ca-central-1", "eu-south-2", "us-west-1")
"""One region of each kind: usual zones, others, none by default, launched after 2019, another partition."""
NAMED = {"us-west-1": "us-west-1a,us-west-1b,us-west-1c"}
GLOBAL_PRINCIPALS = {
    "apigateway.amazonaws.com",
    "backup.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "events.amazonaws.com",
    "kms.amazonaws.com",
    "lambda.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logging.s3.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
}
"""Service principals have the same names in GovCloud
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)."""


def administrator(region: str) -> str:
    return f"arn:{REGIONS.value[region].partition}:iam::123456789012:role/deployer"


def topic(region: str) -> str:
    return f"arn:{REGIONS.value[region].partition}:sns:{region}:{ACCOUNT}:{TOPIC}"


def variables(region: str) -> dict[str, str]:
    """A production environment there, which has all that a stack can have."""
    return {
        **PRODUCTION,
        "AWS_REGION": region,
        "AVAILABILITY_ZONES": NAMED.get(region, ""),
        "KEY_ADMINISTRATOR_ARNS": administrator(region),
    }


def assert_at_home(stack: SynthesizedStack, region: str) -> None:
    """Nothing in the stack names another partition, region or host than its own."""
    texts = [
        text.replace(administrator(region), "").replace(topic(region), "") for text in strings(stack.document)
    ]
    arns = {arn for text in texts for arn in re.findall(r"arn:[^\"\s]*", text)}
    assert arns
    assert {arn for arn in arns if not arn.startswith("arn:${data.aws_partition.")} == set()
    hosts = {host for text in texts for host in re.findall(r"[\w.-]+\.amazonaws\.com[\w.]*", text)}
    assert {host for host in hosts if not host.endswith(f".{region}.amazonaws.com")} <= GLOBAL_PRINCIPALS
    regions = {name for text in texts for name in re.findall(r"\b[a-z]{2}(?:-gov)?-[a-z]+-[1-9]", text)}
    assert regions == {region}


def zones(stack: SynthesizedStack, tier: str = "private") -> list[str]:
    subnets = stack.all("aws_subnet")
    return sorted(body["availability_zone"] for name, body in subnets.items() if f"_{tier}_subnet_" in name)


@pytest.mark.parametrize("region", SILOS)
def test_a_silo_is_at_home_in_its_region(region: str) -> None:
    stack = silo(**variables(region), interface_endpoints=["events", "kms", "logs"])
    assert_at_home(stack, region)
    letters = REGIONS.value[region].zones or "abc"
    assert zones(stack) == [f"{region}{letter}" for letter in letters[:2]]


@pytest.mark.parametrize("region", PLATFORMS)
def test_the_platform_is_at_home_in_its_region(region: str) -> None:
    stack = platform("acme", variables=variables(region))
    assert_at_home(stack, region)
    letters = REGIONS.value[region].zones or "abc"
    for tier in ("private", "public"):
        assert zones(stack, tier) == [f"{region}{letter}" for letter in letters[:3]]


def test_a_name_of_another_partition_or_region_is_noticed() -> None:
    """The two tests above can fail."""
    stack = silo(**variables("us-gov-west-1"))
    for foreign in ("arn:aws:s3:::bucket", "s3.us-east-1.amazonaws.com", "s3.amazonaws.com", "us-east-1"):
        changed = json.loads(json.dumps(stack.document))
        changed["output"]["foreign"] = {"value": foreign}
        with pytest.raises(AssertionError):
            assert_at_home(SynthesizedStack(stack.id, changed, stack.folder), "us-gov-west-1")
