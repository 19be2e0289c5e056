"""Looks at plans in reverse: what is not the tenant's may not go, and nothing may come. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

TAGS: Final = ("TenantId", "tenant_id")
"""Tags that name a resource's tenant: a silo's, and a Fargate tenant's."""
ERASURE: Final = "aws_lambda_invocation.erasures_{tenant}_"
"""How the address begins of what alone a plan may make when a Fargate tenant leaves: the call that drops its schema."""
_QUIET: Final = frozenset({("no-op",), ("read",)})


def of_a_destruction(plan: Mapping[str, Any], *, tenant: str) -> list[str]:
    """Return what keeps `plan` from being applied as the destruction of a silo: a line for each change.

    Args:
        plan: what `terraform show -json` says of a plan.
        tenant: whose stack it is.
    """
    return sorted(
        f"{address}: {action}, expected only deletions of {tenant}"
        for address, action, tags in _changes(plan)
        if action != "delete" or not tags <= {tenant}
    )


def of_a_lifting(plan: Mapping[str, Any], *, own: Collection[str]) -> list[str]:
    """Return what keeps `plan` from being applied as the lifting of protection: all but updates of `own`.

    Args:
        plan: what `terraform show -json` says of a plan.
        own: addresses of what the tenant has to itself.
    """
    return sorted(
        f"{address}: {action}, expected only updates of what is the tenant's own"
        for address, action, _ in _changes(plan)
        if action != "update" or address not in own
    )


def of_a_removal(
    plan: Mapping[str, Any], *, tenant: str, own: Collection[str], others: Collection[str]
) -> list[str]:
    """Return what keeps `plan` from being applied as the removal of a tenant from a platform that others stay on.

    What all share may be updated, never deleted or replaced; the call that erases the tenant's schema may be made.

    Args:
        plan: what `terraform show -json` says of a plan.
        tenant: who leaves.
        own: addresses of what it had to itself.
        others: addresses of what other tenants have to themselves.
    """
    found, erasure = [], ERASURE.format(tenant=tenant)
    for address, action, tags in _changes(plan):
        if address in others or not tags <= {tenant}:
            found.append(f"{address}: {action}, expected no change of another tenant's")
        elif address in own:
            if action != "delete":
                found.append(f"{address}: {action}, expected only deletions of {tenant}")
        elif not (action == "update" or (action == "create" and address.startswith(erasure))):
            found.append(f"{address}: {action}, expected only updates of what all share")
    return sorted(found)


def _changes(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Return each change of a resource: its address, what is done to it, and the tenants that its tags name."""
    for change in plan.get("resource_changes", []):
        actions = tuple(change["change"]["actions"])
        if actions in _QUIET:
            continue
        named = set()
        for side in ("before", "after"):
            values = change["change"].get(side)
            if isinstance(values, Mapping):
                for tags in (values.get("tags_all"), values.get("tags")):
                    named |= {str(tags[name]) for name in TAGS if tags and tags.get(name)}
        yield change["address"], actions[0] if len(actions) == 1 else "replace", frozenset(named)
