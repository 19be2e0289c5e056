"""The platform's network: each zone has its own way out."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from constructs.platform.shared_network import SharedNetwork
from tests.construct import Surroundings, alone
from tests.synthesis import StackDocument

ZONES = "ab"


@cache
def network() -> StackDocument:
    def build(around: Surroundings) -> SharedNetwork:
        around.output("way_out", ",".join(map(address, around.network.way_out)))
        return around.network

    return alone(build)


def address(resource: Any) -> str:
    return f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"


def of(kind: str, role: str) -> str:
    return network().reference(kind, f"network_{role}", "id")


def in_vpc(kind: str, role: str) -> dict[str, Any]:
    body = network().one(kind, f"network_{role}")
    assert body.pop("vpc_id") == network().reference("aws_vpc", attribute="id")
    return body


INTERNET = ["aws_route", "network_public_default_route"]


def test_the_vpc_has_the_registrys_block() -> None:
    vpc = network().one("aws_vpc")
    assert (vpc["cidr_block"], vpc["tags"]) == ("10.0.0.0/16", {"Name": "shared-platform-vpc-test"})


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("tier", "first"), [("public", 1), ("private", 11)])
def test_a_public_and_a_private_subnet_in_each_zone(tier: str, first: int, zone: str) -> None:
    assert in_vpc("aws_subnet", f"{tier}_subnet_{zone}") == {
        "availability_zone": f"eu-west-1{zone}",
        "cidr_block": f"10.0.{first + ZONES.index(zone)}.0/24",
        "map_public_ip_on_launch": False,
        "tags": {"Name": f"shared-platform-{tier}-{zone}-test"},
    }


def test_the_public_subnets_go_out_through_the_internet_gateway() -> None:
    assert in_vpc("aws_internet_gateway", "") == {"tags": {"Name": "shared-platform-internet-test"}}
    assert in_vpc("aws_route_table", "public_routes") == {
        "tags": {"Name": "shared-platform-public-routes-test"}
    }
    assert network().one("aws_route", "network_public_default_route") == {
        "route_table_id": of("aws_route_table", "public_routes"),
        "destination_cidr_block": "0.0.0.0/0",
        "gateway_id": of("aws_internet_gateway", ""),
    }
    for zone in ZONES:
        assert network().one("aws_route_table_association", f"network_public_association_{zone}") == {
            "subnet_id": of("aws_subnet", f"public_subnet_{zone}"),
            "route_table_id": of("aws_route_table", "public_routes"),
        }


@pytest.mark.parametrize("zone", ZONES)
def test_each_private_subnet_goes_out_through_the_nat_gateway_of_its_own_zone(zone: str) -> None:
    stack = network()
    table = of("aws_route_table", f"private_routes_{zone}")
    assert in_vpc("aws_route_table", f"private_routes_{zone}") == {
        "tags": {"Name": f"shared-platform-private-{zone}-routes-test"}
    }
    assert stack.one("aws_route", f"network_private_default_route_{zone}") == {
        "route_table_id": table,
        "destination_cidr_block": "0.0.0.0/0",
        "nat_gateway_id": of("aws_nat_gateway", f"nat_gateway_{zone}"),
    }
    assert stack.one("aws_route_table_association", f"network_private_association_{zone}") == {
        "subnet_id": of("aws_subnet", f"private_subnet_{zone}"),
        "route_table_id": table,
    }


@pytest.mark.parametrize("zone", ZONES)
def test_a_nat_gateway_comes_after_the_way_to_the_internet(zone: str) -> None:
    stack = network()
    name, after = {"Name": f"shared-platform-nat-{zone}-test"}, [stack.address(*INTERNET)]
    assert stack.one("aws_eip", f"network_nat_address_{zone}") == {
        "domain": "vpc",
        "tags": name,
        "depends_on": after,
    }
    assert stack.one("aws_nat_gateway", f"network_nat_gateway_{zone}") == {
        "allocation_id": stack.reference("aws_eip", f"network_nat_address_{zone}", "allocation_id"),
        "subnet_id": of("aws_subnet", f"public_subnet_{zone}"),
        "tags": name,
        "depends_on": after,
    }


def test_the_addresses_of_routes_stay() -> None:
    """At another address a subnet would be without a way out until its new routes are there."""

    def ids(kind: str) -> set[str]:
        return {re.sub(r"_[0-9A-F]{8}$", "", name) for name in network().all(kind)}

    assert ids("aws_route_table") == {
        "network_public_routes",
        *(f"network_private_routes_{zone}" for zone in ZONES),
    }
    assert ids("aws_route_table_association") == {
        f"network_{kind}_association_{zone}" for kind in ("private", "public") for zone in ZONES
    }


def test_the_way_out_is_all_that_leads_to_the_internet() -> None:
    stack = network()
    assert stack.document["output"]["way_out"]["value"].split(",") == [
        stack.address(*INTERNET),
        *(
            found
            for zone in ZONES
            for found in (
                stack.address("aws_route", f"network_private_default_route_{zone}"),
                stack.address("aws_route_table_association", f"network_private_association_{zone}"),
            )
        ),
    ]
