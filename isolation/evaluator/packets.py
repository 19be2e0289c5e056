"""Decides one packet by security groups and routes: a second reading of the network.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html,
https://docs.aws.amazon.com/vpc/latest/peering/peering-configurations-full-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network
from typing import Any, Final

from isolation.evaluator.documents import Declared, Documents, blocks, declared, referred, texts

_ALL: Final = "-1"
_NUMBERS: Final = {"6": "tcp", "17": "udp", "1": "icmp"}
_PEERS: Final = ("referenced_security_group_id", "security_groups", "source_security_group_id")
_BLOCKS: Final = ("cidr_blocks", "cidr_ipv4")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet between two network interfaces.

    Attributes:
        source: the address that it comes from.
        destination: the address that it goes to.
        protocol: `tcp` or `udp`.
        port: the port that it goes to.
    """

    source: IPv4Address
    destination: IPv4Address
    protocol: str
    port: int


def passes(documents: Documents, packet: Packet, sender: Declared, receiver: Declared) -> bool:
    """Decide whether the groups of `sender` let `packet` out and those of `receiver` let it in."""
    leaving, entering = (_groups(documents, one) for one in (sender, receiver))
    out = _some_rule(documents, leaving, "egress", packet, packet.destination, entering)
    return out and _some_rule(documents, entering, "ingress", packet, packet.source, leaving)


def leads(documents: Documents, table: Declared, destination: IPv4Address) -> bool:
    """Decide whether a route of `table` takes a packet for `destination` through a peering connection."""
    routes = [*blocks(table.body.get("route"))]
    routes += [
        route.body
        for route in declared(documents, "aws_route")
        if table in referred(documents, route.stack, route.body.get("route_table_id"))
    ]
    return any(
        route.get("vpc_peering_connection_id")
        and destination in ip_network(str(route.get("destination_cidr_block") or route.get("cidr_block")))
        for route in routes
    )


def _groups(documents: Documents, workload: Declared) -> list[Declared]:
    return [
        found
        for found in referred(documents, workload.stack, workload.body)
        if found.type == "aws_security_group"
    ]


def _some_rule(  # noqa: PLR0917 (a packet has two ends)
    documents: Documents,
    groups: list[Declared],
    direction: str,
    packet: Packet,
    end: IPv4Address,
    peers: list[Declared],
) -> bool:
    return any(
        _fits(rule, packet) and _names(documents, group, rule, end, peers)
        for group in groups
        for rule in _rules(documents, group, direction)
    )


def _rules(documents: Documents, group: Declared, direction: str) -> Iterator[Mapping[str, Any]]:
    yield from blocks(group.body.get(direction))
    separate = f"aws_vpc_security_group_{direction}_rule"
    for rule in declared(documents, separate, "aws_security_group_rule"):
        same = rule.type == separate or rule.body["type"] == direction
        if same and group in referred(documents, rule.stack, rule.body.get("security_group_id")):
            yield rule.body


def _fits(rule: Mapping[str, Any], packet: Packet) -> bool:
    """Whether the protocol and the port of `packet` are those of `rule`."""
    protocol = str(rule.get("ip_protocol", rule.get("protocol", _ALL)))
    protocol = _NUMBERS.get(protocol, protocol)
    if protocol in {_ALL, "all"}:
        return True
    return protocol == packet.protocol and int(rule["from_port"]) <= packet.port <= int(rule["to_port"])


def _names(
    documents: Documents, group: Declared, rule: Mapping[str, Any], end: IPv4Address, peers: list[Declared]
) -> bool:
    """Whether `rule` names the other end, by its address or by one of its groups."""
    if any(end in ip_network(text) for name in _BLOCKS for text in texts(rule.get(name))):
        return True
    named = [found for name in _PEERS for found in referred(documents, group.stack, rule.get(name))]
    return any(peer in named for peer in peers) or (rule.get("self") is True and group in peers)
