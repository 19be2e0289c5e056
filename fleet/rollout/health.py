"""How a wave is after its pause: what CloudWatch's alarms of its stacks say, and whether there were enough requests.

Pure: what AWS says is given. An alarm that has seen no request says that nothing is wrong, which is no health: such a
stack is not observed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from fleet.release.manifest import Manifest, Wave
from fleet.release.store import Release
from fleet.rollout.naming import named
from fleet.rollout.records import Record, RolloutFolder, now
from fleet.rollout.verdicts import Health, WaveVerdict, keep

REQUESTS: Final = "Count"
"""The requests of an HTTP API, by `ApiId`, in the namespace of its alarms
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html, read 2026-11-28)."""
APIS: Final = "AWS/ApiGateway"
WORST_FIRST: Final[tuple[Health, ...]] = ("unhealthy", "not observed")
MOST_REASONS: Final = 20
"""Lines of a verdict that are kept; the others are counted. It fits into an item of DynamoDB."""

Alarm = Mapping[str, Any]
"""As `DescribeAlarms` says it (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html)."""


class HealthSource(Protocol):
    """What is asked of CloudWatch."""

    def alarms(self, region: str, names: Sequence[str]) -> Mapping[str, Alarm]:
        """Return the alarms of these names that there are, by name.

        Raises:
            ConfigurationError: AWS refuses, or does not answer.
        """

    def requests(self, region: str, alarm: Alarm, start: datetime, end: datetime) -> int:
        """Return how many requests the API that `alarm` watches got from `start` to `end`.

        Raises:
            ConfigurationError: AWS refuses, or does not answer.
        """


class StackObservation(NamedTuple):
    """How a stack, by its id, is, and who says so or what is missing."""

    stack: str
    health: Health
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLook:
    """A look at one wave.

    Attributes:
        release: that is rolled out.
        wave: of it.
        folder: of the rollouts.
        monitoring: that is asked.
    """

    release: Release
    wave: Wave
    folder: RolloutFolder
    monitoring: HealthSource

    def run(self) -> WaveVerdict:
        """Return how the wave is, keep it, and have the rollout wait where that takes a person.

        Raises:
            ConfigurationError: AWS refuses, or something cannot be read or written.
        """
        manifest = self.release.manifest
        records = self.folder.records(self.wave.stacks)
        reached = [
            record
            for stack in self.wave.stacks
            if (record := records.get(stack))
            and record.release == self.release.digest
            and record.outcome == "succeeded"
        ]
        at = datetime.now(tz=UTC)
        found = list(self._stacks(reached, manifest, at))
        verdict = summed(self.wave.name, found)
        keep(self.folder, self.release.digest, verdict)
        event = f"wave {verdict.health}"
        self.folder.tell(
            event=event, release=self.release.digest, wave=self.wave.name, reasons=verdict.reasons
        )
        waits = manifest.watching is not None and manifest.watching.not_observed == "wait"
        if verdict.health == "not observed" and waits and self._goes_on():
            # As a person's pause: `resume` goes on, and says that this person has looked.
            self.folder.ask(self.release.digest, "pause")
        return verdict

    def _goes_on(self) -> bool:
        return self.folder.asked(self.release.digest) in {None, "go"}

    def _stacks(
        self, records: Iterable[Record], manifest: Manifest, at: datetime
    ) -> Iterator[StackObservation]:
        by_region: dict[str, list[Record]] = {}
        for record in records:
            by_region.setdefault(manifest.stacks[record.stack].region, []).append(record)
        least = manifest.watching.minimum_requests if manifest.watching else 1
        for region, regional in by_region.items():
            names = {record.stack: manifest.stacks[record.stack].alarms for record in regional}
            known = self.monitoring.alarms(region, [name for own in names.values() for name in own])

            def requests(alarm: Alarm, record: Record, region: str = region) -> int:
                start = datetime.fromisoformat(record.ended_at or record.started_at)
                return self.monitoring.requests(region, alarm, start, at)

            for record in regional:
                own = {name: known.get(name) for name in names[record.stack]}
                yield judged(record, own, requests, minimum=least)


def judged(
    record: Record,
    alarms: Mapping[str, Alarm | None],
    requests: Callable[[Alarm, Record], int],
    *,
    minimum: int,
) -> StackObservation:
    """Return how one stack is.

    Args:
        record: of the attempt by which it got the release.
        alarms: of the stack, by name; `None` for one that AWS does not have.
        requests: how many its API got, by an alarm on the API, since that attempt.
        minimum: of them.
    """
    went_off, before = [], []
    for name, alarm in alarms.items():
        if alarm is not None and alarm["StateValue"] == "ALARM":
            since = _since(alarm)
            said = f"alarm {name} is on since {since:%Y-%m-%dT%H:%M:%SZ}"
            if since >= datetime.fromisoformat(record.started_at):
                went_off.append(said)
            else:
                before.append(f"{said}, before the release came")
    if went_off:
        return StackObservation(record.stack, "unhealthy", tuple(went_off))
    missing = [f"no alarm {name}" for name, alarm in alarms.items() if alarm is None]
    apis = [alarm for alarm in alarms.values() if alarm is not None and alarm.get("Namespace") == APIS]
    if not alarms:
        missing = ["no alarms"]
    elif not missing and not apis:
        missing = ["no alarm on an API, by which requests are counted"]
    elif not missing and not before:
        count = requests(apis[0], record)
        if count < minimum:
            missing = [f"{count} requests, {minimum} are needed"]
    lacking = [*before, *missing]
    return StackObservation(record.stack, "not observed" if lacking else "healthy", tuple(lacking))


def summed(wave: str, stacks: Sequence[StackObservation]) -> WaveVerdict:
    """Return how a wave is: as the worst of its stacks. Of those of whom the same is said there is one line.

    Args:
        wave: its name.
        stacks: of those that have got the release.
    """
    for health in WORST_FIRST:
        groups: dict[str, list[str]] = {}
        for found in stacks:
            for reason in found.reasons if found.health == health else ():
                groups.setdefault(reason, []).append(found.stack)
        if groups:
            reasons = [f"{named(group)}: {reason}" for reason, group in groups.items()]
            more = len(reasons) - MOST_REASONS
            kept = [*reasons[:MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]
            return WaveVerdict(wave=wave, health=health, reasons=tuple(kept), at=now())
    if not stacks:
        nobody = ("no stack of it has got the release",)
        return WaveVerdict(wave=wave, health="not observed", reasons=nobody, at=now())
    return WaveVerdict(wave=wave, health="healthy", reasons=(), at=now())


def _since(alarm: Alarm) -> datetime:
    """Return since when an alarm is in its state, to the second, as records have their times."""
    since: datetime = alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]
    return since.astimezone(UTC).replace(microsecond=0)
