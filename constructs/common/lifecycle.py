"""Terraform's own protection of what holds data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

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
    conditions = [*(preconditions or ()), *_not_run_out(protection)]
    if not protection.protected and not conditions and preconditions is None:
        return None
    return TerraformResourceLifecycle(
        prevent_destroy=True if protection.protected else None,
        precondition=conditions or None,
    )


def _not_run_out(protection: Protection) -> list[Precondition]:
    """Return the condition that the last day on which protection is lifted is not over.

    Terraform asks when it plans: synthesis knows no clock
    (https://developer.hashicorp.com/terraform/language/functions/plantimestamp, read 2026-11-27).
    """
    until = protection.disposable.until if protection.disposable else None
    if until is None:
        return []
    end = date.fromisoformat(until) + timedelta(days=1)
    in_time = f'timecmp(plantimestamp(), "{end.isoformat()}T00:00:00Z") < 0'
    return [
        Precondition(
            # Terraform takes no condition that refers to nothing: the path is always there.
            condition=f'${{path.module != "" && {in_time}}}',
            error_message=f"The registry lifts the protection of this resource until {until}, which is over: take the "
            "entry out of 'unprotected', or have a later day reviewed.",
        )
    ]
