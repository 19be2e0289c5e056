"""Makes the targets of a rule's events: sending one that it matches, and opening its bus to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from isolation.catalogue.copies import BUS_RULES, HEARING
from isolation.iam.language import ParsedPolicy
from isolation.inventory.grants import bus_arn
from isolation.model.target import Target
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack
from isolation.synthesized.strict_json import loads

_KEYS: Final = (("source", "events:source"), ("detail-type", "events:detail-type"))
"""What of a pattern a request's condition keys tell: the rest is left out, which is wider."""

_OPENING: Final = (
    "events:deleteeventbus",
    "events:putpermission",
    "events:removepermission",
    "events:updateeventbus",
)
"""Rights on a bus that let others in, or send what it cannot deliver elsewhere
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html)."""


def events_for(
    stack: SynthesizedStack, rule: SynthesizedResource, target: Target, policy: ParsedPolicy
) -> Iterator[Target]:
    """Return the targets of the events that `rule` matches.

    Args:
        stack: the stack that declares it.
        rule: the rule.
        target: the rule itself as a target.
        policy: of its event bus.
    """
    written = rule.body.get("event_pattern")
    if not written and rule.body.get("schedule_expression"):
        # A schedule starts it, and no event does: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html.
        return
    bus = rule.body.get("event_bus_name")
    arn = bus_arn(stack, stack.text(bus) if isinstance(bus, str) and bus else "default")
    on_bus = replace(target, patterns=(arn,), harmless=(), policy=policy)
    yield replace(on_bus, actions=_OPENING)
    name = arn.rpartition("/")[2]
    beside = tuple(
        stack.filled(template, rule, bus="" if name == "default" else f"{name}/") for template in BUS_RULES
    )
    yield replace(target, patterns=beside, actions=HEARING, harmless=(), policy=(), tags={})
    context = dict(_event_pattern(stack.text(written or "{}")))
    sources = context.get("events:source")
    if sources and not policy:
        # Only AWS sends what begins with `aws.`, and only a policy lets a bus take it from another account's bus:
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html.
        context["events:source"] = tuple(source for source in sources if not source.startswith("aws."))
        if not context["events:source"]:
            return
    yield replace(on_bus, actions=("events:putevents",), context=tuple(context.items()))


def apart_from_named_buses(targets: list[Target], stacks: list[SynthesizedStack]) -> list[Target]:
    """Return `targets`, where a rule on a bus that a stack declares hears nothing of the default bus.

    The rules of both are named alike, `rule/name` and `rule/bus/name`, so that a pattern covers both.
    """
    named = tuple(
        stack.filled(BUS_RULES[0], bus, bus=f"{stack.name_of(bus)}/")
        for stack in stacks
        for bus in stack.all("aws_cloudwatch_event_bus")
    )
    tenants = {resource.owner or "" for stack in stacks for resource in stack.resources.values()}
    own = dict.fromkeys(sorted(tenants), named)
    return [
        replace(target, own=own) if target.actions == HEARING and target.patterns[0] not in named else target
        for target in targets
    ]


def _event_pattern(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return what an event must be to match, as patterns of its source and its detail-type."""
    try:
        pattern = loads(text)
    except ValueError:
        return
    for name, key in _KEYS:
        values = pattern.get(name) if isinstance(pattern, Mapping) else None
        if isinstance(values, list) and values:
            found = tuple(_glob(value) for value in values)
            if "*" not in found:
                yield key, found


def _glob(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return a pattern of all that `value` of an event pattern matches, as wide as it must be.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        ((operator, operand),) = value.items()
        if isinstance(operand, str):
            wide = {"prefix": f"{operand}*", "suffix": f"*{operand}", "wildcard": operand}
            return wide.get(operator, "*")
    return "*"
