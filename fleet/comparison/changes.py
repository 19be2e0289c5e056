"""What differs between two stacks: resource by resource, argument by argument, with what that does to the resource."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from facts.replacement import REPLACED, UPDATED
from facts.stateful import STATEFUL
from fleet.comparison.documents import CODE, PLACE, Block, StackDocument

DEFAULT_TAGS: Final = re.compile(r"default_tags\[0\]\.tags\.(.+)")
OF_A_COMMIT: Final = frozenset({"Author", "PRNumber", "CreatedAt"})
"""Default tags that say who synthesized a stack, and for what."""
_META: Final = frozenset({"depends_on", "lifecycle", "provisioner", "provider", "timeouts", "connection"})
"""Arguments that tell Terraform how to go about it, and change no resource
(https://developer.hashicorp.com/terraform/language/meta-arguments)."""
_PROTECTED: Final[Mapping[str, frozenset[str | None]]] = {
    "deletion_protection": frozenset({"true", '"ACTIVE"'}),
    "deletion_protection_enabled": frozenset({"true"}),
    "enable_deletion_protection": frozenset({"true"}),
    "force_destroy": frozenset({"false", None}),
    "lifecycle.prevent_destroy": frozenset({"true"}),
    "skip_final_snapshot": frozenset({"false", None}),
}
"""Values, as JSON, of the arguments that keep Terraform or AWS from deleting what holds data."""
_REFERENCE: Final = re.compile(r"\b(?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z0-9_-]+")


class Action(StrEnum):
    """What happens to a resource, or to whatever else has an address."""

    ADD = "add"
    REMOVE = "remove"
    MOVE = "move"
    CHANGE = "change"


class Effect(StrEnum):
    """What a changed argument does to its resource."""

    NONE = "none"
    IN_PLACE = "in place"
    REPLACE = "replace"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """One difference.

    Attributes:
        address: of the block, as Terraform writes it; after the change, where it is in both.
        type: of the resource; empty for anything else.
        action: on the block.
        argument: that changed, such as `policy.Statement "Admin".Action`; empty unless `action` is `change`.
        before: its value as JSON; `None` where there was none. Of a move, the address before.
        after: likewise.
        effect: on the resource.
        tenant: whose the block is on the platform; `None` for any other.
    """

    address: str
    type: str
    action: Action
    argument: str = ""
    before: str | None = None
    after: str | None = None
    effect: Effect = Effect.NONE
    tenant: str | None = None

    @property
    def loses(self) -> str | None:
        """What is lost by it, if it removes or replaces what is not made again."""
        lost = self.action is Action.REMOVE or self.effect is Effect.REPLACE
        return STATEFUL.get(self.type) if lost else None

    @property
    def unprotects(self) -> bool:
        """Whether it lifts a protection against deletion."""
        protecting = _PROTECTED.get(self.argument, frozenset())
        return self.action is Action.CHANGE and self.before in protecting and self.after not in protecting


def changes(before: StackDocument, after: StackDocument) -> list[Change]:
    """Return what differs between two documents of one stack, in the order of the addresses."""
    moved = {old: new for old, new in after.moves.items() if old in before.blocks and new in after.blocks}
    renamed = {moved.get(address, address): block for address, block in before.blocks.items()}
    found = [
        Change(
            address=new,
            type=after.blocks[new].type,
            action=Action.MOVE,
            before=old,
            after=new,
            tenant=after.blocks[new].tenant,
        )
        for old, new in moved.items()
    ]
    for address in sorted({*renamed, *after.blocks}):
        old_block, new_block = renamed.get(address), after.blocks.get(address)
        if old_block is None or new_block is None:
            found.extend(_whole(old_block, new_block))
        else:
            found.extend(_arguments(old_block, new_block, moved))
    return sorted(found, key=lambda change: (change.address, change.action, change.argument))


def _whole(before: Block | None, after: Block | None) -> Iterator[Change]:
    block, action = (before, Action.REMOVE) if before else (after, Action.ADD)
    if block:
        yield Change(address=block.address, type=block.type, action=action, tenant=block.tenant)


def _arguments(before: Block, after: Block, moved: Mapping[str, str]) -> Iterator[Change]:
    for path in sorted({*before.values, *after.values}):
        old, new = _json(before.values.get(path)), _json(after.values.get(path))
        if moved and old is not None:
            old = _REFERENCE.sub(lambda match: moved.get(match[0], match[0]), old)
        if old != new:
            yield Change(
                address=after.address,
                type=after.type,
                action=Action.CHANGE,
                argument=path,
                before=old,
                after=new,
                effect=effect(after, path),
                tenant=after.tenant,
            )


def effect(block: Block, path: str) -> Effect:
    """Return what a change of the argument at `path` does to the resource `block`."""
    if block.address.startswith("provider.") and re.fullmatch("region|allowed_account_ids", path):
        return Effect.REPLACE
    first = re.split(r"[.\[]", path, maxsplit=1)[0]
    if not block.type or first in _META:
        return Effect.NONE
    if first in {CODE, PLACE}:
        return Effect.IN_PLACE
    known = _prefixes(path)
    if known & REPLACED.get(block.type, frozenset()):
        return Effect.REPLACE
    return Effect.IN_PLACE if known & UPDATED.get(block.type, frozenset()) else Effect.UNKNOWN


def _prefixes(path: str) -> set[str]:
    """Return the argument at `path` without indices and statements, and all that it is in."""
    plain = re.sub(r"\[\d+\]", "", path.split(".Statement ", maxsplit=1)[0])
    parts = plain.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts) + 1)}


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)
