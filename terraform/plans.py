"""What `terraform plan` would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What a plan would do to one resource.

    Attributes:
        address: The resource's address.
        actions: `("update",)`, `("delete", "create")`, ...
        attributes: The top-level attributes that change, with their values before and after.
    """

    address: str
    actions: tuple[str, ...]
    attributes: Mapping[str, tuple[Any, Any]]

    def __str__(self) -> str:
        """One line."""
        values = ", ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in self.attributes.items())
        return f"{self.address} {'/'.join(self.actions)}: {values}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of `terraform plan -detailed-exitcode`.

    Attributes:
        empty: Whether nothing would change, outputs included.
        changes: What would change, resource by resource.
        output: The plan as Terraform prints it.
    """

    empty: bool
    changes: tuple[ResourceChange, ...]
    output: str

    def __str__(self) -> str:
        """The changes, one per line."""
        return "\n".join(map(str, self.changes)) or ("no changes" if self.empty else self.output)


def changes_of(plan: Mapping[str, Any]) -> tuple[ResourceChange, ...]:
    """List what a plan, as JSON, would change: the resources first, then the outputs."""
    changes = []
    entries = [(entry["address"], entry["change"]) for entry in plan.get("resource_changes", [])]
    entries += [(f"output.{name}", change) for name, change in plan.get("output_changes", {}).items()]
    for address, change in entries:
        actions = tuple(change["actions"])
        if actions in {("no-op",), ("read",)}:
            continue
        before, after = _attributes(change.get("before")), _attributes(change.get("after"))
        names = sorted(before.keys() | after.keys())
        differing = {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}
        changes.append(ResourceChange(address=address, actions=actions, attributes=differing))
    return tuple(changes)


def _attributes(value: object) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    return {} if value is None else {"value": value}
