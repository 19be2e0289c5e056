"""Reads the rules of security groups: inline blocks and separate resources, for both families of addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

from isolation.catalogue.network import PROTOCOLS, WITH_PORTS
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.json_blocks import as_blocks, as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

EVERYWHERE: Final = IPv4Network("0.0.0.0/0")
EVERYWHERE_V6: Final = IPv6Network("::/0")
_ALL_PORTS: Final = (0, 65535)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a security group.

    Attributes:
        address: where it is declared.
        protocol: its name; `-1` for all.
        ports: the first and the last.
        blocks: the IPv4 blocks at the other end.
        blocks_v6: the IPv6 blocks at the other end.
        peers: the security groups at the other end.
        doubt: why it may admit anybody; empty if it is known whom it admits.
    """

    address: str
    protocol: str
    ports: tuple[int, int]
    blocks: tuple[IPv4Network, ...]
    blocks_v6: tuple[IPv6Network, ...]
    peers: frozenset[str]
    doubt: str = ""


class PrefixLists:
    """The address blocks of the prefix lists that the stacks declare."""

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self._blocks: dict[str, list[str]] = {}
        for stack in stacks:
            for found in stack.all("aws_ec2_managed_prefix_list"):
                self._blocks[found.symbol] = [
                    stack.text(entry.get("cidr", "")) for entry in as_blocks(found.body.get("entry"))
                ]
                if "dynamic" in found.body:
                    self._blocks[found.symbol].append("unknown")
        for stack in stacks:
            for entry in stack.all("aws_ec2_managed_prefix_list_entry"):
                name = stack.text(entry.body.get("prefix_list_id", ""))
                # An entry for a list that is not known may belong to any.
                for known in [name] if name in self._blocks else list(self._blocks):
                    self._blocks[known].append(stack.text(entry.body.get("cidr", "")))

    def blocks(self, name: str) -> list[str] | None:
        """Return the address blocks of a prefix list; `None` if they are not known.

        The prefix list of a gateway endpoint holds addresses of AWS, where no tenant is.
        """
        return [] if name.endswith(".prefix_list_id⟧") else self._blocks.get(name)


def rule_of(
    stack: SynthesizedStack,
    source: SynthesizedResource,
    body: Mapping[str, Any],
    peers: frozenset[str],
    lists: PrefixLists,
) -> Rule:
    """Return the rule that the arguments `body` of `source` write.

    Args:
        stack: the stack that declares it.
        source: the resource that declares it.
        body: its arguments.
        peers: the security groups that it names; one that is empty is not known.
        lists: the prefix lists of all stacks.
    """
    texts = [
        stack.text(text)
        for name in ("cidr_ipv4", "cidr_blocks", "cidr_ipv6", "ipv6_cidr_blocks")
        for text in as_list(body.get(name))
        if text is not None
    ]
    doubtful = "" in peers
    for name in ("prefix_list_id", "prefix_list_ids"):
        for text in as_list(body.get(name)):
            found = lists.blocks(stack.text(text))
            doubtful |= found is None
            texts += found or []
    blocks = [block_of(text) for text in texts]
    blocks_v6 = [block_v6_of(text) for text in texts]
    doubtful |= any(v4 is None and v6 is None for v4, v6 in zip(blocks, blocks_v6, strict=True))
    protocol = stack.text(str(body.get("ip_protocol", body.get("protocol", "-1")))).lower()
    protocol = "-1" if OPAQUE in protocol else PROTOCOLS.get(protocol, protocol)
    return Rule(
        address=source.address,
        protocol=protocol,
        ports=_ports(stack, body) if protocol in WITH_PORTS else _ALL_PORTS,
        blocks=tuple(block for block in blocks if block is not None),
        blocks_v6=tuple(block for block in blocks_v6 if block is not None),
        peers=peers - {""},
        doubt=f"{source.address}: whom it admits is not known" if doubtful else "",
    )


def written_peers(body: Mapping[str, Any]) -> Iterator[str]:
    """Return the arguments that name security groups at the other end, unresolved."""
    for name in ("referenced_security_group_id", "source_security_group_id", "security_groups"):
        yield from (text for text in as_list(body.get(name)) if isinstance(text, str) and text)


def block_of(text: str) -> IPv4Network | None:
    """Return the IPv4 block that `text` writes; `None` if it writes none."""
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None


def block_v6_of(text: str) -> IPv6Network | None:
    """Return the IPv6 block that `text` writes; `None` if it writes none."""
    try:
        return IPv6Network(text, strict=False)
    except ValueError:
        return None


def _ports(stack: SynthesizedStack, body: Mapping[str, Any]) -> tuple[int, int]:
    """Return the ports of a rule; what is no number is as wide as it may be."""
    first, last = (_number(stack, body.get(name)) for name in ("from_port", "to_port"))
    return (
        _ALL_PORTS[0] if first is None or first < 0 else first,
        _ALL_PORTS[1] if last is None or last < 0 else last,
    )


def _number(stack: SynthesizedStack, value: object) -> int | None:
    try:
        return int(stack.text(str(value)))
    except ValueError:
        return None
