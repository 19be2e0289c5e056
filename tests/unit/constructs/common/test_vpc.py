"""A VPC in which nothing is open by default."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network

from constructs.common.vpc import (
    ANYWHERE,
    HTTP,
    HTTPS,
    ClosedVpc,
    ClosedVpcProps,
    NamedSecurityGroup,
    NamedSecurityGroupProps,
)
from tests.construct import Surroundings, alone
from tests.synthesis import StackDocument


@cache
def vpc() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = ClosedVpcProps(name="a-vpc", block=IPv4Network("172.16.4.0/22"))
        closed = ClosedVpc(around.stack, "vpc", props)
        tags = {"tenant_id": "acme-corp"}
        group = NamedSecurityGroupProps(name="a-group", description="What is in it", vpc=closed, tags=tags)
        NamedSecurityGroup(around.stack, "security_group", group)

    return alone(build)


def test_it_has_its_block_and_resolves_private_names() -> None:
    assert vpc().one("aws_vpc") == {
        "cidr_block": "172.16.4.0/22",
        "enable_dns_support": True,
        "enable_dns_hostnames": True,
        "tags": {"Name": "a-vpc"},
    }


def test_the_default_security_group_has_no_rule() -> None:
    """No `ingress` and no `egress`: whatever is put into the VPC without naming a group talks to nobody."""
    assert vpc().one("aws_default_security_group") == {"vpc_id": vpc().reference("aws_vpc", attribute="id")}


def test_a_named_group_has_no_rule_of_its_own() -> None:
    assert vpc().one("aws_security_group") == {
        "name": "a-group",
        "description": "What is in it",
        "vpc_id": vpc().reference("aws_vpc", attribute="id"),
        "tags": {"Name": "a-group", "tenant_id": "acme-corp"},
    }


def test_a_group_comes_after_what_outlives_it() -> None:
    def build(around: Surroundings) -> None:
        for resource in (around.subnet, around.key.resource):
            around.security_group.create_after(resource)

    stack = alone(build)
    expected = [stack.address("aws_subnet"), stack.address("aws_kms_key")]
    assert stack.one("aws_security_group")["depends_on"] == expected


def test_what_rules_call_by_name() -> None:
    assert (HTTP, HTTPS, ANYWHERE) == (80, 443, "0.0.0.0/0")
