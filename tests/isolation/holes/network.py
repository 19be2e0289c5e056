"""Holes in routes, security groups and endpoint policies."""

from __future__ import annotations

from tests.isolation.holes.editing import PLATFORM, RETAIL, Documents, add, name_of, policy, resource
from tests.isolation.holes.hole import ANONYMOUS, A, G, Hole, R


def an_endpoint_without_policy(documents: Documents) -> None:
    del resource(documents, RETAIL, "aws_vpc_endpoint", "network_s3")["policy"]


def an_endpoint_for_all_buckets(documents: Documents) -> None:
    with policy(resource(documents, RETAIL, "aws_vpc_endpoint", "network_s3")) as statements:
        statements[0]["Resource"] = "arn:aws:s3:::tenant-*"


def a_peering_route(documents: Documents) -> None:
    vpc = "${aws_vpc." + name_of(documents, RETAIL, "aws_vpc") + ".id}"
    add(
        documents,
        RETAIL,
        "aws_vpc_peering_connection",
        "hole",
        {"vpc_id": vpc, "peer_vpc_id": "vpc-0123456789abcdef0"},
    )
    table = "${aws_route_table." + name_of(documents, RETAIL, "aws_route_table") + ".id}"
    body = {
        "route_table_id": table,
        "destination_cidr_block": "10.1.0.0/16",
        "vpc_peering_connection_id": "${aws_vpc_peering_connection.hole.id}",
    }
    add(documents, RETAIL, "aws_route", "hole", body)


def _group(documents: Documents, tenant: str) -> str:
    return (
        "${aws_security_group."
        + name_of(documents, PLATFORM, "aws_security_group", f"tenants_{tenant}")
        + ".id}"
    )


def the_security_group_of_another_tenant(documents: Documents) -> None:
    body = {
        "security_group_id": _group(documents, "acme-corp"),
        "referenced_security_group_id": _group(documents, "globex-inc"),
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
    }
    add(documents, PLATFORM, "aws_vpc_security_group_ingress_rule", "hole", body)


def a_task_in_another_tenants_group(documents: Documents) -> None:
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_globex-inc")
    service["network_configuration"]["security_groups"].append(_group(documents, "acme-corp"))


def the_private_subnets_are_let_in(documents: Documents) -> None:
    body = {
        "security_group_id": _group(documents, "acme-corp"),
        "cidr_ipv4": "10.0.0.0/16",
        "ip_protocol": "-1",
    }
    add(documents, PLATFORM, "aws_vpc_security_group_ingress_rule", "hole", body)


def a_task_on_the_internet(documents: Documents) -> None:
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_acme-corp")
    service["network_configuration"]["assign_public_ip"] = True
    the_private_subnets_are_let_in(documents)
    resource(documents, PLATFORM, "aws_vpc_security_group_ingress_rule", "hole")["cidr_ipv4"] = "0.0.0.0/0"


HOLES = [
    Hole(an_endpoint_without_policy, R, A, "network", "", "without a policy"),
    Hole(an_endpoint_for_all_buckets, R, A, "network", "", "#PassToOwnObjects"),
    Hole(a_peering_route, R, A, "network", "", "vpc_peering_connection_id"),
    Hole(the_security_group_of_another_tenant, G, A, "network", "", "tcp 80 from 10.0."),
    Hole(a_task_in_another_tenants_group, G, A, "network", "", "is a member of"),
    Hole(the_private_subnets_are_let_in, G, A, "network", "", "aws_vpc_security_group_ingress_rule.hole"),
    Hole(a_task_on_the_internet, ANONYMOUS, A, "network", "", "on the internet"),
]
