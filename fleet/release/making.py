"""Makes a release of what was synthesized, if it is proved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from config.registry.models import Registry
from config.registry.tenants import Silo
from fleet.release.contents import Contents, contents_of
from fleet.release.manifest import CONFIGURATION, Manifest, Proof, Source, Watching, digest
from fleet.release.proving import prove
from fleet.release.store import Release, keep, publish
from fleet.release.waves import waves_of
from fleet.rollout_settings import RolloutSettings
from fleet.synthesized import SynthesizedStack, read_stacks

ADDRESS: Final = re.compile(r"[a-z0-9_]+\.[A-Za-z0-9_-]+")


def make_release(
    outdir: Path,
    *,
    registry: Registry,
    settings: RolloutSettings,
    may_destroy: Sequence[str],
    source: Source,
    store: Path,
    root: Path,
) -> Release:
    """Return the release of the stacks below `outdir`; the same stacks, commit and settings give the same digest.

    Args:
        outdir: what was synthesized, such as `cdktf.out`.
        registry: that it was synthesized from: who is held, and who comes first.
        settings: of the rollout.
        may_destroy: addresses, or `STACK:ADDRESS`, that may be deleted or replaced although they hold data.
        source: the commit that was synthesized.
        store: the folder of the releases.
        root: of the checkout, where the prover and its waivers are.

    Raises:
        NotProvedError: the prover does not say `PROVED`, or `ACCEPTED`.
        ConfigurationError: stacks, registry and addresses do not fit together, or something cannot be read or written.
        UnreadableStacksError: nothing was synthesized there.
    """
    stacks = [stack for stack in read_stacks(outdir) if not stack.delivers]
    allowed = _allowed(may_destroy, [stack.id for stack in stacks])
    silos = {stack.id: _silo(stack, registry) for stack in stacks if stack.silo}
    before = [digest((stack.folder / CONFIGURATION).read_bytes()) for stack in stacks]
    answer = prove(outdir, root=root)
    found = [contents_of(stack, store) for stack in stacks]
    _check_unchanged(before, found)
    entries = [
        replace(
            contents.entry,
            may_destroy=allowed[contents.entry.id],
            canary=contents.entry.id in silos and silos[contents.entry.id].tier == "canary",
            held=contents.entry.id in silos and silos[contents.entry.id].release == "paused",
        )
        for contents in found
    ]
    manifest = Manifest(
        source=source,
        proof=Proof(verdict=answer.verdict, accepted=answer.accepted, report=keep(store, answer.report)),
        stacks={entry.id: entry for entry in entries},
        packages={sha256: size for contents in found for sha256, size in contents.packages.items()},
        objects=tuple(sorted({name for contents in found for name in contents.objects})),
        waves=waves_of(entries, settings),
        concurrency=settings.concurrency,
        watching=Watching(minimum_requests=settings.minimum_requests, not_observed=settings.not_observed),
    )
    return publish(store, manifest)


def _check_unchanged(before: Iterable[str], found: Iterable[Contents]) -> None:
    """Compare what is kept with what was there before the proof, so that a synthesis meanwhile is noticed."""
    for sha256, contents in zip(before, found, strict=True):
        if sha256 != contents.entry.files[CONFIGURATION]:
            received, expected = "a file that changed meanwhile", "what was proved; run it again"
            where = f"{contents.entry.id}/{CONFIGURATION}"
            raise ConfigurationError([Problem(where=where, received=received, expected=expected)])


def _silo(stack: SynthesizedStack, registry: Registry) -> Silo:
    """Return what the registry says of the silo whose stack it is."""
    silo = registry.silos.get(stack.silo or "")
    if silo is None:
        expected = "the silo of a tenant of the registry; run `make synth`"
        raise ConfigurationError([Problem(where=stack.id, received=stack.silo, expected=expected)])
    return silo


def _allowed(may_destroy: Sequence[str], stacks: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return by stack which addresses may be destroyed in it."""
    allowed: dict[str, set[str]] = {stack: set() for stack in stacks}
    for text in may_destroy:
        stack, colon, address = text.rpartition(":")
        if not ADDRESS.fullmatch(address) or (colon and stack not in allowed):
            expected = (
                "the address of a resource, such as 'aws_sqs_queue.events_dlq', or one of a stack, "
                f"such as '{stacks[0]}:aws_sqs_queue.events_dlq'"
            )
            raise ConfigurationError([Problem(where="--may-destroy", received=text, expected=expected)])
        for name in [stack] if colon else stacks:
            allowed[name].add(address)
    return {stack: tuple(sorted(addresses)) for stack, addresses in allowed.items()}
