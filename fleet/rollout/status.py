"""How a rollout is shown: its plan, and where each stack is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from facts.prices import REGION
from fleet.release.manifest import Manifest
from fleet.release.store import Release
from fleet.rollout.cost import dollars
from fleet.rollout.deciding import State, states_of
from fleet.rollout.naming import named, tallied
from fleet.rollout.records import FAILURES, Record, RolloutFolder
from fleet.rollout.verdicts import described, verdicts_of
from fleet.tables import table


def records_of(folder: RolloutFolder, manifest: Manifest) -> dict[str, Record | None]:
    """Return the record of each stack of the release."""
    return folder.records(manifest.stacks)


def states_in(release: Release, folder: RolloutFolder) -> dict[str, State]:
    """Return where each stack of `release` is that is in a wave."""
    manifest = release.manifest
    return states_of(manifest, release.digest, records_of(folder, manifest), folder.leaving())


def failed(states: Mapping[str, str]) -> bool:
    """Return whether the rollout failed anywhere."""
    return any(state in FAILURES for state in states.values())


def minutes_of(manifest: Manifest, minutes_each: float, concurrency: int | None = None) -> float:
    """Return how long a rollout takes in which every stack takes as long, and none fails.

    Args:
        manifest: of the release.
        minutes_each: how long one stack takes.
        concurrency: stacks at once; `None` is the release's.
    """
    at_once = concurrency or manifest.concurrency
    turns = sum(-(-len(wave.stacks) // at_once) for wave in manifest.waves)
    return turns * minutes_each + sum(wave.bake_minutes for wave in manifest.waves[:-1])


def plan_text(release: Release, minutes_each: float | None = None) -> str:
    """Return the waves of `release`, for people; with `minutes_each` of a stack, time and cost."""
    manifest = release.manifest
    lines = [["wave", "first stacks", "stacks", "tolerated failures", "then wait"]]
    for wave in manifest.waves:
        first = ", ".join(wave.stacks[:3]) + (", ..." if len(wave.stacks) > 3 else "")  # noqa: PLR2004
        last = wave is manifest.waves[-1]
        pause = "-" if last else f"{wave.bake_minutes:g} min"
        lines.append([wave.name, first, str(len(wave.stacks)), str(wave.tolerated), pause])
    rows = [f"release {release.name}, {manifest.concurrency} stacks at once", "", table(lines, left=2)]
    rows += [f"held by the registry: {', '.join(manifest.held)}"] if manifest.held else []
    for id_, stack in sorted(manifest.stacks.items()):
        rows += [f"may be destroyed in {id_}: {', '.join(stack.may_destroy)}"] if stack.may_destroy else []
    if minutes_each is not None:
        hours, minutes = divmod(round(minutes_of(manifest, minutes_each)), 60)
        rows.append(f"at {minutes_each:g} min a stack: {hours} h {minutes:02} min")
        price = dollars(manifest, minutes_each)
        rows.append(f"with --engine step-functions: {price:,.2f} US dollars at list prices of {REGION}")
    return "\n".join(rows)


def plan_document(release: Release, minutes_each: float | None = None) -> dict[str, Any]:
    """Return the same as the values of JSON."""
    manifest = release.manifest
    return {
        "release": release.digest,
        "concurrency": manifest.concurrency,
        "waves": [asdict(wave) for wave in manifest.waves],
        "minutes": None if minutes_each is None else minutes_of(manifest, minutes_each),
        "dollars_on_aws": None if minutes_each is None else float(dollars(manifest, minutes_each)),
        "held": list(manifest.held),
        "may_destroy": {
            id_: list(one.may_destroy) for id_, one in manifest.stacks.items() if one.may_destroy
        },
    }


def status_document(release: Release, folder: RolloutFolder, asked: str) -> dict[str, Any]:
    """Return where each stack of `release` is, as the values of JSON."""
    records = records_of(folder, release.manifest)
    states = states_in(release, folder)
    verdicts = verdicts_of(folder, release.digest, release.manifest)
    return {
        "release": release.digest,
        "asked": asked,
        "counts": dict(sorted(Counter(states.values()).items())),
        "waves": [
            {
                "name": wave.name,
                "tolerated": wave.tolerated,
                "stacks": {stack: states[stack] for stack in wave.stacks},
                "health": asdict(verdicts[wave.name]) if wave.name in verdicts else None,
            }
            for wave in release.manifest.waves
        ],
        "held": list(release.manifest.held),
        "failures": [
            {"outcome": outcome, "step": step, "reasons": list(reasons), "stacks": stacks}
            for (outcome, step, reasons), stacks in groups(release, records)
        ],
    }


Reason = tuple[str, str, tuple[str, ...]]


def groups(release: Release, records: Mapping[str, Record | None]) -> list[tuple[Reason, list[str]]]:
    """Return what failed, the stacks that failed alike in one group, the largest first."""
    found: dict[Reason, list[str]] = {}
    for stack, record in sorted(records.items()):
        if record and record.release == release.digest and record.outcome in FAILURES:
            reasons = record.refused or (record.error,)
            found.setdefault((record.outcome, record.step, reasons), []).append(stack)
    return sorted(found.items(), key=lambda group: (-len(group[1]), group[0]))


def status_text(release: Release, folder: RolloutFolder, asked: str) -> str:
    """Return the same for people."""
    manifest = release.manifest
    records = records_of(folder, manifest)
    states = states_in(release, folder)
    shown = [state for state in _ORDER if state in states.values()]
    lines = [["wave", *shown, "tolerated failures"]]
    for wave in manifest.waves:
        counts = Counter(states[stack] for stack in wave.stacks)
        lines.append([wave.name, *(str(counts[state] or "-") for state in shown), str(wave.tolerated)])
    said = {"pause": ", paused", "abort": ", aborted"}.get(asked, "")
    rows = [f"release {release.name}{said}", "", table(lines, left=1)]
    rows += [f"held by the registry: {', '.join(manifest.held)}"] if manifest.held else []
    rows += map(described, verdicts_of(folder, release.digest, manifest).values())
    for (outcome, step, reasons), stacks in groups(release, records):
        rows.append(f"{tallied(stacks)} {outcome} at {step}: {'; '.join(reasons)}")
        rows.append(f"  {named(stacks)}")
    return "\n".join(rows)


def fleet_document(folder: RolloutFolder) -> dict[str, dict[str, str]]:
    """Return the outcome of each stack's last attempt, by the release of that attempt and the stack."""
    found: dict[str, dict[str, str]] = {}
    for stack, record in folder.records(folder.stacks()).items():
        if record is not None:
            found.setdefault(record.release, {})[stack] = record.outcome
    return dict(sorted(found.items()))


def fleet_text(folder: RolloutFolder) -> str:
    """Return how many stacks the last attempts of each release reached, for people."""
    releases = fleet_document(folder)
    if not releases:
        return "no release has reached a stack"
    shown = [state for state in _ORDER if any(state in stacks.values() for stacks in releases.values())]
    lines = [["release", *shown]]
    for release, stacks in releases.items():
        counts = Counter(stacks.values())
        lines.append([release[:12], *(str(counts[state] or "-") for state in shown)])
    return table(lines, left=1)


_ORDER: Final[tuple[State, ...]] = (
    "waiting",
    "running",
    "stopped",
    "unchanged",
    "leaving",
    "succeeded",
    "failed",
    "refused",
    "locked",
)
