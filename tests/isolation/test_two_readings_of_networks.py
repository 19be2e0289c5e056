"""Two readings of the same network agree: the prover's, and the evaluator's of one packet, host or reference."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isolation.catalogue.arguments.listed import LISTED
from isolation.catalogue.arguments.uses import Use
from isolation.catalogue.edges import ELSEWHERE
from isolation.catalogue.findings import INTERCEPTED_HOST, ROUTE, SECURITY_GROUP
from isolation.evaluator.documents import Documents, declared, owner_of
from isolation.evaluator.hosts import hosts_of, taken_by
from isolation.evaluator.packets import Packet, leads, passes
from isolation.evaluator.references import crossing
from isolation.inventory.edges import Edges
from isolation.inventory.reading import take_inventory
from isolation.network.network import Network
from isolation.network.path import NetworkPath
from isolation.reach.index import Index
from isolation.reach.prover import Prover
from isolation.synthesized.reading import build_stacks
from tests.isolation.test_two_readings import loaded_by

HOME: Final = "999999999999"
THOROUGH = settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TENANTS: Final = ("acme", "retail")
SUBNETS: Final = {"acme": "10.0.0.0/30", "retail": "10.0.0.4/30"}
BLOCKS: Final = [
    "10.0.0.0/29",
    "10.0.0.0/30",
    "10.0.0.4/31",
    "10.0.0.6/32",
    "10.0.0.1/32",
    "0.0.0.0/0",
    "10.1.0.0/16",
]
PORTS: Final = [(0, 65535), (443, 443), (80, 443), (81, 90)]
PROTOCOLS: Final = ["tcp", "udp", "6", "-1"]
Json = dict[str, Any]


def paths(documents: Documents) -> list[NetworkPath]:
    inventory = take_inventory(documents, HOME)
    return list(Network(inventory, Prover(), Index(inventory.targets)).paths())


def document(resources: Json) -> dict[str, Json]:
    return {"stack": {"provider": {"aws": [{"region": "us-east-1"}]}, "resource": resources}}


# Security groups


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, Json]:
    """A rule of one of four forms, of the group of either tenant: its type, and its arguments."""
    group, peer = draw(st.sampled_from(TENANTS)), draw(st.sampled_from(TENANTS))
    first, last = draw(st.sampled_from(PORTS))
    body: Json = {"from_port": first, "to_port": last}
    protocol = draw(st.sampled_from(PROTOCOLS))
    direction = draw(st.sampled_from(["ingress", "egress"]))
    by_group = draw(st.booleans())
    owned = {"security_group_id": f"${{aws_security_group.{group}.id}}"}
    match draw(st.sampled_from(["separate", "older", "inline"])):
        case "separate":
            body |= {"ip_protocol": protocol, **owned}
            body |= (
                {"referenced_security_group_id": f"${{aws_security_group.{peer}.id}}"}
                if by_group
                else {"cidr_ipv4": draw(st.sampled_from(BLOCKS))}
            )
            return f"aws_vpc_security_group_{direction}_rule", body
        case "older":
            body |= {"protocol": protocol, "type": direction, **owned}
            body |= (
                draw(
                    st.sampled_from(
                        [{"self": True}, {"source_security_group_id": f"${{aws_security_group.{peer}.id}}"}]
                    )
                )
                if by_group
                else {"cidr_blocks": draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2))}
            )
            return "aws_security_group_rule", body
    body |= {"protocol": protocol}
    body |= (
        draw(st.sampled_from([{"self": True}, {"security_groups": [f"${{aws_security_group.{peer}.id}}"]}]))
        if by_group
        else {"cidr_blocks": draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2))}
    )
    return f"{group} {direction}", body


@st.composite
def shared_networks(draw: st.DrawFn) -> dict[str, Json]:
    """A function of each of two tenants in one VPC, with a few rules."""
    resources: Json = {"aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16"}}}
    for tenant in TENANTS:
        tags = {"TenantId": tenant}
        vpc = "${aws_vpc.vpc.id}"
        resources.setdefault("aws_subnet", {})[tenant] = {"vpc_id": vpc, "cidr_block": SUBNETS[tenant]}
        resources.setdefault("aws_security_group", {})[tenant] = {"vpc_id": vpc, "tags": tags}
        place = {
            "subnet_ids": [f"${{aws_subnet.{tenant}.id}}"],
            "security_group_ids": [f"${{aws_security_group.{tenant}.id}}"],
        }
        body = {"function_name": tenant, "vpc_config": [place], "tags": tags}
        resources.setdefault("aws_lambda_function", {})[tenant] = body
    for number, (where, rule) in enumerate(draw(st.lists(rules(), min_size=1, max_size=5))):
        if " " in where:
            tenant, direction = where.split()
            resources["aws_security_group"][tenant].setdefault(direction, []).append(rule)
        else:
            resources.setdefault(where, {})[f"rule_{number}"] = rule
    return document(resources)


def packets(sender: str, receiver: str) -> Iterator[Packet]:
    """Every packet from one tenant's subnet to another's that some rule may tell from the others."""
    for source, destination in product(*(IPv4Network(SUBNETS[tenant]) for tenant in (sender, receiver))):
        for protocol, port in product(("tcp", "udp"), (0, 79, 80, 81, 85, 91, 443, 444)):
            yield Packet(source, destination, protocol, port)


@THOROUGH
@given(shared_networks())
def test_security_groups_are_read_alike(documents: dict[str, Json]) -> None:
    found = {
        (path.attacker, path.owner): path.certain
        for path in paths(documents)
        if path.finding is SECURITY_GROUP and path.attacker in TENANTS
    }
    functions = {one.name: one for one in declared(documents, "aws_lambda_function")}
    for sender, receiver in product(TENANTS, repeat=2):
        if sender == receiver:
            continue
        passed = any(
            passes(documents, packet, functions[sender], functions[receiver])
            for packet in packets(sender, receiver)
        )
        assert found.get((sender, receiver), False) == passed, (sender, receiver)


# Routes


@st.composite
def peered_networks(draw: st.DrawFn) -> dict[str, Json]:
    """Two tenants' VPCs, a connection between them, and routes of the one."""
    blocks = draw(
        st.lists(st.sampled_from(["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/15"]), min_size=2, max_size=2)
    )
    resources: Json = {"aws_vpc": {}, "aws_vpc_peering_connection": {}}
    for tenant, block in zip(TENANTS, blocks, strict=True):
        resources["aws_vpc"][tenant] = {"cidr_block": block, "tags": {"TenantId": tenant}}
    sides = {"vpc_id": "${aws_vpc.acme.id}", "peer_vpc_id": "${aws_vpc.retail.id}"}
    resources["aws_vpc_peering_connection"]["both"] = {**sides, "tags": {"TenantId": "acme"}}
    to = {"vpc_peering_connection_id": "${aws_vpc_peering_connection.both.id}"}
    table: Json = {"vpc_id": "${aws_vpc.acme.id}", "tags": {"TenantId": "acme"}}
    for number in range(draw(st.integers(0, 2))):
        block = draw(
            st.sampled_from(["10.0.0.0/24", "10.1.5.0/24", "10.3.0.0/16", "0.0.0.0/0", "192.168.0.0/16"])
        )
        if draw(st.booleans()):
            table.setdefault("route", []).append({"cidr_block": block, **to})
        else:
            own = {"route_table_id": "${aws_route_table.acme.id}", "destination_cidr_block": block}
            resources.setdefault("aws_route", {})[f"route_{number}"] = {
                **own,
                **to,
                "tags": {"TenantId": "acme"},
            }
    resources["aws_route_table"] = {"acme": table}
    return document(resources)


@THOROUGH
@given(peered_networks())
def test_routes_are_read_alike(documents: dict[str, Json]) -> None:
    found = any(
        path.certain and (path.attacker, path.owner) == TENANTS
        for path in paths(documents)
        if path.finding is ROUTE
    )
    (table,) = declared(documents, "aws_route_table")
    there = IPv4Network(documents["stack"]["resource"]["aws_vpc"]["retail"]["cidr_block"])
    # The first address of each block that is written: two blocks meet in one of them, or not at all.
    starts = [there[0], *map(IPv4Address, ("10.0.0.0", "10.1.5.0", "10.3.0.0", "192.168.0.0"))]
    assert found == any(address in there and leads(documents, table, address) for address in starts)


# Hosts

HOSTS: Final = ["a.x", "b.x", "A.X", "*.x", "?.x", "a.*", "*", "ab.x", "a?.x"]
REQUESTED: Final = ["a.x", "b.x", "ab.x", "a.b.x", "a.y", "c", "ac.x", "a..x", "x"]


@st.composite
def listeners(draw: st.DrawFn) -> dict[str, Json]:
    """The rules of one listener, of two tenants."""
    count = draw(st.integers(1, 4))
    priorities = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count, unique=True))
    body = {
        f"rule_{number}": {
            "listener_arn": "${aws_lb_listener.one.arn}",
            "priority": priority,
            "condition": [
                {"host_header": {"values": draw(st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2))}}
            ],
            "tags": {"TenantId": draw(st.sampled_from(TENANTS))},
        }
        for number, priority in enumerate(priorities)
    }
    return document({"aws_lb_listener": {"one": {"load_balancer_arn": "x"}}, "aws_lb_listener_rule": body})


@THOROUGH
@given(listeners())
def test_no_request_goes_to_another_than_the_prover_says(documents: dict[str, Json]) -> None:
    found = {(path.attacker, path.owner) for path in paths(documents) if path.finding is INTERCEPTED_HOST}
    for host in REQUESTED:
        first = taken_by(documents, "${aws_lb_listener.one.arn}", host)
        for rule in declared(documents, "aws_lb_listener_rule"):
            alone = {"stack": {"resource": {"aws_lb_listener_rule": {rule.name: rule.body}}}}
            meant = taken_by(alone, "${aws_lb_listener.one.arn}", host) is not None
            if first is not None and meant:
                taker, owner = owner_of(documents, first), owner_of(documents, rule)
                assert taker == owner or (taker, owner) in found, (host, list(hosts_of(rule)))


@THOROUGH
@given(listeners())
def test_what_the_prover_says_of_hosts_some_request_shows(documents: dict[str, Json]) -> None:
    """Or another rule, of whomever, takes it even before: then nobody's request shows it."""
    found = {(path.attacker, path.owner) for path in paths(documents) if path.finding is INTERCEPTED_HOST}
    rules_of = list(declared(documents, "aws_lb_listener_rule"))
    for attacker, owner in found:
        pairs = [
            (first, second)
            for first, second in product(rules_of, repeat=2)
            if (owner_of(documents, first), owner_of(documents, second)) == (attacker, owner)
            and first.body["priority"] < second.body["priority"]
        ]
        assert any(
            taken_by(two, "${aws_lb_listener.one.arn}", host) == first
            and taken_by(alone, "${aws_lb_listener.one.arn}", host) is not None
            for first, second in pairs
            for two, alone in [(only(first, second), only(second))]
            for host in REQUESTED
        )


def only(*kept: Any) -> dict[str, Json]:
    return {"stack": {"resource": {"aws_lb_listener_rule": {one.name: one.body for one in kept}}}}


# References

UNREAD: Final = {"//", "depends_on", "lifecycle.postcondition", "lifecycle.precondition"}
"""What Terraform alone reads."""


def places() -> list[tuple[str, str]]:
    """Every argument of every type, apart from policies and from what grants and networks judge themselves."""
    return [
        (type_, path)
        for type_, uses in LISTED.items()
        for path, use in uses.items()
        if path not in UNREAD
        and use is not Use.POLICY
        and not (type_ in ELSEWHERE and use in {Use.READ, Use.PART})
        and not path.startswith(("tags", "lifecycle"))
    ]


@pytest.mark.parametrize("type_", sorted({type_ for type_, _ in places()}))
def test_every_reference_to_anothers_is_an_edge_or_a_gap(type_: str) -> None:
    for path in (path for of, path in places() if of == type_):
        body: Any = "${aws_sns_topic.other.arn}"
        for name in reversed(path.split(".")):
            body = {name: body}
        named = {"one": {**body, "tags": {"TenantId": "acme"}}}
        other = {"name": "other", "tags": {"TenantId": "retail"}}
        resources: Json = {type_: named, "aws_sns_topic": {"other": other}}
        if type_ == "aws_sns_topic":
            resources[type_] = {**named, "other": other}
        documents = document(resources)
        (seen,) = crossing(documents)
        edges = Edges(build_stacks(documents, HOME))
        told = [*(edge.story for edge in edges.found), *(text for _, text in edges.gaps)]
        assert any(seen[0].address in text and seen[2].address in text for text in told), path


def test_the_evaluator_shares_nothing_with_what_it_checks() -> None:
    for module in ("packets", "hosts", "references"):
        loaded = loaded_by(f"isolation.evaluator.{module}") - {"isolation"}
        assert {name for name in loaded if not name.startswith("isolation.evaluator")} == set()
