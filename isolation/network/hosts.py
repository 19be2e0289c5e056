"""Rules of a load balancer's listener: the first that matches takes the request, whoever's host it is for.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from isolation.network.path import NetworkPath
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.json_blocks import as_blocks, as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


@dataclass(frozen=True, slots=True)
class _Rule:
    """A listener's rule.

    Attributes:
        owner: whose it is.
        address: where it is declared.
        priority: its place; `None` where AWS chooses one.
        hosts: the host names that it asks for, in lower case; empty if it asks for none.
        more: it asks for something else too.
    """

    owner: str | None
    address: str
    priority: int | None
    hosts: tuple[str, ...]
    more: bool


def intercepted_hosts(stacks: list[SynthesizedStack]) -> Iterator[NetworkPath]:
    """Return the requests for one tenant's host that another's rule takes."""
    listeners: dict[str, list[_Rule]] = defaultdict(list)
    for stack in stacks:
        for resource in stack.all("aws_lb_listener_rule"):
            listeners[stack.text(resource.body.get("listener_arn", ""))].append(_rule(stack, resource))
    for rules in listeners.values():
        for first, second in _meeting(rules):
            if first.owner is None or second.owner is None or first.owner == second.owner:
                continue
            if (
                first.priority is not None
                and second.priority is not None
                and first.priority > second.priority
            ):
                continue
            certain = None not in {first.priority, second.priority} and not second.more and bool(second.hosts)
            certain &= OPAQUE not in "".join((*first.hosts, *second.hosts))
            story = f"{first.address} comes before {second.address} and takes requests for its host"
            yield NetworkPath(first.owner, second.owner, certain=certain, story=(story,))


def _meeting(rules: list[_Rule]) -> Iterator[tuple[_Rule, _Rule]]:
    """Return each two rules that one request may match, in both orders."""
    exact: dict[str, list[_Rule]] = defaultdict(list)
    open_ = []
    for rule in rules:
        if rule.hosts and not any(_wild(host) for host in rule.hosts):
            for host in rule.hosts:
                exact[host].append(rule)
        else:
            open_.append(rule)
    for same in exact.values():
        yield from ((one, other) for one in same for other in same if one is not other)
    known = {rule.address for rule in open_}
    for one in open_:
        for other in rules:
            if one is not other and _meet(one.hosts, other.hosts):
                yield one, other
                if other.address not in known:
                    yield other, one


def _rule(stack: SynthesizedStack, resource: SynthesizedResource) -> _Rule:
    hosts: list[str] = []
    more = False
    for condition in as_blocks(resource.body.get("condition")):
        named = as_blocks(condition.get("host_header"))
        for block in named:
            hosts += [stack.text(host).lower() for host in as_list(block.get("values"))]
        more |= not named
    try:
        priority = int(resource.body["priority"])
    except (KeyError, TypeError, ValueError):
        priority = None
    return _Rule(resource.owner, resource.address, priority, tuple(hosts), more)


def _wild(host: str) -> bool:
    return any(character in host for character in ("*", "?", OPAQUE))


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one host can match both; without a host, every host does."""
    if not one or not other or OPAQUE in "".join((*one, *other)):
        return True
    return any(_overlap(first, second) for first in one for second in other)


@cache
def _overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns, where `*` is any text and `?` one character."""
    if not one or not other:
        return not (one or other).strip("*")
    if one[0] == "*":
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    if other[0] == "*":
        return _overlap(one, other[1:]) or _overlap(one[1:], other)
    return (one[0] == other[0] or "?" in {one[0], other[0]}) and _overlap(one[1:], other[1:])
