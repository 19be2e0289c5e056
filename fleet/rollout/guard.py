"""Refuses a plan that deletes or replaces what holds data, or an address that others have stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from facts.stateful import STATEFUL
from fleet.release.manifest import digest

Loss = Literal["delete", "replace"]
_QUIET: Final = frozenset({("no-op",), ("read",)})
_COUNTED: Final = ("create", "update", "replace", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostResource:
    """A resource that a plan would destroy.

    Attributes:
        address: in Terraform.
        loss: what the plan does to it.
        lost: with it, in words.
    """

    address: str
    loss: Loss
    lost: str

    def __str__(self) -> str:
        """`aws_dynamodb_table.t: replace loses its items`."""
        return f"{self.address}: {self.loss} loses {self.lost}"


def refusals(plan: Mapping[str, Any], may_destroy: Sequence[str]) -> tuple[LostResource, ...]:
    """Return what `plan` would destroy and nobody has allowed, by address.

    Args:
        plan: what `terraform show -json` says of a plan.
        may_destroy: addresses that the release names.
    """
    found = {}
    for change in plan.get("resource_changes", []):
        actions = change["change"]["actions"]
        if "delete" not in actions or change["type"] not in STATEFUL or change["address"] in may_destroy:
            continue
        loss: Loss = "replace" if "create" in actions else "delete"
        found[change["address"]] = LostResource(
            address=change["address"], loss=loss, lost=STATEFUL[change["type"]]
        )
    return tuple(found[address] for address in sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a plan would do, without any value.

    Attributes:
        counts: resources and outputs by what is done to them; `create`, `update`, `replace` and `delete`.
        digest: of each address with what is done to it and the names of the attributes that change. Values are not in
            it: that of a short secret could be guessed from a digest.
    """

    counts: Mapping[str, int]
    digest: str


def summary(plan: Mapping[str, Any]) -> Summary:
    """Return what `plan`, which `terraform show -json` said, would do."""
    lines = lines_of(plan)
    counts = {name: sum(line.split()[1] == name for line in lines) for name in _COUNTED}
    return Summary(
        counts={name: count for name, count in counts.items() if count},
        digest=digest("\n".join(lines).encode())[:16],
    )


def lines_of(plan: Mapping[str, Any]) -> list[str]:
    """Return a line for each change of `plan`, sorted: address, what is done, and the names of what differs."""
    return sorted(_lines(plan))


def _lines(plan: Mapping[str, Any]) -> Iterator[str]:
    entries = [(entry["address"], entry["change"]) for entry in plan.get("resource_changes", [])]
    entries += [(f"output.{name}", change) for name, change in plan.get("output_changes", {}).items()]
    for address, change in entries:
        actions = tuple(change["actions"])
        if actions not in _QUIET:
            before, after = _attributes(change.get("before")), _attributes(change.get("after"))
            names = sorted(
                name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
            )
            yield f"{address} {actions[0] if len(actions) == 1 else 'replace'} {','.join(names)}"


def _attributes(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
