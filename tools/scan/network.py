"""Who may open a connection from the internet: the load balancer's clients, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any, Final

from tools.scan.findings import Finding
from tools.scan.stacks import ScannedStack

PUBLIC_PORTS: Final = frozenset({80, 443})
ADDRESSES: Final = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
WIDEST_BITS: Final = 8
"""Prefixes shorter than the largest private network, 10.0.0.0/8, hold addresses of the internet."""


def check(stack: ScannedStack) -> Iterator[Finding]:
    """Find security groups that are open to the internet, but for a load balancer's HTTP and HTTPS."""
    public = {
        group
        for body in stack.all("aws_lb").values()
        if not body.get("internal")
        for group in body.get("security_groups", ())
    }
    for name, group, rule in _ingress(stack):
        for block in _blocks(rule):
            if _is_wide(block) and not (group in public and _ports(rule) <= PUBLIC_PORTS):
                yield Finding(
                    check="INT-301",
                    address=name,
                    message=f"lets {block} in on {_shown(rule)}: only a public load balancer takes HTTP and HTTPS.",
                )


def _ingress(stack: ScannedStack) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Return address, group and arguments of each rule for what comes in."""
    for kind, argument in (
        ("aws_vpc_security_group_ingress_rule", "security_group_id"),
        ("aws_security_group_rule", "security_group_id"),
    ):
        for name, body in stack.all(kind).items():
            if body.get("type", "ingress") == "ingress":
                yield stack.address(kind, name), str(body.get(argument)), body
    for kind in ("aws_security_group", "aws_default_security_group"):
        for name, body in stack.all(kind).items():
            for rule in body.get("ingress", ()):
                yield stack.address(kind, name), f"${{{kind}.{name}.id}}", rule


def _blocks(rule: Mapping[str, Any]) -> Iterator[str]:
    for argument in ADDRESSES:
        value = rule.get(argument) or ()
        yield from [value] if isinstance(value, str) else value


def _is_wide(block: str) -> bool:
    """Tell whether `block` holds addresses of the internet; what is no block may be any."""
    try:
        return "${" not in block and ip_network(block, strict=False).prefixlen < WIDEST_BITS
    except ValueError:
        return True


def _ports(rule: Mapping[str, Any]) -> frozenset[int]:
    """Return the ports, or one that is never public for what is no range of TCP."""
    low, high = rule.get("from_port"), rule.get("to_port")
    protocol = rule.get("ip_protocol", rule.get("protocol"))
    if protocol not in {"tcp", "6"} or not isinstance(low, int) or not isinstance(high, int):
        return frozenset({-1})
    return frozenset(range(low, min(high, low + len(PUBLIC_PORTS) + 1) + 1))


def _shown(rule: Mapping[str, Any]) -> str:
    low, high = rule.get("from_port"), rule.get("to_port")
    if low is None or high is None:
        return "every port"
    return f"port {low}" if low == high else f"ports {low} to {high}"
