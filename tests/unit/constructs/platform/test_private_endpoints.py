"""The platform's VPC endpoints: for this account's principals and resources."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from constructs.platform.private_endpoints import PrivateEndpoints, PrivateEndpointsProps
from tests.construct import ADDRESSES, PLATFORM, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

OWN = {"aws:PrincipalAccount": [ACCOUNT]}
OWN_AND_KEPT = {**OWN, "aws:ResourceAccount": [ACCOUNT]}


@cache
def endpoints(*, other_registries: bool = False, traces: bool = False) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = PrivateEndpointsProps(
            names=PLATFORM,
            account=around.account,
            network=around.network,
            block=ADDRESSES.block,
            other_registries=other_registries,
            traces=traces,
        )
        PrivateEndpoints(around.stack, "endpoints", props)

    return alone(build)


def endpoint(role: str) -> dict[str, Any]:
    """An endpoint without its policy and the VPC that it is in."""
    body = endpoints().one("aws_vpc_endpoint", f"endpoints_{role}_endpoint")
    assert body.pop("policy")
    assert body.pop("vpc_id") == endpoints().reference("aws_vpc", attribute="id")
    return body


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_s3_and_dynamodb_are_reached_through_gateways(service: str) -> None:
    tables = [
        endpoints().reference("aws_route_table", f"network_private_routes_{zone}", "id") for zone in "ab"
    ]
    assert endpoint(service) == {
        "service_name": f"com.amazonaws.eu-west-1.{service}",
        "vpc_endpoint_type": "Gateway",
        "route_table_ids": tables,
        "tags": {"Name": f"shared-platform-endpoint-{service}-test"},
    }


@pytest.mark.parametrize("service", ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager"])
def test_other_services_are_reached_through_private_addresses(service: str) -> None:
    subnets = [endpoints().reference("aws_subnet", f"network_private_subnet_{zone}", "id") for zone in "ab"]
    assert endpoint(service.replace(".", "_")) == {
        "service_name": f"com.amazonaws.eu-west-1.{service}",
        "vpc_endpoint_type": "Interface",
        "subnet_ids": subnets,
        "security_group_ids": [endpoints().reference("aws_security_group", "endpoints", "id")],
        "private_dns_enabled": True,
        "tags": {"Name": f"shared-platform-endpoint-{service}-test"},
    }


def test_there_are_no_other_endpoints() -> None:
    assert len(endpoints().all("aws_vpc_endpoint")) == 7


def test_they_answer_the_vpc_alone() -> None:
    stack = endpoints()
    assert stack.one("aws_security_group", "endpoints") == {
        "name": "shared-platform-endpoints-sg-test",
        "description": "Interface endpoints of the platform",
        "vpc_id": stack.reference("aws_vpc", attribute="id"),
        "tags": {"Name": "shared-platform-endpoints-sg-test"},
    }
    assert stack.one("aws_vpc_security_group_ingress_rule") == {
        "security_group_id": stack.reference("aws_security_group", "endpoints", "id"),
        "description": "HTTPS from the VPC",
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "cidr_ipv4": "10.0.0.0/16",
    }


@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("s3", OWN_AND_KEPT),
        ("dynamodb", OWN_AND_KEPT),
        ("kms", OWN_AND_KEPT),
        ("logs", OWN_AND_KEPT),
        ("secretsmanager", OWN_AND_KEPT),
        ("ecr.api", OWN),
        ("ecr.dkr", OWN),
    ],
)
def test_own_principals_reach_own_resources_and_anybodys_images(
    service: str, condition: dict[str, list[str]]
) -> None:
    statements = endpoints().statements("aws_vpc_endpoint", f"endpoints_{service.replace('.', '_')}_endpoint")
    assert set(statements) == {"PassOwnAccount"} | ({"PassImageLayers"} if service == "s3" else set())
    assert statements["PassOwnAccount"] == {
        "Sid": "PassOwnAccount",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"{service.split('.', maxsplit=1)[0]}:*"],
        "Resource": ["*"],
        "Condition": {"StringEquals": condition},
    }


def test_images_layers_come_through_the_gateway_too() -> None:
    """They lie in a bucket of AWS's: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html."""
    assert endpoints().statements("aws_vpc_endpoint", "endpoints_s3")["PassImageLayers"] == {
        "Sid": "PassImageLayers",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"],
    }


def test_public_registries_layers_come_through_the_gateway_and_nothing_goes_out_by_it() -> None:
    """Their buckets' URLs are signed by their own principals, which are of no account that is known here."""
    stack = endpoints(other_registries=True)
    assert stack.statements("aws_vpc_endpoint", "endpoints_s3")["ReadObjectsOfOtherAccounts"] == {
        "Sid": "ReadObjectsOfOtherAccounts",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["s3:GetObject"],
        "Resource": ["*"],
        "Condition": {"StringNotEquals": {"aws:ResourceAccount": [ACCOUNT]}},
    }
    others = [role for role in stack.all("aws_vpc_endpoint") if not role.startswith("endpoints_s3")]
    assert len(others) == 6
    for role in others:
        assert "ReadObjectsOfOtherAccounts" not in stack.statements("aws_vpc_endpoint", role)


def test_traces_have_an_endpoint_where_tasks_send_them_and_leave_the_account_for_nobody() -> None:
    stack, role = endpoints(traces=True), "endpoints_xray_endpoint"
    assert len(stack.all("aws_vpc_endpoint")) == 8
    assert stack.one("aws_vpc_endpoint", role)["service_name"] == "com.amazonaws.eu-west-1.xray"
    passed = stack.statements("aws_vpc_endpoint", role)["PassOwnAccount"]
    assert (passed["Action"], passed["Condition"]) == (["xray:*"], {"StringEquals": OWN})
