"""The app: a stack for each plan."""

from __future__ import annotations

from cdktf import App, TerraformStack

from stacks.shared_platform_stack import SharedPlatformStack
from stacks.silo_stack import SiloStack
from tenancy.fleet import Fleet
from tenancy.plans import SiloPlan, StackPlan


def build_app(fleet: Fleet, *, outdir: str | None = None) -> App:
    """Return the app with the stacks of `fleet`; nothing is written before `synth`.

    Args:
        fleet: resolved.
        outdir: where `synth` writes; `None` is cdktf's own choice, `cdktf.out`.

    Raises:
        PackageError: a function cannot be packed.
    """
    app = App(outdir=outdir)
    for plan in fleet.stacks:
        create_stack(app, plan)
    return app


def create_stack(app: App, plan: StackPlan) -> TerraformStack:
    """Return the stack of `plan` in `app`."""
    if isinstance(plan, SiloPlan):
        return SiloStack(app, plan.id, plan)
    return SharedPlatformStack(app, plan.id, plan)
