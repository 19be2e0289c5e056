"""What the tenant had goes: its own stack as a whole, its part of the platform by a release that has it no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.retirement.context import Context, StepError
from fleet.retirement.guard import of_a_destruction, of_a_removal
from fleet.retirement.record import Retirement
from fleet.rollout.records import Record, now


def destroy(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Destroy the tenant's own stack by a plan that was looked at, and return how many resources that deleted.

    Raises:
        StepError: the plan does something else, Terraform fails, or something is left in the state.
    """
    deleted = 0
    for stack in _of_kind(retirement, "silo"):
        with context.stack(stack) as initialized:
            planned = initialized.root.plan("-destroy")
            if planned is not None:
                plan = initialized.root.show(planned)
                refused = of_a_destruction(plan, tenant=retirement.tenant)
                if refused:
                    raise StepError(f"{stack}: the plan does more than destroy it: {'; '.join(refused)}")
                initialized.root.apply()
                deleted += _deletions(plan)
            left = [resource["address"] for resource in initialized.root.state()]
            if left:
                raise StepError(f"{stack}: {len(left)} resources are left in its state, the first {left[0]}")
        context.folder.rollouts.forget(stack)
    return {"deleted": deleted}


def remove(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Apply a release of the platform that has the tenant no more, if it touches no other tenant.

    Raises:
        StepError: the release still has the tenant, the plan does something else, or Terraform fails.
    """
    deleted = 0
    for stack in _of_kind(retirement, "platform"):
        with context.stack(stack) as initialized:
            if retirement.tenant in context.release.manifest.stacks[stack].tenants:
                raise StepError(
                    f"the release {context.release.name} still has {retirement.tenant}: review the registry's change, "
                    "`make synth`, `make release`, and go on with `--release`"
                )
            own = {name.partition("/")[2] for name in retirement.resources if name.startswith(f"{stack}/")}
            planned = initialized.root.plan()
            if planned is not None:
                plan = initialized.root.show(planned)
                refused = of_a_removal(
                    plan, tenant=retirement.tenant, own=own, others=initialized.addresses()
                )
                if refused:
                    raise StepError(f"{stack}: the plan does more than remove it: {'; '.join(refused)}")
                initialized.root.apply()
                deleted += _deletions(plan)
            if initialized.root.plan() is not None:
                raise StepError(f"{stack}: the plan is not empty afterwards")
            left = own & {resource["address"] for resource in initialized.root.state()}
            if left:
                raise StepError(
                    f"{stack}: {len(left)} resources are left in its state, the first {min(left)}"
                )
        context.folder.rollouts.write(_deployed(context, stack))
    return {"deleted": deleted}


def _deployed(context: Context, stack: str) -> Record:
    """Return the record of the platform, which has the release now."""
    return Record(
        stack=stack,
        release=context.release.digest,
        content=context.release.manifest.stacks[stack].content,
        outcome="succeeded",
        attempts=1,
        step="done",
        started_at=now(),
        ended_at=now(),
    )


def _of_kind(retirement: Retirement, kind: str) -> list[str]:
    return [stack for stack, found in retirement.stacks.items() if found == kind]


def _deletions(plan: Mapping[str, Any]) -> int:
    return sum(change["change"]["actions"] == ["delete"] for change in plan.get("resource_changes", []))
