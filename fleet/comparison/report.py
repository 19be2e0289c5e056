"""What a comparison found: which stacks are new or gone, which change and how, in groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.comparison.changes import DEFAULT_TAGS, OF_A_COMMIT, Action, Change, changes
from fleet.comparison.documents import StackDocument, read_document
from fleet.comparison.shapes import FARGATE, PLATFORM, SILO, Group, Unit, grouped

NOTHING: Final = StackDocument(id="", silo=None, blocks={})
"""What a new stack was before, and what a removed one is afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagOfACommit:
    """A default tag that says who synthesized, whose value differs.

    Attributes:
        key: of the tag.
        stacks: in how many.
    """

    key: str
    stacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What data, or identity, a change may lose.

    Attributes:
        stack: id.
        tenant: whose it is; `None` for what is nobody's own.
        change: that removes or replaces it.
    """

    stack: str
    tenant: str | None
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What differs between two syntheses.

    Attributes:
        unchanged: how many stacks do not differ.
        added: groups of new stacks and of new tenants of the platform; every resource is an addition.
        removed: groups of those that are no longer there; every resource is a removal.
        changed: groups of what else changes.
        tags: default tags that change with the commit, set apart.
        losses: what holds data and is removed, or may be replaced, in the order of stacks and addresses.
    """

    unchanged: int
    added: tuple[Group, ...]
    removed: tuple[Group, ...]
    changed: tuple[Group, ...]
    tags: tuple[TagOfACommit, ...]
    losses: tuple[Loss, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added or self.removed or self.changed or self.tags)


def compared(before: Mapping[str, Path], after: Mapping[str, Path]) -> Report:
    """Compare the stacks in the files `before` and `after`, each by the stack's id.

    Raises:
        UnreadableStacksError: a file holds no stack.
    """
    units: dict[str, list[Unit]] = {"added": [], "removed": [], "changed": []}
    tags: dict[str, int] = {}
    unchanged = 0
    for id_ in sorted({*before, *after}):
        if id_ in before and id_ in after and before[id_].read_bytes() == after[id_].read_bytes():
            unchanged += 1
            continue
        old = read_document(id_, before[id_]) if id_ in before else NOTHING
        new = read_document(id_, after[id_]) if id_ in after else NOTHING
        found = changes(old, new)
        noise = {key for key in map(_tag_of_a_commit, found) if key}
        rest = [change for change in found if not _tag_of_a_commit(change)]
        if id_ not in before or id_ not in after:
            there = old if id_ in before else new
            units["removed" if id_ in before else "added"].append(whole(there, rest))
            continue
        for key in noise:
            tags[key] = tags.get(key, 0) + 1
        earlier, later = tenants(old), tenants(new)
        for unit in parts(new, rest, (*old.networks, *new.networks)):
            fate = "changed"
            if unit.kind == FARGATE and not {unit.tenant} & earlier & later:
                fate = "removed" if unit.tenant in earlier else "added"
            units[fate].append(unit)
        unchanged += not found
    return Report(
        unchanged=unchanged,
        added=tuple(grouped(units["added"])),
        removed=tuple(grouped(units["removed"])),
        changed=tuple(grouped(units["changed"])),
        tags=tuple(TagOfACommit(key=key, stacks=count) for key, count in sorted(tags.items())),
        losses=tuple(_losses([*units["removed"], *units["changed"]])),
    )


def tenants(stack: StackDocument) -> set[str]:
    """Return the tenants of the platform that have something in `stack`."""
    return {block.tenant for block in stack.blocks.values() if block.tenant}


def whole(stack: StackDocument, found: Iterable[Change]) -> Unit:
    """Return a stack that is new or gone as one unit: its resources, without the rest."""
    kind = PLATFORM if stack.silo is None else SILO
    resources = tuple(change for change in found if change.type)
    return Unit(stack=stack.id, kind=kind, tenant=stack.silo, changes=resources, networks=stack.networks)


def parts(stack: StackDocument, found: Iterable[Change], networks: tuple[str, ...]) -> list[Unit]:
    """Return the units of a stack that changes: the silo's tenant, or each tenant of the platform and the rest."""
    by_tenant: dict[str | None, list[Change]] = {}
    for change in found:
        by_tenant.setdefault(stack.silo or change.tenant, []).append(change)
    own = FARGATE if stack.silo is None else SILO
    return [
        Unit(
            stack=stack.id,
            kind=own if tenant else PLATFORM,
            tenant=tenant,
            changes=tuple(some),
            networks=networks,
        )
        for tenant, some in by_tenant.items()
    ]


def elsewhere(change: Change) -> bool:
    """Return whether Terraform looks for all that a stack has somewhere else after a change."""
    if change.address == "terraform.backend":
        return bool(re.search(r"(path|bucket|key|region)$", change.argument))
    return change.address.startswith("provider.") and change.argument in {"region", "allowed_account_ids"}


def _tag_of_a_commit(change: Change) -> str | None:
    found = DEFAULT_TAGS.fullmatch(change.argument) if change.address == "provider.aws" else None
    return found[1] if found and found[1] in OF_A_COMMIT and change.action is Action.CHANGE else None


def _losses(units: Iterable[Unit]) -> list[Loss]:
    found = [
        Loss(stack=unit.stack, tenant=unit.tenant, change=change)
        for unit in units
        for change in unit.changes
        if change.loses
    ]
    return sorted(found, key=lambda loss: (loss.stack, loss.change.address, loss.change.argument))
