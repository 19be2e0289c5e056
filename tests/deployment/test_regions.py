"""Stacks in regions that differ: without a zone b, opened after 2019, and in GovCloud's partition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from emulator.server import Emulator
from terraform.errors import TerraformError
from tests.attached_provider import Terraform
from tests.deployment.deploying import Deployment, as_deployer, at_once
from tests.synthesis import IMAGE, registry_with

pytestmark = pytest.mark.deployment

REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}})
PLATFORM = {
    "created_at": "2026-01-01T00:00:00Z",
    "platform": {},
    "tenants": {"acme": {"fargate": {"listener_priority": 1, "image": IMAGE}}},
}
ZONES = {
    "ap-northeast-1": ["ap-northeast-1a", "ap-northeast-1c"],
    "il-central-1": ["il-central-1a", "il-central-1b"],
    "us-gov-west-1": ["us-gov-west-1a", "us-gov-west-1b"],
}


def suffix(region: str) -> str:
    """Of an environment of its own: names of buckets and roles are the whole account's."""
    return region.replace("-", "")[:12]


def stack(region: str) -> str:
    return f"tenant-acme-{suffix(region)}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def deployments(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Deployment]]:
    folder = tmp_path_factory.mktemp("regions")
    with ExitStack() as runners:
        found = {
            region: Deployment(
                emulator=emulator,
                terraform=runners.enter_context(Terraform(as_deployer(emulator, suffix(region), region))),
                folder=folder / region,
            )
            for region in ZONES
        }
        for region, deployment in found.items():
            deployment.synthesize(REGISTRY, AWS_REGION=region, ENVIRONMENT_SUFFIX=suffix(region))
            deployment.root(stack(region)).init()
        at_once(lambda region: found[region].root(stack(region)).apply(), list(ZONES))
        yield found


@pytest.mark.parametrize("region", ZONES)
def test_a_second_plan_is_empty(deployments: dict[str, Deployment], region: str) -> None:
    plan = deployments[region].root(stack(region)).plan()
    assert plan.empty, str(plan)


@pytest.mark.parametrize("region", ZONES)
def test_subnets_are_in_zones_that_the_account_has(
    deployments: dict[str, Deployment], emulator: Emulator, region: str
) -> None:
    ec2 = emulator.client("ec2", region=region)
    subnets = ec2.describe_subnets(Filters=[{"Name": "tag:TenantId", "Values": ["acme"]}])["Subnets"]
    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == ZONES[region]


@pytest.mark.parametrize("region", ZONES)
def test_every_arn_is_of_the_regions_partition(deployments: dict[str, Deployment], region: str) -> None:
    state = deployments[region].state_file(stack(region)).read_text()
    partition = "aws-us-gov" if region.startswith("us-gov-") else "aws"
    assert set(re.findall(r"arn:([a-z-]+):", state)) == {partition}


def test_a_zone_that_the_account_lacks_is_refused_by_aws(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The local AWS would notice zones by letters that are the same everywhere."""
    variables = {
        "AWS_REGION": "ap-northeast-1",
        "AVAILABILITY_ZONES": "ap-northeast-1a,ap-northeast-1b",
        "ENVIRONMENT_SUFFIX": "letters",
    }
    with Terraform(as_deployer(emulator, "letters", "ap-northeast-1")) as terraform:
        deployment = Deployment(
            emulator=emulator, terraform=terraform, folder=tmp_path_factory.mktemp("letters")
        )
        deployment.synthesize(REGISTRY, **variables)
        root = deployment.root("tenant-acme-letters")
        root.init()
        (subnet,) = (change.address for change in root.plan().changes if "private_subnet_b" in change.address)
        with pytest.raises(TerraformError, match=r"availabilityZone is invalid"):
            root.apply(f"-target={subnet}")
        root.destroy()


def test_they_are_destroyed(deployments: dict[str, Deployment], emulator: Emulator) -> None:
    at_once(lambda region: deployments[region].root(stack(region)).destroy(), list(ZONES))
    for region in ZONES:
        vpcs = emulator.client("ec2", region=region).describe_vpcs()["Vpcs"]
        assert [vpc for vpc in vpcs if not vpc["IsDefault"]] == []


def test_the_platform_is_in_three_zones_without_a_b(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Terraform(as_deployer(emulator, "tokyo", "ap-northeast-1")) as terraform:
        folder = tmp_path_factory.mktemp("platform")
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployment.synthesize(PLATFORM, AWS_REGION="ap-northeast-1", ENVIRONMENT_SUFFIX="tokyo")
        deployment.apply("shared-platform-tokyo")
        (plan,) = deployment.plan("shared-platform-tokyo").values()
        assert plan.empty, str(plan)
        (cluster,) = emulator.client("rds", region="ap-northeast-1").describe_db_clusters()["DBClusters"]
        subnets = emulator.client("rds", region="ap-northeast-1").describe_db_subnet_groups(
            DBSubnetGroupName=cluster["DBSubnetGroup"]
        )["DBSubnetGroups"][0]["Subnets"]
        zones = sorted(subnet["SubnetAvailabilityZone"]["Name"] for subnet in subnets)
        assert zones == ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]
        deployment.destroy("shared-platform-tokyo")
