"""What an engine does next: a pure function of the waves, the records, what was asked, and the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from fleet.release.manifest import Manifest, Wave
from fleet.rollout.asking import Asked
from fleet.rollout.records import FAILURES, Outcome, Record
from fleet.rollout.verdicts import WaveVerdict

State = Literal["waiting", "unchanged", "leaving", Outcome]
"""Of a stack in a rollout: `leaving` where it has a tenant that is being retired,
`waiting` where no attempt with this release has ended anywhere yet, `unchanged` where the
last release that it got made the same of it."""
TO_BEGIN: Final = frozenset({"waiting", "stopped", "running"})
"""Whoever is `running`, and not a child of this engine, was left by one that is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Start a worker for each of these stacks, of this wave."""

    wave: Wave
    stacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Wait until a worker ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bake:
    """Wait after a wave, before the next.

    Attributes:
        wave: that is done.
        until: when the next may begin.
    """

    wave: Wave
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe:
    """Find out how a wave is, whose pause is over."""

    wave: Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """There is nothing more to start.

    Attributes:
        how: `finished`; `halted` by failures, or by a wave that is unhealthy; `paused` or `aborted` by somebody.
        wave: at which it ended; `None` where all are done.
        failures: in that wave.
        reasons: why that wave is unhealthy; none where it is not.
    """

    how: Literal["finished", "halted", "paused", "aborted"]
    wave: Wave | None = None
    failures: int = 0
    reasons: tuple[str, ...] = ()


Decision = Start | Wait | Bake | Observe | Ended
News = Decision | Record | WaveVerdict
"""What an engine tells while it runs."""


def states_of(
    manifest: Manifest, digest: str, records: Mapping[str, Record | None], leaving: Collection[str] = ()
) -> dict[str, State]:
    """Return the state of each stack that is in a wave.

    Args:
        manifest: of the release.
        digest: of the release.
        records: by stack; one of another release counts where it made the same of the stack.
        leaving: tenants that are being retired, or are gone: a stack that has one is not deployed.
    """
    found: dict[str, State] = {}
    for wave in manifest.waves:
        for stack in wave.stacks:
            record = records.get(stack)
            if any(tenant in leaving for tenant in manifest.stacks[stack].tenants):
                found[stack] = "leaving"
            elif record is None:
                found[stack] = "waiting"
            elif record.release == digest:
                found[stack] = record.outcome
            else:
                same = record.outcome == "succeeded" and record.content == manifest.stacks[stack].content
                found[stack] = "unchanged" if same else "waiting"
    return found


def decide(
    waves: Sequence[Wave],
    states: Mapping[str, State],
    *,
    running: Collection[str],
    records: Mapping[str, Record | None],
    verdicts: Mapping[str, WaveVerdict] | None,
    asked: Asked,
    concurrency: int,
    now: datetime,
) -> Decision:
    """Return what to do next.

    Args:
        waves: of the release.
        states: by stack.
        running: stacks whose workers this engine has started, and that have not ended.
        records: by stack, for the time at which each wave was done.
        verdicts: what was found out of each wave's health, by its name; `None` where the release says not how.
        asked: what was asked last.
        concurrency: workers at once, at most.
        now: the time, with its zone.
    """
    for index, wave in enumerate(waves):
        open_ = [stack for stack in wave.stacks if states[stack] in TO_BEGIN and stack not in running]
        busy = any(stack in running for stack in wave.stacks)
        failures = sum(states[stack] in FAILURES and stack not in running for stack in wave.stacks)
        if not open_ and not busy and failures <= wave.tolerated:
            until = _baked(wave, records)
            rest = any(states[stack] in TO_BEGIN for later in waves[index + 1 :] for stack in later.stacks)
            if rest and asked == "go" and until is not None and now < until:
                return Bake(wave=wave, until=until)
            found = _observed(wave, states, records, verdicts) if rest and asked == "go" else None
            if found:
                return found
            continue
        if asked != "go":
            return Wait() if running else Ended(how="paused" if asked == "pause" else "aborted", wave=wave)
        if failures > wave.tolerated:
            return Wait() if running else Ended(how="halted", wave=wave, failures=failures)
        free = concurrency - len(running)
        return Start(wave=wave, stacks=tuple(open_[:free])) if open_ and free > 0 else Wait()
    return Ended(how="finished")


def _observed(
    wave: Wave,
    states: Mapping[str, State],
    records: Mapping[str, Record | None],
    verdicts: Mapping[str, WaveVerdict] | None,
) -> Observe | Ended | None:
    """Return what is done after the pause of `wave` before the next begins; `None` where that may begin."""
    if verdicts is None or not wave.bake_minutes or "succeeded" not in {states[one] for one in wave.stacks}:
        return None
    verdict = verdicts.get(wave.name)
    if verdict is None or verdict.at < _last_end(wave, records):
        return Observe(wave=wave)
    unhealthy = verdict.health == "unhealthy"
    return Ended(how="halted", wave=wave, reasons=verdict.reasons) if unhealthy else None


def _baked(wave: Wave, records: Mapping[str, Record | None]) -> datetime | None:
    """Return when the pause after `wave` is over; `None` where none of its stacks says when it ended."""
    end = _last_end(wave, records)
    return datetime.fromisoformat(end) + timedelta(minutes=wave.bake_minutes) if end else None


def _last_end(wave: Wave, records: Mapping[str, Record | None]) -> str:
    """Return when the last stack of `wave` ended, as records say it; empty where none says so."""
    ends = [record.ended_at for stack in wave.stacks if (record := records.get(stack)) and record.ended_at]
    return max(ends, default="")
