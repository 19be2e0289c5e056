"""Terraform's own protection of what holds data."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Precondition, TerraformResourceLifecycle

from tenancy.protection import Protection


def protected_lifecycle(
    protection: Protection, *, preconditions: Sequence[Precondition] | None = None
) -> TerraformResourceLifecycle | None:
    """Return the lifecycle of a resource that holds data: Terraform refuses to destroy it where it is protected.

    Args:
        protection: of the data.
        preconditions: that must hold before the resource is changed; `None` for a resource that has none.
    """
    if not protection.protected and preconditions is None:
        return None
    return TerraformResourceLifecycle(
        prevent_destroy=True if protection.protected else None,
        precondition=list(preconditions) if preconditions else None,
    )
