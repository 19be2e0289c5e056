"""The folder that stacks are written to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from config.problems import ConfigurationError, Problem
from synthesis.processes import MANIFEST, STACKS


def prepare(outdir: Path) -> None:
    """Make the output folder `outdir`, and all folders above it.

    Raises:
        ConfigurationError: it cannot be made or written to, or something else is in the way of what it will hold.
    """
    reason = None
    try:
        (outdir / STACKS).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=outdir), tempfile.TemporaryFile(dir=outdir / STACKS):
            pass
        if (outdir / MANIFEST).is_dir():
            reason = f"{MANIFEST} is a folder"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
    if reason:
        expected = f"a folder that can be made and written to ({reason})"
        raise ConfigurationError([Problem(where="CDKTF_OUTDIR", received=str(outdir), expected=expected)])
