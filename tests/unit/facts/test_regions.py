"""Regions: compared with the lists that AWS's SDK for Python carries."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import botocore
import pytest

from facts.regions import REGIONS

PARTITIONS = {
    partition["partition"]: partition
    for partition in json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text())[
        "partitions"
    ]
}
SERVICES = (
    "acm",
    "api.ecr",
    "apigateway",
    "application-autoscaling",
    "cognito-idp",
    "dynamodb",
    "ecs",
    "elasticloadbalancing",
    "events",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "pi",
    "rds",
    "s3",
    "secretsmanager",
    "sqs",
    "wafv2",
    "xray",
)
"""Services that the stacks use and that have an endpoint per region."""


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_all_regions_of_the_supported_partitions_are_known(partition: str) -> None:
    known = {name for name, region in REGIONS.value.items() if region.partition == partition}
    assert known == set(boto3.session.Session().get_available_regions("ec2", partition_name=partition))


def test_no_other_partition_is_supported() -> None:
    assert {region.partition for region in REGIONS.value.values()} == {"aws", "aws-us-gov"}


@pytest.mark.parametrize("name", REGIONS.value)
def test_a_region_has_every_service(name: str) -> None:
    services = PARTITIONS[REGIONS.value[name].partition]["services"]
    assert {service for service in SERVICES if name not in services[service]["endpoints"]} == set()


def test_china_lacks_what_a_silo_needs() -> None:
    """Why it is not supported; and that the test above can fail."""
    assert "cognito-idp" not in PARTITIONS["aws-cn"]["services"]


def test_a_region_has_three_zones_or_someone_must_look() -> None:
    for name, region in REGIONS.value.items():
        assert region.name == name
        assert list(region.zones) == sorted(set(region.zones)), name
        assert (len(region.zones) >= 3) is not region.zones_differ, name


def test_the_zones_that_stacks_are_in_by_default_are_kept() -> None:
    """A region whose letters change here would have its subnets replaced wherever stacks are deployed to it."""
    unusual = {name: region.zones[:3] for name, region in REGIONS.value.items() if region.zones[:3] != "abc"}
    assert unusual == {"ap-northeast-1": "acd", "ca-central-1": "abd", "us-west-1": ""}


def test_opt_in_regions_are_those_since_march_2019() -> None:
    opt_in = {name for name, region in REGIONS.value.items() if region.opt_in}
    assert {"af-south-1", "ap-east-1", "ap-southeast-3", "eu-south-2", "il-central-1"} <= opt_in
    assert not {"ap-northeast-3", "eu-north-1", "us-east-1", "us-gov-west-1"} & opt_in
    assert len(opt_in) == 17
