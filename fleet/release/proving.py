"""Asks the prover, as a program, whether the stacks may become a release."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.problems import Refusal, one_line
from progress.showing import OFF

PASSING: Final = frozenset({"PROVED", "ACCEPTED"})


class NotProvedError(Refusal):
    """The stacks are not proved; the message says what the verdict is."""

    exit_code = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the prover said.

    Attributes:
        verdict: `PROVED` or `ACCEPTED`.
        accepted: one line for each finding that a waiver accepts.
        report: its report for machines.
    """

    verdict: str
    accepted: tuple[str, ...]
    report: bytes


def prove(outdir: Path, *, root: Path) -> Answer:
    """Return what the prover says of the stacks below `outdir`, with the waivers in `root`, if they pass.

    Raises:
        NotProvedError: they do not pass, or the prover cannot say.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        command = [sys.executable, "-m", "isolation", str(outdir.resolve()), "--json", str(file)]
        done = subprocess.run(  # noqa: S603
            command,
            cwd=root,
            env={**os.environ, **OFF},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if not file.exists():
            raise NotProvedError(f"{outdir}: the prover has no answer: {one_line(done.stderr.strip())}")
        report = file.read_bytes()
    document: Mapping[str, Any] = json.loads(report)
    verdict = str(document["verdict"])
    if verdict not in PASSING or done.returncode:
        raise NotProvedError(
            f"{outdir}: received the verdict {verdict}, expected PROVED; `make prove` says what was found"
        )
    accepted = tuple(
        sorted(
            f"{finding['id']} {finding['address']}: {finding['waiver']['reason']}"
            for finding in document["findings"]
            if finding["waiver"]
        )
    )
    return Answer(verdict=verdict, accepted=accepted, report=report)
