"""What one resource of a stack takes of a quota, as its JSON says; `fleet/uses.py` says how each quota is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from fleet.synthesized import Resource, SynthesizedStack

REFERENCE: Final = re.compile(r"\$\{(aws_\w+)\.([\w-]+)\.")


@dataclass(frozen=True, slots=True)
class Use:
    """What one resource takes of one quota.

    Attributes:
        owner: the tenant that has the resource to itself; `None` where none has.
        amount: in the quota's unit, times `SCALE`.
        most: what it may grow to by itself, in the same unit; no less than `amount`.
        holder: what the quota is of; empty for the account, or the account in a region.
        shared: whether another tenant's resources may have the same holder, as they have the account, the default event
            bus and the platform's load balancer; no tenant has a share in another's own security group.
    """

    owner: str | None
    amount: int
    most: int
    holder: str = ""
    shared: bool = True


Counter = Callable[[SynthesizedStack], Iterator[Use]]
Located = tuple[str, str]
"""A resource's type and id."""


def referred(text: object) -> Located | None:
    """Return the resource that an argument refers to first; `None` where it refers to none."""
    found = REFERENCE.search(text) if isinstance(text, str) else None
    return (found[1], found[2]) if found else None


def nobodys(stack: SynthesizedStack, located: Located | None) -> bool:
    """Return whether no tenant has the resource to itself; what is in no stack is nobody's."""
    return located is None or stack.owner(stack.all(located[0]).get(located[1], {})) is None


def used_by(stack: SynthesizedStack, resource: Resource, amount: int = 1) -> Use:
    """Return what `resource` takes of an account's quota, which does not grow by itself."""
    return Use(stack.owner(resource), amount, amount)


def each_of(*kinds: str) -> Counter:
    """Return what counts each resource of the types `kinds` once."""

    def uses(stack: SynthesizedStack) -> Iterator[Use]:
        for kind in kinds:
            for resource in stack.all(kind).values():
                yield used_by(stack, resource)

    return uses


def tasks(stack: SynthesizedStack) -> Iterator[tuple[Resource, Resource, int, int]]:
    """Yield each service that runs on Fargate, its task definition, its tasks at first, and where scaling stops."""
    most_of: dict[Located | None, int] = {}
    for target in stack.all("aws_appautoscaling_target").values():
        # `service/${aws_ecs_cluster.c.name}/${aws_ecs_service.s.name}`
        named = REFERENCE.findall(str(target.get("resource_id", "")))
        for located in named:
            if located[0] == "aws_ecs_service":
                most_of[located] = int(target.get("max_capacity", 0))
    definitions = stack.all("aws_ecs_task_definition")
    for name, service in stack.all("aws_ecs_service").items():
        found = referred(service.get("task_definition"))
        definition = definitions.get(found[1], {}) if found else {}
        least = int(service.get("desired_count", 1))
        yield service, definition, least, max(least, most_of.get(("aws_ecs_service", name), 0))
