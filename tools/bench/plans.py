"""How long it takes to plan one tenant, alone and among many, with real Terraform against the local emulator."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.server import Emulator
from terraform.runner import Root, Terraform
from tools.bench.processes import APP, BYTES_A_MEGABYTE, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One tenant, from the registry to its plan; medians, in seconds.

    Attributes:
        synthesis: of its stack alone (`STACKS`).
        initialization: `terraform init`, in a folder that has none yet.
        plan: `terraform plan`.
        own_megabytes: what `terraform init` put into the stack's folder itself.
        provider_megabytes: what it linked to.
    """

    synthesis: float
    initialization: float
    plan: float
    own_megabytes: float
    provider_megabytes: float


def plans(folder: Path, registries: Mapping[str, Path], stack: str, runs: int) -> dict[str, Planned]:
    """Plan the stack `stack` of each registry."""
    with Emulator() as emulator, Terraform(emulator.environment()) as terraform:
        variables = {"STACKS": stack, "AWS_ENDPOINT_URL": emulator.endpoint}
        found = {}
        for name, file in registries.items():
            root = terraform.root(folder / name / "stacks" / stack)
            found[name] = _planned(
                root,
                {**variables, "TENANT_REGISTRY": str(file), "CDKTF_OUTDIR": str(folder / name)},
                runs,
            )
        return found


def _planned(root: Root, variables: Mapping[str, str], runs: int) -> Planned:
    synthesis, initialization, plan = [], [], []
    for _ in range(runs + 1):
        synthesis.append(measure(APP, variables, 1).seconds)
        shutil.rmtree(root.folder / ".terraform", ignore_errors=True)
        (root.folder / ".terraform.lock.hcl").unlink(missing_ok=True)
        initialization.append(_seconds(root.init))
        plan.append(_seconds(lambda: root.run("plan")))
    entries = list((root.folder / ".terraform").rglob("*"))
    linked = [file for entry in entries if entry.is_symlink() for file in entry.resolve().rglob("*")]
    return Planned(
        synthesis=statistics.median(synthesis[1:]),
        initialization=statistics.median(initialization[1:]),
        plan=statistics.median(plan[1:]),
        own_megabytes=_megabytes([entry for entry in entries if not entry.is_symlink()]),
        provider_megabytes=_megabytes(linked),
    )


def _megabytes(files: Sequence[Path]) -> float:
    return sum(file.stat().st_size for file in files if file.is_file()) / BYTES_A_MEGABYTE


def _seconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started
