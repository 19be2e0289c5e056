"""The tenant's network: private, and out through its own endpoints only."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network
from typing import Any

from config.registry.tenants import InterfaceEndpoint
from constructs.silo.silo_network import SiloNetwork, SiloNetworkProps
from policies.grantee import PolicyDraft
from policies.statements import EVERYONE, Statement
from tenancy.addressing import silo_addresses
from tests.construct import SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

HTTPS = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}


@cache
def network(interface_endpoints: tuple[InterfaceEndpoint, ...] = ("events", "kms", "logs")) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = SiloNetworkProps(
            owner=SILO,
            account=around.account,
            addresses=silo_addresses(IPv4Network("172.16.4.0/22")),
            interface_endpoints=interface_endpoints,
        )
        created = SiloNetwork(around.stack, "network", props)
        admitted = PolicyDraft()
        passage = Statement(sid="Pass", actions=("s3:GetObject",), resources=("arn:x",), principal=EVERYONE)
        admitted.add_to_policy(passage)
        created.create_gateway("s3", admitted)

    return alone(build)


def in_vpc(body: dict[str, Any]) -> dict[str, Any]:
    """`body` without the VPC that it is in."""
    assert body.pop("vpc_id") == network().reference("aws_vpc", attribute="id")
    return body


def in_group(body: dict[str, Any]) -> dict[str, Any]:
    """A rule without the group that it is in."""
    assert body.pop("security_group_id") == network().reference("aws_security_group", attribute="id")
    return body


def subnets() -> list[str]:
    return [network().reference("aws_subnet", f"network_private_subnet_{z}", "id") for z in "ab"]


def test_the_vpc_has_the_registrys_block_and_name() -> None:
    vpc = network().one("aws_vpc")
    assert vpc["cidr_block"] == "172.16.4.0/22"
    assert vpc["tags"] == {"Name": "tenant-acme-corp-vpc-test"}


def test_two_private_subnets_in_two_zones() -> None:
    for index, zone in enumerate("ab"):
        assert in_vpc(network().one("aws_subnet", f"network_private_subnet_{zone}")) == {
            "availability_zone": f"eu-west-1{zone}",
            "cidr_block": f"172.16.{4 + index}.0/24",
            "map_public_ip_on_launch": False,
            "tags": {"Name": f"tenant-acme-corp-subnet-{index}-test"},
        }
    assert len(network().all("aws_subnet")) == 2


def test_nothing_routes_out_of_the_vpc() -> None:
    """No gateway, no peering, no route: the kinds of resources are these and no other."""
    assert set(network().document["resource"]) == {
        "aws_default_security_group",
        "aws_route_table",
        "aws_route_table_association",
        "aws_security_group",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_endpoint",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
    assert in_vpc(network().one("aws_route_table")) == {"tags": {"Name": "tenant-acme-corp-routes-test"}}
    table = network().reference("aws_route_table", attribute="id")
    assert [a["subnet_id"] for a in network().all("aws_route_table_association").values()] == subnets()
    assert {a["route_table_id"] for a in network().all("aws_route_table_association").values()} == {table}


def test_the_security_group_is_open_for_https_within_and_to_the_gateway_alone() -> None:
    stack = network()
    group = in_vpc(stack.one("aws_security_group"))
    assert group == {
        "name": "tenant-acme-corp-sg-test",
        "description": "Functions and interface endpoints of the tenant",
        "tags": {"Name": "tenant-acme-corp-sg-test"},
    }, "rules are resources of their own"
    within = {**HTTPS, "cidr_ipv4": "172.16.4.0/22"}
    (ingress,) = stack.all("aws_vpc_security_group_ingress_rule").values()
    assert in_group(ingress) == {**within, "description": "HTTPS from the VPC"}
    egress = [in_group(rule) for rule in stack.all("aws_vpc_security_group_egress_rule").values()]
    gateway = stack.reference("aws_vpc_endpoint", "network_s3", "prefix_list_id")
    assert egress == [
        {**HTTPS, "prefix_list_id": gateway, "description": "HTTPS to s3 through its gateway endpoint"},
        {**within, "description": "HTTPS to the VPC"},
    ]


def test_a_gateway_admits_what_it_was_told_and_nothing_else() -> None:
    stack = network()
    gateway = in_vpc(stack.one("aws_vpc_endpoint", "network_s3"))
    del gateway["policy"]
    assert gateway == {
        "service_name": "com.amazonaws.eu-west-1.s3",
        "vpc_endpoint_type": "Gateway",
        "route_table_ids": [stack.reference("aws_route_table", attribute="id")],
        "tags": {"Name": "tenant-acme-corp-endpoint-s3-test"},
    }
    assert list(stack.statements("aws_vpc_endpoint", "network_s3")) == ["Pass"]


def test_interface_endpoints_are_for_this_tenants_principals() -> None:
    stack = network()
    for service in ("events", "kms", "logs"):
        endpoint = in_vpc(stack.one("aws_vpc_endpoint", f"network_{service}"))
        del endpoint["policy"]
        assert endpoint == {
            "service_name": f"com.amazonaws.eu-west-1.{service}",
            "vpc_endpoint_type": "Interface",
            "private_dns_enabled": True,
            "subnet_ids": subnets(),
            "security_group_ids": [stack.reference("aws_security_group", attribute="id")],
            "tags": {"Name": f"tenant-acme-corp-endpoint-{service}-test"},
        }
        assert stack.statements("aws_vpc_endpoint", f"network_{service}") == {
            "PassOwnPrincipals": {
                "Sid": "PassOwnPrincipals",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"{service}:*"],
                "Resource": ["*"],
                "Condition": {
                    "StringEquals": {
                        "aws:PrincipalTag/TenantId": ["acme-corp"],
                        "aws:PrincipalAccount": [ACCOUNT],
                    }
                },
            }
        }


def test_interface_endpoints_are_optional() -> None:
    (only,) = network(()).all("aws_vpc_endpoint").values()
    assert only["vpc_endpoint_type"] == "Gateway"
