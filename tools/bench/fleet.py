"""The commands over a fleet: how long each takes, and how that grows with the tenants.

The stacks are copies of one tenant's, under other names, so that no synthesis is waited for.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.limits import BY_CODE, MOST
from tools.bench.processes import Measurement, measure
from tools.bench.registries import written

COUNTS: Final = (500, 4_000)
MODEL: Final = "tenant-000"
"""The first tenant of the registries, whose stack is copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One command at one size.

    Attributes:
        command: its name.
        tenants: how many there are.
        found: seconds and memory.
    """

    command: str
    tenants: int
    found: Measurement


def copied(synthesized: Path, folder: Path, count: int) -> Path:
    """Write `count` copies of the stack of the tenant `MODEL` to `folder`, as a synthesis would, and return it.

    Args:
        synthesized: where that tenant's stack was synthesized.
        folder: new.
        count: how many.
    """
    manifest = json.loads((synthesized / "manifest.json").read_text())
    (id_,) = (id_ for id_ in manifest["stacks"] if MODEL in id_)
    source = synthesized / "stacks" / id_
    text = (source / "cdk.tf.json").read_text()
    stacks = {}
    for index in range(count):
        tenant = f"tenant-{index:03d}"
        name = id_.replace(MODEL, tenant)
        stack = folder / "stacks" / name
        stack.mkdir(parents=True)
        (stack / "cdk.tf.json").write_text(text.replace(MODEL, tenant))
        (stack / "assets").symlink_to((source / "assets").resolve(), target_is_directory=True)
        stacks[name] = {"synthesizedStackPath": f"stacks/{name}/cdk.tf.json"}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "stacks": stacks}))
    return folder


def commands(synthesized: Path, folder: Path, runs: int, counts: Sequence[int] = COUNTS) -> list[Measured]:
    """Measure each command for each of `counts` tenants.

    Args:
        synthesized: where the stack of the tenant `MODEL` was synthesized.
        folder: for what is written, new for each call.
        runs: of which the median is taken.
        counts: of tenants.
    """
    limits = folder / "fleet.yaml"
    limits.write_text(json.dumps({"limits": dict.fromkeys(BY_CODE, MOST)}))
    found = []
    for count in counts:
        outdir = str(copied(synthesized, folder / str(count), count))
        registry = {"TENANT_REGISTRY": str(written(folder, count, platform=False))}
        found += [
            Measured(
                command="quota",
                tenants=count,
                found=measure(_fleet("quota", "--out", outdir, "--limits", str(limits)), {}, runs),
            ),
            Measured(command="cost", tenants=count, found=measure(_fleet("cost", "--out", outdir), {}, runs)),
            Measured(
                command="page",
                tenants=count,
                found=measure(
                    _fleet("page", "--out", outdir, "--output", str(folder / f"{count}.html")), {}, runs
                ),
            ),
            Measured(
                command="allocate",
                tenants=count,
                found=_median(
                    [measure(_fleet("allocate", f"new-{run}", "--silo"), registry, 1) for run in range(runs)]
                ),
            ),
        ]
    return found


def _fleet(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fleet", *arguments]


def _median(found: Sequence[Measurement]) -> Measurement:
    return Measurement(
        seconds=statistics.median(one.seconds for one in found),
        megabytes=max(one.megabytes for one in found),
    )


def table(found: Sequence[Measured]) -> str:
    """Return the table of the commands, the smallest size beside the largest."""
    counts = sorted({one.tenants for one in found})
    heading = [f"{count:,} tenants, s | MB" for count in counts]
    lines = [f"| command | {' | '.join(heading)} | times as long |", f"|{'---|' * (2 * len(counts) + 2)}"]
    for command in dict.fromkeys(one.command for one in found):
        sizes = {one.tenants: one.found for one in found if one.command == command}
        cells = [f"{sizes[count].seconds:.2f} | {sizes[count].megabytes:.0f}" for count in counts]
        ratio = sizes[counts[-1]].seconds / sizes[counts[0]].seconds
        lines.append(f"| `{command}` | {' | '.join(cells)} | {ratio:.1f} |")
    return "\n".join(lines)
