"""`python -m fleet release`: makes a release, and says what is in it."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from config.loading import load
from fleet.limits import FILE, load_limits
from fleet.reading import tallied
from fleet.release.making import make_release
from fleet.release.source import source_of
from fleet.release.store import FOLDER, Release
from fleet.tables import table
from progress.showing import working

ROOT: Final = Path(__file__).resolve().parent.parent.parent


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `release`."""
    command.add_argument(
        "--output", default=FOLDER, type=Path, metavar="FOLDER", help=f"where releases are kept ({FOLDER})"
    )
    command.add_argument("--bucket", help="S3 bucket that gets the release as well, below releases/")
    command.add_argument(
        "--may-destroy",
        default=[],
        action="append",
        metavar="[STACK:]ADDRESS",
        help="a resource that may be deleted or replaced although it holds data; may be given several times",
    )


def run(options: argparse.Namespace, show: Callable[[object, str], None]) -> int:
    """Make the release that `options` describe, and show it; return the exit code."""
    settings, registry = load(os.environ, root=ROOT)
    limits = load_limits((ROOT / str(settings.registry)).with_name(FILE))
    with working(f"proving and keeping the stacks in {options.out}"):
        release = make_release(
            options.out,
            registry=registry,
            settings=limits.rollout,
            may_destroy=options.may_destroy,
            source=source_of(ROOT),
            store=options.output,
            root=ROOT,
        )
    if options.bucket:
        # Imported here: nothing else needs the AWS SDK, which takes longer to import than the rest to run.
        from fleet.release.bucket import send  # noqa: PLC0415

        with working(f"sending the release to {options.bucket}"):
            send(release, options.bucket)
    show(document(release, options.bucket), text(release, options.bucket))
    return 0


def document(release: Release, bucket: str | None = None) -> dict[str, Any]:
    """Return what is in `release`, which may be in a bucket too, as the values of JSON."""
    manifest = release.manifest
    return {
        "digest": release.digest,
        "folder": str(release.store / release.digest),
        "bucket": f"s3://{bucket}/{release.digest}" if bucket else None,
        "commit": manifest.source.commit,
        "modified": manifest.source.modified,
        "verdict": manifest.proof.verdict,
        "stacks": len(manifest.stacks),
        "held": list(manifest.held),
        "packages": len(manifest.packages) + len(manifest.objects),
        "may_destroy": {
            id_: list(one.may_destroy) for id_, one in manifest.stacks.items() if one.may_destroy
        },
    }


def text(release: Release, bucket: str | None = None) -> str:
    """Return the same for people."""
    manifest = release.manifest
    kinds = Counter(stack.kind for stack in manifest.stacks.values())
    shapes = Counter(stack.shape for stack in manifest.stacks.values())
    bytes_ = sum(manifest.packages.values())
    elsewhere = f", {len(manifest.objects)} in a bucket" if manifest.objects else ""
    lines = [
        ["release", release.digest],
        ["folder", str(release.store / release.digest)],
        [
            "commit",
            f"{manifest.source.commit}{', with changes that are not committed' * manifest.source.modified}",
        ],
        ["by", f"{manifest.source.author}, {manifest.source.committed_at}"],
        [
            "verdict",
            f"{manifest.proof.verdict}{f', {n} accepted' if (n := len(manifest.proof.accepted)) else ''}",
        ],
        ["stacks", f"{tallied(dict(sorted(kinds.items())))}, of {tallied({'shape': len(shapes)})}"],
        ["packages", f"{len(manifest.packages)}, {bytes_:,} bytes{elsewhere}"],
        ["waves", ", ".join(f"{wave.name}: {len(wave.stacks)}" for wave in manifest.waves)],
    ]
    if bucket:
        lines.insert(2, ["bucket", f"s3://{bucket}/{release.digest}"])
    if manifest.held:
        lines.append(["held", ", ".join(manifest.held)])
    allowed = [
        f"{id_}: {address}" for id_, one in sorted(manifest.stacks.items()) for address in one.may_destroy
    ]
    if allowed:
        lines.append(["may destroy", ", ".join(allowed)])
    return table(lines, left=2)
