"""Terraform's lock file of each stack: which packages of the provider it may run, on whatever platform."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from synthesis.processes import STACKS

LOCK_FILE: Final = ".terraform.lock.hcl"
SOURCE: Final = "registry.terraform.io/hashicorp/aws"


def lock_text(version: str, hashes: Sequence[str]) -> str:
    """Return the file as `terraform init` writes it, so that it has nothing to change.

    Args:
        version: of the AWS provider, which the stacks require exactly.
        hashes: of its packages.
    """
    lines = "".join(f'    "{hash_}",\n' for hash_ in sorted(hashes))
    return (
        '# This file is maintained automatically by "terraform init".\n'
        "# Manual edits may be lost in future updates.\n\n"
        f'provider "{SOURCE}" {{\n  version     = "{version}"\n  constraints = "{version}"\n'
        f"  hashes = [\n{lines}  ]\n}}\n"
    )


def lock_provider(outdir: Path, stacks: Iterable[str], *, version: str, hashes: Sequence[str]) -> None:
    """Write the lock file beside each of `stacks`, whose folders are below `outdir`."""
    text = lock_text(version, hashes)
    for stack in stacks:
        (outdir / STACKS / stack / LOCK_FILE).write_text(text, encoding="utf-8")
