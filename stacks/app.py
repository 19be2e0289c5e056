"""The app: a stack for each plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cdktf import App

from bundling.placing import Placer
from stacks.base import BaseStack, ExtensionStack
from stacks.delivery_stack import DeliveryStack
from stacks.shared_platform_stack import SharedPlatformStack
from stacks.silo_stack import SiloStack
from synthesis.processes import STACKS
from tenancy.fleet import Fleet
from tenancy.plans import DeliveryPlan, ExtensionPlan, SiloPlan, StackPlan


class FleetApp:
    """The app with the stacks of a fleet.

    Args:
        fleet: resolved.
        extensions: what makes the user's own stacks, by the name of their plans.
        outdir: where `synth` writes; `None` is cdktf's own choice, `cdktf.out`.

    Raises:
        PackageError: a function cannot be packed.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        outdir: str | None = None,
        extensions: Mapping[str, ExtensionStack] | None = None,
    ) -> None:
        self._app = App(outdir=outdir)
        self._stacks = {plan.id: create_stack(self._app, plan, extensions or {}) for plan in fleet.stacks}

    def synth(self) -> None:
        """Write the stacks, then the packages of their functions.

        Raises:
            PackageError: a package cannot be written.
        """
        self._app.synth()
        # Of several processes, each has a folder of its own whose stacks are in the folder of all.
        stacks = (Path(self._app.outdir) / STACKS).resolve()
        placer = Placer()
        for id_, stack in self._stacks.items():
            for path, package in stack.packages.files.items():
                placer.place(package, stacks / id_ / path)
            for key, package in stack.packages.objects.items():
                placer.place(package, stacks.parent / key)


def create_stack(app: App, plan: StackPlan, extensions: Mapping[str, ExtensionStack]) -> BaseStack:
    """Return the stack of `plan` in `app`."""
    if isinstance(plan, SiloPlan):
        return SiloStack(app, plan.id, plan)
    if isinstance(plan, DeliveryPlan):
        return DeliveryStack(app, plan.id, plan)
    if isinstance(plan, ExtensionPlan):
        return extensions[plan.name](app, plan.id, plan)
    return SharedPlatformStack(app, plan.id, plan)
