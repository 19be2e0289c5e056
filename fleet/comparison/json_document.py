"""A comparison as JSON, the same for the same stacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fleet.comparison.changes import Change
from fleet.comparison.report import elsewhere
from fleet.comparison.shapes import Group
from fleet.comparison.text import Compared

VERSION: Final = 1
"""Of the form; another one where a key is renamed, removed, or means something else."""


def document(found: Compared) -> dict[str, Any]:
    """Return the comparison as JSON; docs/fleet.md says what each key means."""
    report = found.report
    return {
        "version": VERSION,
        "base": {"revision": found.revision, "commit": found.commit},
        "unchanged": report.unchanged,
        "added": [_group(group) for group in report.added],
        "removed": [_group(group) for group in report.removed],
        "changed": [_group(group) for group in report.changed],
        "tags_of_a_commit": {tag.key: tag.stacks for tag in report.tags},
        "losses": [
            {
                "stack": loss.stack,
                "tenant": loss.tenant,
                "address": loss.change.address,
                "argument": loss.change.argument or None,
                "action": loss.change.action,
                "lost": loss.change.loses,
            }
            for loss in report.losses
        ],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "count": len(group.units),
        "units": [{"stack": unit.stack, "tenant": unit.tenant} for unit in group.units],
        "changes": _changes(group.changes),
    }


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "address": change.address,
            "type": change.type or None,
            "action": change.action,
            "argument": change.argument or None,
            "before": change.before,
            "after": change.after,
            "effect": change.effect,
            "elsewhere": elsewhere(change),
            "lost": change.loses,
            "unprotects": change.unprotects,
        }
        for change in changes
    ]
