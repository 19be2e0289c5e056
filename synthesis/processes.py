"""Synthesis of many stacks in several processes, with the bytes that one process would write.

Python and jsii's Node.js wait for each other, so a synthesis keeps one core busy, however many there are. Stacks
know nothing of each other: each process writes its share straight into the one `stacks` folder. Only the manifest,
which lists them all, is put together when every process has ended well.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from config.problems import Refusal

STACKS: Final = "stacks"
MANIFEST: Final = "manifest.json"
"""What cdktf writes to its output folder."""

SMALLEST_SHARE: Final = 20
"""Stacks below which a process costs more than it saves (docs/performance.md)."""
LARGEST_SHARE: Final = 1000
"""Stacks that one process keeps in memory; their ids must also fit into one environment variable (128 KiB on Linux)."""


class SynthesisError(Refusal):
    """A process could not synthesize its share; the message is what it said.

    Attributes:
        exit_code: that it ended with.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def deal(stacks: Sequence[str], processes: int) -> list[tuple[str, ...]]:
    """Deal the ids `stacks` out to at most `processes` processes, fewer where the shares would be too small.

    Neighbours go to different processes, so that costly stacks of one kind do. More processes than asked for are
    taken only where a share would not fit into one.
    """
    worthwhile = min(processes, len(stacks) // SMALLEST_SHARE)
    count = max(1, worthwhile, -(-len(stacks) // LARGEST_SHARE))
    return [tuple(stacks[first::count]) for first in range(count)]


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def for_share(variables: Mapping[str, str], share: Sequence[str], outdir: Path) -> dict[str, str]:
    """Return the environment of a process that synthesizes `share` into `outdir`; otherwise it is `variables`."""
    own = {"STACKS": ",".join(share), "SYNTH_PROCESSES": "1", "CDKTF_OUTDIR": str(outdir)}
    return {**variables, **own}


def synthesize(
    shares: Sequence[Sequence[str]],
    *,
    command: Sequence[str],
    environment: Callable[[Sequence[str], Path], Mapping[str, str]],
    outdir: Path,
) -> None:
    """Synthesize every share in a process of its own. What they say on standard error is passed on, once.

    Args:
        shares: ids of stacks, from `deal`.
        command: synthesizes what its environment says.
        environment: returns the environment variables that say "these stacks, into that folder".
        outdir: gets the stacks and the manifest; created where it is missing.

    Raises:
        SynthesisError: a process failed; the others are ended. Stacks may be written in part, the manifest stays.
    """
    (outdir / STACKS).mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    with tempfile.TemporaryDirectory(dir=outdir, prefix=".synthesis-") as name, ExitStack() as running:
        folders = [linked(Path(name) / str(index), outdir) for index in range(len(shares))]
        processes = []
        for share, folder in zip(shares, folders, strict=True):
            variables = environment(share, folder)
            process = running.enter_context(
                subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True)  # noqa: S603
            )
            running.callback(process.terminate)
            processes.append(process)
        for process in processes:
            said.append(process.communicate()[1])
            if process.returncode:
                raise SynthesisError(said[-1].rstrip(), process.returncode)
        # Written beside it, then renamed: whoever reads the manifest finds the old one or the new one.
        merged = Path(name) / MANIFEST
        merged.write_text(merge([json.loads((folder / MANIFEST).read_text()) for folder in folders]))
        merged.replace(outdir / MANIFEST)
    sys.stderr.write("".join(dict.fromkeys(said)))


def linked(path: Path, outdir: Path) -> Path:
    """Create the output folder `path`, whose stacks are those of `outdir`, and return it."""
    path.mkdir()
    (path / STACKS).symlink_to((outdir / STACKS).resolve(), target_is_directory=True)
    return path


def merge(manifests: Sequence[dict[str, Any]]) -> str:
    """Return one manifest of all, in the bytes of cdktf, whose serializer puts a line break into what is empty."""
    stacks = {id_: stack for manifest in manifests for id_, stack in manifest[STACKS].items()}
    text = json.dumps({**manifests[0], STACKS: stacks}, indent=2, sort_keys=True, ensure_ascii=False)
    return re.sub(r"^( *)(.*: [\[{])([\]}],?)$", r"\1\2\n\1\3", text, flags=re.MULTILINE)
