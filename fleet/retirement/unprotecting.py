"""Protection is lifted for this one tenant, in the way that there is: reviewed entries of the registry.

Of a release whose registry has them, only what holds the tenant's data is applied: the rest of its stack stays as it
is, disabled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from config.registry.environments import LiftedResource
from fleet.retirement.context import Context, InitializedStack, StepError
from fleet.retirement.guard import of_a_lifting
from fleet.retirement.record import Retirement

PROTECTED: Final[Mapping[str, LiftedResource]] = {
    "aws_backup_vault": "vault",
    "aws_cognito_user_pool": "user_pool",
    "aws_dynamodb_table": "table",
    "aws_kms_key": "key",
    "aws_s3_bucket": "bucket",
}
"""What the registry calls each type that can be protected."""
DAYS: Final = 14
"""For how long the entries that are proposed lift protection."""


def lift(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Lift the protection of what holds the tenant's data, and return the addresses that were changed.

    Raises:
        StepError: the release still protects something, a plan would change something else, or Terraform fails.
    """
    changed = []
    for stack, kind in retirement.stacks.items():
        with context.stack(stack) as initialized:
            still = protected(initialized, retirement.tenant)
            if still:
                raise StepError(_asked(context, retirement, kind, still))
            own = initialized.addresses(retirement.tenant)
            targets = sorted(address for address in own if address.partition(".")[0] in PROTECTED)
            present = {
                name.partition("/")[2] for name in retirement.resources if name.startswith(f"{stack}/")
            }
            targets = [address for address in targets if address in present]
            planned = (
                initialized.root.plan(*(f"-target={address}" for address in targets)) if targets else None
            )
            if planned is None:
                continue
            plan = initialized.root.show(planned)
            refused = of_a_lifting(plan, own=own)
            if refused:
                raise StepError(f"{stack}: the plan does more than lift protection: {'; '.join(refused)}")
            initialized.root.apply()
            changed += [
                f"{stack}/{change['address']}"
                for change in plan.get("resource_changes", [])
                if change["change"]["actions"] == ["update"]
            ]
    return {"changed": changed}


def protected(stack: InitializedStack, tenant: str) -> list[LiftedResource]:
    """Return what of the tenant's the configuration protects, each once, in the order of their names."""
    return sorted(
        {
            resource
            for kind, resource in PROTECTED.items()
            for body in stack.configuration.all(kind).values()
            if stack.configuration.owner(body) == tenant and body.get("lifecycle", {}).get("prevent_destroy")
        }
    )


def _asked(context: Context, retirement: Retirement, kind: str, still: list[LiftedResource]) -> str:
    """Return what to write into the registry, for people."""
    # A proposal, which is reviewed: Terraform asks for the day when it plans.
    until = (date.fromisoformat(retirement.started_at[:10]) + timedelta(days=DAYS)).isoformat()
    lines = [
        f"        - {{tenant: {retirement.tenant}, stack: {kind}, resource: {resource}, "
        f'reason: "{retirement.request.reason}", until: {until}}}'
        for resource in still
    ]
    said = (
        f"the release {context.release.name} protects {', '.join(still)}; have this reviewed in the registry, below "
        "'unprotected' of the environment, then `make synth`, `make release`, and go on with --release:"
    )
    return "\n".join([said, *lines])
