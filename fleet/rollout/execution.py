"""The engine on AWS: an execution of the environment's state machine, with a build for each stack.

It decides as the engine of one machine does, from the same records. Whoever started it may leave: the next command
follows the execution that runs.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.exceptions import ClientError

from config.problems import ConfigurationError
from fleet.packages import PackageObject
from fleet.publish import ensure, s3_client
from fleet.release.bucket import send
from fleet.release.manifest import digest
from fleet.release.store import Release
from fleet.rollout.asking import asked, go_on
from fleet.rollout.deciding import (
    TO_BEGIN,
    Bake,
    Decision,
    Ended,
    News,
    Observe,
    Start,
    State,
    decide,
    states_of,
)
from fleet.rollout.delivery import Delivery
from fleet.rollout.health import HealthLook
from fleet.rollout.monitoring import CloudWatch
from fleet.rollout.records import FAILURES, Record, now
from fleet.rollout.step_functions import refusal, refusals, states_client
from fleet.rollout.table import RolloutTable
from fleet.rollout.verdicts import WaveVerdict, verdicts_of
from fleet.rollout.waves_input import waves_input

LOOK_SECONDS: Final = 2.0
"""Between two looks at an execution: far below the 15 requests a second that DescribeExecution may make
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11-28)."""
CLAIM_SECONDS: Final = 60
"""After which a claim whose execution was never started is void."""


@dataclass(kw_only=True)
class ExecutionEngine:
    """A rollout by the state machine.

    Attributes:
        release: that is rolled out.
        delivery: where.
        table: of the records.
        told: each decision that is not the one before, each record of a build that has ended, and each verdict.
        concurrency: builds at once, at most.
    """

    release: Release
    delivery: Delivery
    table: RolloutTable
    told: Callable[[News], None]
    concurrency: int
    _again: set[str] = field(default_factory=set)
    _unheard: set[str] = field(default_factory=set)

    def run(self, *, retry: bool = False) -> Ended:
        """Roll the release out until there is nothing more to start.

        Args:
            retry: whether stacks at which it failed are tried again, and waves that were unhealthy looked at again.

        Raises:
            ConfigurationError: another release is rolled out, AWS refuses, or records cannot be read or written.
        """
        self.release.verify()
        waiting = asked(self.table, self.release.digest) != "go"
        running = self._running()
        if running is not None:
            self._follow(running)
        if waiting:
            # Not before: an execution that ends after a pause would go on with the next wave, past who was not asked.
            go_on(self.table, self.release)
        if running is None and retry:
            self._again = {
                stack for stack, state in self._states(self._records()).items() if state in FAILURES
            }
            self._unheard = {
                wave for wave, verdict in self._verdicts().items() if verdict.health == "unhealthy"
            }
        last: Decision | None = None
        while True:
            decision = self._decide()
            if isinstance(decision, Ended):
                return decision
            if isinstance(decision, Start) and decision == last:
                raise refusal(
                    self.delivery.state_machine, "an execution that began nobody", "the stack as it is"
                )
            last = decision
            self.told(decision)
            if isinstance(decision, Bake):
                self._wait(decision)
            elif isinstance(decision, Observe):
                self._observe(decision)
            else:
                self._follow(self._start())

    def _records(self) -> dict[str, Record | None]:
        return self.table.records(self.release.manifest.stacks)

    def _states(self, records: dict[str, Record | None]) -> dict[str, State]:
        states = states_of(self.release.manifest, self.release.digest, records, self.table.leaving())
        return {
            stack: "waiting" if stack in self._again and state != "leaving" else state
            for stack, state in states.items()
        }

    def _verdicts(self) -> dict[str, WaveVerdict]:
        found = verdicts_of(self.table, self.release.digest, self.release.manifest)
        return {wave: verdict for wave, verdict in found.items() if wave not in self._unheard}

    def _observe(self, decision: Observe) -> None:
        """Look at a wave with the caller's rights: no build has, or it could not."""
        look = HealthLook(
            release=self.release, wave=decision.wave, folder=self.table, monitoring=CloudWatch()
        )
        verdict = look.run()
        self._unheard.discard(decision.wave.name)
        self.told(verdict)

    def _decide(self) -> Decision:
        records = self._records()
        return decide(
            self.release.manifest.waves,
            self._states(records),
            running=(),
            records=records,
            verdicts=None if self.release.manifest.watching is None else self._verdicts(),
            asked=asked(self.table, self.release.digest),
            concurrency=self.concurrency,
            now=datetime.now(tz=UTC),
        )

    def _wait(self, bake: Bake) -> None:
        """Wait for the end of a pause, unless somebody asks for something else."""
        while datetime.now(tz=UTC) < bake.until and asked(self.table, self.release.digest) == "go":
            time.sleep(LOOK_SECONDS)

    def _start(self) -> str:
        """Start an execution for what is left, and return its ARN."""
        states = self._states(self._records())
        given = waves_input(
            self.release.digest,
            self.release.manifest.waves,
            to_begin=[stack for stack, state in states.items() if state in TO_BEGIN],
            failed=[stack for stack, state in states.items() if state in FAILURES],
            concurrency=self.concurrency,
        )
        if self.table.asked(self.release.digest) is None:
            # The state machine asks for the word itself.
            self.table.ask(self.release.digest, "go")
        send(self.release, self.delivery.bucket)
        client = s3_client(self.delivery.region)
        for key, content in given.lists.items():
            ensure(client, self._object(key, content), content)
        name = f"{self.release.digest[:16]}-{datetime.now(tz=UTC):%Y%m%dT%H%M%S%f}"
        self._claim(name)
        self.table.tell(event="rollout started", release=self.release.digest, execution=name)
        with refusals(self.delivery.state_machine):
            answer = states_client(self.delivery.region).start_execution(
                stateMachineArn=self.delivery.state_machine, name=name, input=given.text
            )
        self._again.clear()
        return str(answer["executionArn"])

    def _object(self, key: str, content: bytes) -> PackageObject:
        checksum = base64.b64encode(bytes.fromhex(digest(content))).decode()
        return PackageObject(
            bucket=self.delivery.bucket, key=key, region=self.delivery.region, checksum=checksum
        )

    def _claim(self, name: str) -> None:
        """Have one rollout at a time: of two that begin at once, one is refused."""
        before = self.table.item("claim", "rollout")
        execution = str(before["execution"]["S"]) if before else None
        mine = {"execution": {"S": name}, "at": {"S": now()}}
        if self._running() is not None or not self.table.put_instead(
            "claim", "rollout", mine, attribute="execution", before=execution
        ):
            raise self._another("a rollout that is being started")

    def _running(self) -> str | None:
        """Return the ARN of this release's execution that runs; `None` where none does.

        Raises:
            ConfigurationError: another release's runs.
        """
        claim = self.table.item("claim", "rollout")
        if claim is None:
            return None
        name = str(claim["execution"]["S"])
        arn = f"{self.delivery.state_machine.replace(':stateMachine:', ':execution:')}:{name}"
        status = self._status(arn)
        if status is None:
            age = datetime.now(tz=UTC) - datetime.fromisoformat(str(claim["at"]["S"]))
            if age < timedelta(seconds=CLAIM_SECONDS):
                raise self._another("a rollout that is being started")
            return None
        if status != "RUNNING":
            return None
        if not name.startswith(self.release.digest[:16]):
            raise self._another(f"a rollout of release {name[:12]}, which is running")
        return arn

    def _status(self, arn: str) -> str | None:
        """Return the status of an execution; `None` where there is none."""
        with refusals(arn):
            try:
                return str(states_client(self.delivery.region).describe_execution(executionArn=arn)["status"])
            except ClientError as error:
                if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                    return None
                raise

    def _follow(self, arn: str) -> None:
        """Tell what builds do until the execution has ended; then write the records of those that left none."""
        known, judged = self._records(), self._verdicts()
        while True:
            status = self._status(arn)
            records = self._records()
            for stack, record in records.items():
                if record is not None and record.ended_at and record != known.get(stack):
                    self.told(record)
            known = records
            for wave, verdict in self._verdicts().items():
                if verdict != judged.get(wave):
                    judged[wave] = verdict
                    self.told(verdict)
            if status != "RUNNING":
                break
            time.sleep(LOOK_SECONDS)
        for stack in self._failed_children(arn):
            self._lost(stack, known.get(stack))
        self.table.tell(event=f"execution {status}", release=self.release.digest, execution=arn)

    def _failed_children(self, arn: str) -> Iterator[str]:
        """Yield the stacks whose child of the execution failed: its build did, or could not be started."""
        client = states_client(self.delivery.region)
        with refusals(arn):
            for runs in client.get_paginator("list_map_runs").paginate(executionArn=arn):
                for run in runs["mapRuns"]:
                    pages = client.get_paginator("list_executions").paginate(
                        mapRunArn=run["mapRunArn"], statusFilter="FAILED"
                    )
                    for page in pages:
                        for child in page["executions"]:
                            found = client.describe_execution(executionArn=child["executionArn"])
                            yield str(json.loads(found["input"])["stack"])

    def _lost(self, stack: str, record: Record | None) -> None:
        """Write the record of a build that ended without one."""
        own = record if record is not None and record.release == self.release.digest else None
        if own is not None and own.outcome != "running":
            return
        if own is None and asked(self.table, self.release.digest) != "go":
            # It was not to begin.
            return
        begun = own or Record(
            stack=stack,
            release=self.release.digest,
            content=self.release.manifest.stacks[stack].content,
            outcome="running",
            attempts=1,
            started_at=now(),
        )
        error = f"its build ended without a record; the log group {self.delivery.log} says why"
        lost = replace(begun, outcome="failed", error=error, ended_at=now())
        self.table.write(lost)
        self.table.tell(event=lost.outcome, release=lost.release, stack=stack, changes={})
        self.told(lost)

    def _another(self, received: str) -> ConfigurationError:
        expected = "one rollout at a time; `python -m fleet status` shows it"
        return refusal(self.delivery.state_machine, received, expected)
