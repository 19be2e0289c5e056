"""Finds a resource by what others name it by: its name, its ARN or its URL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from isolation.catalogue.arns import QUEUE_URL
from isolation.catalogue.kinds import KIND_OF
from isolation.iam.made_up import made_up, opened
from isolation.iam.patterns import glob_matches
from isolation.inventory.replicas import replicas_of
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_NAMED_TOO: Final = frozenset({"aws_cloudwatch_event_bus", "aws_iam_instance_profile", "aws_iam_policy"})
"""Types that are no targets but that others name."""


class Names:
    """The names of all resources, across stacks, as AWS resolves them."""

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self._made_up: dict[str, list[tuple[str, SynthesizedResource]]] = defaultdict(list)
        self._replicas: dict[str, str] = {}
        self._named: dict[tuple[str, str], tuple[SynthesizedStack, SynthesizedResource]] = {}
        for stack in stacks:
            for resource in stack.resources.values():
                self._add(stack, resource)

    def _add(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        if resource.type in KIND_OF or resource.type in _NAMED_TOO:
            name = stack.name_of(resource)
            names = [stack.arn(resource), name]
            if resource.type == "aws_sqs_queue":
                names.append(stack.filled(QUEUE_URL, resource, name=name))
            for region, _ in replicas_of(stack, resource):
                copy = stack.arn(resource).replace(f":{stack.region}:", f":{region}:", 1)
                self._replicas[copy] = f"{resource.address} in {region}"
            for found in names:
                self._named[resource.type, found] = (stack, resource)
                if made_up(found):
                    self._made_up[resource.type].append((opened(found), resource))

    def declared(self, type_: str, name: str) -> tuple[SynthesizedStack, SynthesizedResource] | None:
        """Return the resource of `type_` that goes by `name`, with its stack."""
        return self._named.get((type_, name))

    def replica(self, arn: str) -> str | None:
        """Return which replica of a table goes by `arn`, or by that of its stream or index."""
        return self._replicas.get(_table_of(arn))

    def possible(self, type_: str, text: str) -> list[SynthesizedResource]:
        """Return the resources of `type_` that may go by `text`, which no stack declares: AWS makes up their names.

        A text that refers to something may be the name of any resource of the type.
        """
        if OPAQUE in text:
            found = [resource for (own, _), (_, resource) in self._named.items() if own == type_]
        else:
            found = [
                resource
                for name, resource in self._made_up[type_]
                if not made_up(text) and glob_matches(name, text)
            ]
        return list({resource.address: resource for resource in found}.values())

    def find(self, stack: SynthesizedStack, type_: str, value: object) -> SynthesizedResource | None:
        """Return the resource of `type_` that the argument `value` of a resource in `stack` names."""
        text = stack.text(value) if isinstance(value, str) else ""
        found = self.declared(type_, text)
        if found is None and type_ in _SHORTENED:
            found = self.declared(type_, _SHORTENED[type_](text))
        return found[1] if found else None


def _without_qualifier(text: str) -> str:
    """Return the name or ARN of a function without the version or alias, of `name:v`, `account:function:name:v` or ARN.

    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    start, _, name = text.rpartition("function:")
    name = name.partition(":")[0]
    return f"{start}function:{name}" if start.startswith("arn:") else name


def _last_part(url: str) -> str:
    """Return the name in the URL of a queue, which has had several hosts.

    https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
    """
    return url.rpartition("/")[2]


def _table_of(arn: str) -> str:
    """Return the ARN of the table in the ARN of its stream or index."""
    return "/".join(arn.split("/")[:2])


_SHORTENED: Final[Mapping[str, Callable[[str], str]]] = {
    "aws_dynamodb_table": _table_of,
    "aws_lambda_function": _without_qualifier,
    "aws_sqs_queue": _last_part,
}
"""By type: what else a text names that is no name of a resource itself."""
