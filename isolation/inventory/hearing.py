"""Judges what a tenant's rules on the default bus hear: AWS sends there what happens to everybody's resources.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from isolation.catalogue.arns import ARNS
from isolation.inventory.edge import Edge
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack
from isolation.synthesized.strict_json import loads

_ABOUT: Final = ("resources", "detail")
"""Where an event says what it is about."""

_OF_AWS: Final = "aws."
_OR: Final = "$or"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"""


class Hearing:
    """What tenants' rules with targets hear on the default bus.

    Attributes:
        found: rules for the events of another owner.
        gaps: rules that ask for nothing of their owner's, with the owner.
    """

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self.found: list[Edge] = []
        self.gaps: list[tuple[str | None, str]] = []
        self._owners: dict[str, set[str | None]] = defaultdict(set)
        heard: set[str] = set()
        rules: list[tuple[SynthesizedStack, SynthesizedResource, Mapping[str, Any]]] = []
        for stack in stacks:
            for resource in stack.resources.values():
                self._owners[resource.owner or ""].add(resource.owner)
                for name in {resource.symbol, stack.name_of(resource), *_arn(stack, resource)}:
                    self._owners[name].add(resource.owner)
            heard |= {
                stack.text(target.body.get("rule", "")) for target in stack.all("aws_cloudwatch_event_target")
            }
            rules += [(stack, rule, found) for rule, found in _rules(stack)]
        by_source: dict[str, set[str | None]] = defaultdict(set)
        for _, rule, pattern in rules:
            for source in _sources(pattern):
                by_source[source].add(rule.owner)
        for stack, rule, pattern in rules:
            if rule.owner is not None and heard & {stack.name_of(rule), stack.arn(rule)}:
                self._judge(rule, rule.owner, pattern, by_source)

    def _judge(
        self,
        rule: SynthesizedResource,
        owner: str,
        pattern: Mapping[str, Any],
        by_source: Mapping[str, set[str | None]],
    ) -> None:
        about = [values for name in _ABOUT for values in _literals(pattern.get(name))]
        for values in about:
            for other in sorted(
                {one for text in values for one in self._owners.get(text, ())} - {owner}, key=str
            ):
                story = f"{rule.address} takes the events that are about {other or 'the platform'}'s"
                self.found.append(Edge(owner, other, "events", story))
        if any(self._is_bound(pattern.get(name), owner) for name in _ABOUT):
            return
        sources = _sources(pattern)
        if not sources or any(one.startswith(_OF_AWS) or len(by_source[one]) > 1 for one in sources):
            text = "its event_pattern asks for nothing of its owner's: it may hear what is about others"
            self.gaps.append((owner, f"{rule.address}: {text}"))

    def _is_bound(self, value: object, owner: str) -> bool:
        """Whether what a pattern asks for is the owner's: one field of it, and of alternatives one of each."""
        if isinstance(value, Mapping):
            choices = value.get(_OR)
            every = (
                isinstance(choices, list)
                and bool(choices)
                and all(self._is_bound(one, owner) for one in choices)
            )
            return every or any(self._is_bound(inner, owner) for name, inner in value.items() if name != _OR)
        return any(all(self._owners.get(text) == {owner} for text in texts) for texts in _literals(value))


def _rules(stack: SynthesizedStack) -> Iterator[tuple[SynthesizedResource, Mapping[str, Any]]]:
    """Return the rules on the default bus that ask for events, with their patterns."""
    for rule in stack.all("aws_cloudwatch_event_rule"):
        bus = stack.text(rule.body.get("event_bus_name") or "default")
        if rule.body.get("event_pattern") and bus.rpartition("/")[2] == "default":
            try:
                pattern = loads(stack.text(rule.body["event_pattern"]))
            except ValueError:
                pattern = {}
            yield rule, pattern if isinstance(pattern, Mapping) else {}


def _sources(pattern: Mapping[str, Any]) -> list[str]:
    """Return the sources that a pattern asks for; none where it may be any."""
    values = pattern.get("source")
    values = values if isinstance(values, list) else []
    texts = [
        one if isinstance(one, str) else one.get("prefix") for one in values if isinstance(one, str | dict)
    ]
    return [one for one in texts if isinstance(one, str) and one] if all(texts) else []


def _literals(value: object) -> Iterator[list[str]]:
    """Return what each field of a pattern must be one of, where these are texts."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _literals(inner)


def _arn(stack: SynthesizedStack, resource: SynthesizedResource) -> tuple[str, ...]:
    return (stack.arn(resource),) if resource.type in ARNS else ()
