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
class ListenerRule:
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
    for rules in rules_by_listener(stacks).values():
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


def rules_by_listener(stacks: list[SynthesizedStack]) -> dict[str, list[ListenerRule]]:
    """Return the rules of each listener, by its ARN."""
    listeners: dict[str, list[ListenerRule]] = defaultdict(list)
    for stack in stacks:
        for resource in stack.all("aws_lb_listener_rule"):
            listeners[stack.text(resource.body.get("listener_arn", ""))].append(_rule(stack, resource))
    return listeners


def takeable(
    rules: list[ListenerRule], own: ListenerRule, *, hosts: bool, place: bool
) -> Iterator[tuple[ListenerRule, bool]]:
    """Return the rules of other owners whose requests `own` takes once it is changed, and whether that is certain.

    Args:
        rules: of its listener.
        own: one of them.
        hosts: whether the hosts that it asks for can be changed.
        place: whether its priority can be changed.
    """
    for other in rules:
        if other.owner == own.owner:
            continue
        first = _can_precede(rules, own, other, movable=place)
        if first is False or not (hosts or _meet(own.hosts, other.hosts)):
            continue
        plain = not other.more and bool(other.hosts) and OPAQUE not in "".join((*own.hosts, *other.hosts))
        yield other, first is True and (hosts or plain)


def _can_precede(
    rules: list[ListenerRule], own: ListenerRule, other: ListenerRule, *, movable: bool
) -> bool | None:
    """Return whether `own` comes before `other`, or can be put there; `None` if that is not known.

    It can be put where no rule is; others cannot be moved away.
    """
    if own.priority is None or other.priority is None:
        return None
    taken = {rule.priority for rule in rules}
    return own.priority < other.priority or (
        movable and any(number not in taken for number in range(1, other.priority))
    )


def _meeting(rules: list[ListenerRule]) -> Iterator[tuple[ListenerRule, ListenerRule]]:
    """Return each two rules that one request may match, in both orders."""
    exact: dict[str, list[ListenerRule]] = defaultdict(list)
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


def _rule(stack: SynthesizedStack, resource: SynthesizedResource) -> ListenerRule:
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
    return ListenerRule(resource.owner, resource.address, priority, tuple(hosts), more)


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
