"""Finds who runs as whom: every role that an argument of a workload names, directly or by what it starts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from isolation.catalogue.runners import (
    NO_WORKLOADS,
    OWN_CREDENTIALS,
    PARENTS,
    ROLE_ARGUMENT,
    SERVICE_LINKED,
    WRITTEN_DOWN,
)
from isolation.inventory.names import Names
from isolation.model.employment import Employment
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_RUNS: Final = ("aws_iam_instance_profile", "aws_ecs_task_definition")
"""Types that run as a role on behalf of what names them."""

_WORTH_A_LOOK: Final = re.compile(r"aws_iam_role\.|iam::|" + "|".join(rf"{type_}\." for type_ in _RUNS))
_STARTS: Final = re.compile(r"(^|\.)(task_definition(_arn)?|iam_instance_profile)$")
"""Arguments that name a task definition or an instance profile by its name alone."""


class Employments:
    """Who runs as whom, in all stacks.

    Attributes:
        all: one for each role that an owner's workload gets the credentials of, in the order of the stacks.
    """

    def __init__(self, stacks: list[SynthesizedStack], names: Names) -> None:
        self._names = names
        self._by_address: dict[str, list[Employment]] = {}
        self._functions: dict[str, set[str]] = defaultdict(set)
        self._other_runners: set[str] = set()
        self._declared: dict[str, tuple[SynthesizedStack, SynthesizedResource]] = {
            resource.address: (stack, resource)
            for stack in stacks
            for resource in stack.resources.values()
            if not NO_WORKLOADS.fullmatch(resource.type)
        }
        self.all = [one for address in self._declared for one in self._of(address)]
        for one in self.all:
            stack, resource = self._declared[one.address]
            if resource.type == "aws_lambda_function" and one.argument == "role":
                self._functions[one.role].add(stack.arn(resource))
            else:
                self._other_runners.add(one.role)

    def roles_of(self, resource: SynthesizedResource) -> tuple[str, ...]:
        """Return the ARNs of the roles of the stacks that `resource` gets the credentials of."""
        found = (one.role for one in self._by_address.get(resource.address, ()) if one.declared)
        return tuple(dict.fromkeys(found))

    def functions_of(self, role: str) -> tuple[str, ...] | None:
        """Return the functions that alone hold the credentials of `role`; `None` if anything else does as well."""
        return None if role in self._other_runners else tuple(sorted(self._functions.get(role, ())))

    def _of(self, address: str) -> list[Employment]:
        if address not in self._by_address:
            self._by_address[address] = []  # what names itself ends here
            stack, resource = self._declared[address]
            owners = {resource.owner, self._parent(stack, resource)}
            self._by_address[address] = [
                Employment(owner, address, argument, role, stack.account, declared)
                for argument, role, declared in dict.fromkeys(self._named(stack, resource))
                for owner in sorted(owners, key=str)
            ]
        return self._by_address[address]

    def _parent(self, stack: SynthesizedStack, resource: SynthesizedResource) -> str | None:
        argument, type_ = PARENTS.get(resource.type, ("", ""))
        parent = self._names.find(stack, type_, resource.body.get(argument)) if argument else None
        return parent.owner if parent else resource.owner

    def _named(
        self, stack: SynthesizedStack, resource: SynthesizedResource
    ) -> Iterator[tuple[str, str, bool]]:
        """Return each role that `resource` names: by which argument, its ARN, and whether a stack declares it."""
        for path, value in _texts(resource.body, ""):
            wanted = _names_a_role(path)
            if not wanted and not _WORTH_A_LOOK.search(value):
                continue
            text = stack.text(value)
            role = self._names.declared("aws_iam_role", text)
            if role is not None and (wanted or ":" in text):
                yield path, role[0].arn(role[1]), True
                continue
            runner = self._runner(text) if wanted or ":" in text else None
            if runner is not None and runner.address != resource.address:
                for one in self._of(runner.address):
                    yield f"{path} ({runner.address})", one.role, one.declared
            elif wanted and _may_be_a_role(text) and not _STARTS.search(path):
                yield path, text, False

    def _runner(self, text: str) -> SynthesizedResource | None:
        """Return the instance profile or task definition that `text` names, of whichever revision."""
        family = re.sub(r":\d+$", "", text.rpartition("/")[2])
        for type_ in _RUNS:
            for name in (text, family):
                found = self._names.declared(type_, name)
                if found is not None:
                    return found[1]
        return None


@lru_cache(maxsize=1 << 12)
def _names_a_role(path: str) -> bool:
    return bool(ROLE_ARGUMENT.search(path.rpartition(".")[2]) or _STARTS.search(path))


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Return every text in an argument with its path, without the arguments in which a role is just written down."""
    if isinstance(value, str):
        if value:
            yield path, value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in WRITTEN_DOWN:
                yield from _texts(item, f"{path}.{name}" if path else str(name))


def _may_be_a_role(text: str) -> bool:
    if SERVICE_LINKED.fullmatch(text) or OWN_CREDENTIALS.fullmatch(text):
        return False
    return OPAQUE in text or ":role/" in text or ":instance-profile/" in text
