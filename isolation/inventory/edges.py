"""References from one owner's resource to another's: what they move, or that nobody knows what they do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from isolation.catalogue.arguments.listed import LISTED
from isolation.catalogue.arguments.uses import Use
from isolation.catalogue.arns import ARNS, QUEUE_URL
from isolation.catalogue.edges import (
    BUILT,
    CODE,
    COPIED,
    ELSEWHERE,
    HARMLESS,
    NAMED,
    NAMED_ONLY,
    OF_AWS,
    OF_EVERY_ACCOUNT,
    RUNS,
    SENDS,
    TAKES,
    TOLD,
)
from isolation.catalogue.kinds import KIND_OF
from isolation.catalogue.runners import SERVICE_LINKED
from isolation.inventory.edge import Edge
from isolation.inventory.log_groups import log_groups_of
from isolation.synthesized.arguments import arguments_of
from isolation.synthesized.interpolation import OPAQUE, references
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_ARN: Final = re.compile(r"arn:aws[a-z-]*:[^\s\"'\\,]+")
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_ROLE: Final = re.compile(r"arn:[^:]*:iam::\d{12}:role/[\w+=,.@/-]+")
_VAULT: Final = re.compile(r"arn:aws:backup:[a-z0-9-]+:([0-9]{12}):backup-vault:[A-Za-z0-9_-]{2,50}")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BY_DIGEST: Final = "@sha256:"
_WORD: Final = re.compile(r'"([^"]+)"')
_REGISTRY: Final = re.compile(
    r"[0-9]+\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com|on\.aws)/([^\s\"'\\:@]+)(?::[\w.-]+)?(@sha256:)?"
)


class Edges:
    """The references between owners, in all stacks.

    Attributes:
        found: those that move data or code.
        code: buckets that no stack declares and that functions run code from, by name, with a stack that does.
        told: topics that no stack declares and that hear of alarms, by ARN.
        built: the platform's resources that run as a role that no stack declares, with its ARN.
        copied: vaults that no stack declares and that backups are copied to, by ARN.
        gaps: those without a reason to be harmless, with the owner of the resource that has them.
    """

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self.found: list[Edge] = []
        self.gaps: list[tuple[str | None, str]] = []
        self.code: dict[str, SynthesizedStack] = {}
        self.told: set[str] = set()
        self.copied: set[str] = set()
        self.built: set[tuple[str, str]] = set()
        self._named: dict[str, list[SynthesizedResource]] = defaultdict(list)
        self._tenants = {one.owner for stack in stacks for one in stack.resources.values() if one.owner}
        for stack in stacks:
            for resource in stack.resources.values():
                self._name(stack, resource)
        for stack in stacks:
            for resource in stack.resources.values():
                self._read(stack, resource)

    def _name(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        if resource.type not in ARNS:
            return
        name = stack.name_of(resource)
        self._named[stack.arn(resource)].append(resource)
        self._named[name].append(resource)
        if resource.type == "aws_sqs_queue":
            self._named[stack.filled(QUEUE_URL, resource, name=name)].append(resource)

    def _read(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        uses = LISTED.get(resource.type, {})
        values = [(path, value, uses[path]) for path, value in arguments_of(resource) if path in uses]
        owner, kind = resource.owner, KIND_OF.get(resource.type, "other")
        for path, value, use in values:
            if use is Use.PART and resource.type not in ELSEWHERE:
                whole = self._mentioned(stack, value, by_name=True)
                if whole:
                    # What has no tags is its whole's.
                    owner = owner or whole[0].owner
                    kind = KIND_OF.get(whole[0].type, kind)
                self._judge(resource, owner, kind, path, whole)
        for path, value, use in values:
            if use is Use.PART or use is Use.POLICY or path in _TERRAFORMS:
                continue
            if use is Use.READ and resource.type in ELSEWHERE:
                continue
            named = use is not Use.LINK and _is_a_name(path)
            by_name = named or use is Use.LINK
            mentioned = self._mentioned(stack, value, by_name=by_name)
            self._judge(resource, owner, kind, path, mentioned)
            if not mentioned and (use is Use.LINK or (named and use is Use.KEY and not _of_aws(value))):
                self._dangling(stack, resource, owner, path, value)
            if use is Use.CONTENT:
                self._content(stack, resource, owner, path, value)

        self._logs(stack, resource, owner, kind)

    def _logs(
        self, stack: SynthesizedStack, resource: SynthesizedResource, owner: str | None, kind: str
    ) -> None:
        """Judge whose the log groups are that AWS writes by themselves: whoever declares one first reads it."""
        for name in log_groups_of(stack, resource):
            for other in self._named.get(name, ()):
                if other.type == "aws_cloudwatch_log_group" and other.owner != owner:
                    story = f"{resource.address} writes its log to {other.address}"
                    self._move(other.owner, owner, kind, story)

    def _mentioned(
        self, stack: SynthesizedStack, value: object, *, by_name: bool
    ) -> list[SynthesizedResource]:
        """Return the resources that `value` names: by reference, by ARN or, if `by_name`, by its whole text."""
        found: dict[str, SynthesizedResource] = {}
        for raw in _texts(value):
            if not by_name and "${" not in raw and "arn:" not in raw:
                continue
            for type_, name in references(raw):
                resource = stack.resources.get((type_, name))
                if resource is not None:
                    found[resource.address] = resource
            text = stack.text(raw)
            candidates = [*_ARN.findall(text), *([text] if by_name else [])]
            for candidate in candidates:
                for resource in self._at(candidate):
                    found[resource.address] = resource
        return list(found.values())

    def _at(self, name: str) -> list[SynthesizedResource]:
        """Return the resources that go by `name`, or that `name` is something in."""
        while name:
            if name in self._named:
                return self._named[name]
            if not name.startswith("arn:"):
                return []
            name = name[: max(name.rfind(":"), name.rfind("/"))] if ":" in name[4:] else ""
        return []

    def _judge(
        self,
        resource: SynthesizedResource,
        owner: str | None,
        kind: str,
        path: str,
        mentioned: Iterable[SynthesizedResource],
    ) -> None:
        where = (resource.type, path)
        for other in mentioned:
            if other.owner == owner:
                continue
            if where in SENDS:
                self._move(other.owner, owner, kind, f"{resource.address} {SENDS[where]} {other.address}")
            elif where in RUNS:
                self._move(other.owner, owner, kind, f"{resource.address} {RUNS[where]} {other.address}")
            elif where in TAKES:
                taken = KIND_OF.get(other.type, "other")
                self._move(owner, other.owner, taken, f"{resource.address} {TAKES[where]} {other.address}")
            elif not _harmless((*where, other.type), owner, other.owner):
                text = f"{resource.address}: argument {path} names {other.address}, which is another owner's"
                self.gaps += [(owner, text), (other.owner, text)]

    def _move(self, attacker: str | None, owner: str | None, kind: str, story: str) -> None:
        # What the platform gets is its own to protect, and proved like everybody's.
        if attacker is not None:
            self.found.append(Edge(attacker, owner, kind, story))

    def _dangling(
        self,
        stack: SynthesizedStack,
        resource: SynthesizedResource,
        owner: str | None,
        path: str,
        value: object,
    ) -> None:
        """Note what a link names by text that no stack declares: it may be anybody's."""
        for raw in _texts(value):
            text = stack.text(raw)
            if (
                text in OF_EVERY_ACCOUNT
                or SERVICE_LINKED.fullmatch(text)
                or (_BY_DIGEST in text and not text.startswith("arn:"))
            ):
                continue
            if (resource.type, path) in TOLD and _TOPIC.fullmatch(raw):
                self.told.add(raw)
                continue
            if (resource.type, path) in COPIED and _is_vault_of(stack, text):
                self.copied.add(text)
                continue
            if (resource.type, path) in BUILT and owner is None and _ROLE.fullmatch(raw):
                self.built.add((resource.address, raw))
                continue
            if (resource.type, path) in CODE and _BUCKET.fullmatch(raw):
                self.code.setdefault(raw, stack)
                continue
            if OPAQUE in text or not references(raw):
                what = f"{resource.address}: argument {path} names {raw}, which no stack declares"
                self.gaps.append((owner, what))

    def _content(
        self,
        stack: SynthesizedStack,
        resource: SynthesizedResource,
        owner: str | None,
        path: str,
        value: object,
    ) -> None:
        """Judge what the owner's own code is given, apart from the resources that it names."""
        self._images(stack, resource, owner, path, value)
        if resource.type == "aws_lambda_invocation":
            self._for_several(stack, resource, path, value)

    def _for_several(
        self, stack: SynthesizedStack, resource: SynthesizedResource, path: str, value: object
    ) -> None:
        """Note what a function is asked to do for one tenant with what is another's: it decides for itself."""
        words = set(_WORD.findall(" ".join(stack.text(raw) for raw in _texts(value))))
        mentioned = self._mentioned(stack, value, by_name=False)
        owners = (words & self._tenants) | {found.owner for found in mentioned if found.owner is not None}
        if len(owners) > 1:
            text = f"{resource.address}: argument {path} is about {' and '.join(sorted(owners))}"
            self.gaps += [(owner, text) for owner in sorted(owners)]

    def _images(
        self,
        stack: SynthesizedStack,
        resource: SynthesizedResource,
        owner: str | None,
        path: str,
        value: object,
    ) -> None:
        """Judge images that are taken from a registry by a tag: who may write there chooses what is run."""
        for raw in _texts(value):
            for repository, digest in _REGISTRY.findall(stack.text(raw)):
                if digest:
                    continue
                known = [found for found in self._at(repository) if found.type == "aws_ecr_repository"]
                if not known:
                    what = f"{resource.address}: argument {path} names {repository}, which no stack declares"
                    self.gaps.append((owner, what))
                for other in known:
                    if other.owner != owner:
                        story = f"{resource.address} runs an image from {other.address}"
                        self._move(other.owner, owner, KIND_OF.get(resource.type, "other"), story)


def _is_vault_of(stack: SynthesizedStack, text: str) -> bool:
    """Tell whether `text` is a vault's ARN of the account of `stack`."""
    found = _VAULT.fullmatch(text)
    return found is not None and found[1] == stack.account


@lru_cache(maxsize=1 << 12)
def _is_a_name(path: str) -> bool:
    return NAMED.fullmatch(path) is not None


def _of_aws(value: object) -> bool:
    return all(not text or OF_AWS.fullmatch(text) for text in _texts(value))


def _harmless(reference: tuple[str, str, str], owner: str | None, other: str | None) -> bool:
    return reference in NAMED_ONLY or (None in {owner, other} and reference in HARMLESS)


def _texts(value: object) -> Iterator[str]:
    """Return every text in `value`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


_TERRAFORMS: Final = frozenset({"//", "depends_on", "lifecycle.precondition", "lifecycle.postcondition"})
"""Arguments that Terraform alone reads."""
