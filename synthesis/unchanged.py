"""Synthesizes the stacks that changed, and takes the others from where they are kept."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthesis.inputs import digest, program
from synthesis.kept import ASSETS, KeptStacks
from synthesis.processes import MANIFEST, STACKS, linked, merge

Synthesize = Callable[[Sequence[str], Path], None]
"""Synthesizes the stacks of these ids into that output folder, with a manifest of them alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What makes stacks out of plans.

    Attributes:
        root: of the repository.
        modules: names of the packages in `root` that plans are handed to.
        variables: of the environment.
        packages: SHA-256 of each function's package, in their order.
    """

    root: Path
    modules: Sequence[str]
    variables: Mapping[str, str]
    packages: Sequence[str]

    def digest(self) -> str:
        """Return the digest of the program as its files are now."""
        return digest(program(self.root, self.modules, self.variables), self.packages)


def synthesize_changed(
    plans: Mapping[str, object], of: Program, kept: KeptStacks, outdir: Path, synthesize: Synthesize
) -> None:
    """Write all stacks to `outdir` with the bytes that `synthesize` would write, and keep those that it had to write.

    Args:
        plans: of the stacks, by their ids; at least one.
        of: what makes the stacks.
        kept: stacks of earlier syntheses.
        outdir: has a folder `stacks`.
        synthesize: called for what is not kept, if that is anything.

    Raises:
        Refusal: what `synthesize` raises; the manifest stays as it was.
    """
    before = of.digest()
    digests = {id_: digest(before, plan) for id_, plan in plans.items()}
    manifests = kept.restore(digests, outdir)
    changed = {id_: value for id_, value in digests.items() if id_ not in manifests}
    with tempfile.TemporaryDirectory(dir=outdir, prefix=".synthesis-") as name:
        folder = linked(Path(name) / "changed", outdir)
        found = list(manifests.values())
        if changed:
            for id_ in changed:
                # Its files may be names of files that others have: cdktf must not write into those.
                shutil.rmtree(outdir / STACKS / id_ / ASSETS, ignore_errors=True)
            synthesize(tuple(changed), folder)
            found.insert(0, json.loads((folder / MANIFEST).read_text()))
            # What was edited in the meantime was made from neither the old files nor the new ones.
            if of.digest() == before:
                kept.keep(changed, folder, [digests[id_] for id_ in manifests])
        merged = Path(name) / MANIFEST
        merged.write_text(merge(found))
        merged.replace(outdir / MANIFEST)
