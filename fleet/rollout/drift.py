"""What differs, in AWS, from the release that each stack has: a plan of each, which changes and locks nothing.

Neither a plan nor a value is kept: what is kept of a stack is the addresses that differ, and the names of their
attributes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from config.problems import ConfigurationError, one_line
from fleet.output import written
from fleet.release.manifest import digest
from fleet.release.store import Release, open_release
from fleet.rollout.naming import named, tallied
from fleet.rollout.records import RolloutFolder, now
from fleet.rollout.stack_root import EndedError
from fleet.rollout.steps import Attempt
from terraform.enduring import plain_environment
from terraform.errors import TerraformError
from terraform.runner import Terraform

NO_RELEASE: Final = "its last attempt has not succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What differs in one stack.

    Attributes:
        stack: its id.
        release: digest of the release that it has.
        lines: address, what a plan would do, and the names of what differs; none where nothing does.
        new: those of them that were not there the last time.
        digest: of the lines; empty where there are none.
        error: why nobody knows; empty where somebody does.
    """

    stack: str
    release: str
    lines: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    digest: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where drift is looked for.

    Attributes:
        folder: of the rollouts, whose records say which release each stack has.
        releases: folder of the releases.
        base: the checkout that paths of local states are relative to.
        environment: what Terraform sees.
        concurrency: stacks at once.
    """

    folder: RolloutFolder
    releases: Path
    base: Path
    environment: Mapping[str, str]
    concurrency: int

    def run(self) -> list[Drift]:
        """Return what differs in each stack that has a record, by its id, and keep it for the next time.

        Raises:
            ConfigurationError: a record or a release cannot be read, or what is found cannot be written.
        """
        records = self.folder.records(self.folder.stacks())
        known = [record for record in records.values() if record is not None]
        opened = {
            name: open_release(name, store=self.releases)
            for name in {record.release for record in known if record.outcome == "succeeded"}
        }
        with (
            Terraform(plain_environment(self.environment)) as terraform,
            ThreadPoolExecutor(self.concurrency) as pool,
        ):
            found = list(
                pool.map(
                    lambda record: (
                        self._look(opened[record.release], record.stack, terraform)
                        if record.outcome == "succeeded"
                        else Drift(stack=record.stack, release=record.release, error=NO_RELEASE)
                    ),
                    known,
                )
            )
        return [self._compared(drift) for drift in found]

    def _look(self, release: Release, stack: str, terraform: Terraform) -> Drift:
        folder = self.folder.path / "drift" / "work" / stack
        attempt = Attempt(
            release=release,
            stack=stack,
            folder=folder,
            terraform=terraform,
            base=self.base,
            lock_seconds=0,
            reached=lambda _: None,
            stopping=lambda: False,
        )
        try:
            lines = attempt.differences()
        except EndedError as error:
            return Drift(stack=stack, release=release.digest, error=str(error))
        except (ConfigurationError, TerraformError) as error:
            # Where Terraform ran, its error ends with what it printed.
            ran = isinstance(error, TerraformError) and error.output
            said = "Terraform failed" if ran else one_line(str(error))
            return Drift(stack=stack, release=release.digest, error=said)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        known = digest("\n".join(lines).encode())[:16] if lines else ""
        return Drift(stack=stack, release=release.digest, lines=tuple(lines), digest=known)

    def _compared(self, drift: Drift) -> Drift:
        """Return `drift` with what is new since the last time, and keep it; what nobody knows is not kept."""
        if drift.error:
            return drift
        file = self.folder.path / "drift" / f"{drift.stack}.json"
        try:
            before = set(json.loads(file.read_text())["lines"])
        except (OSError, ValueError, KeyError, TypeError):
            before = set()
        new = tuple(line for line in drift.lines if line not in before)
        kept = {"at": now(), "release": drift.release, "digest": drift.digest, "lines": list(drift.lines)}
        written(file, json.dumps(kept, indent=1) + "\n")
        return Drift(**{**asdict(drift), "new": new})


def text(found: Sequence[Drift]) -> str:
    """Return what differs, for people: stacks that differ alike are one group."""
    clean = [drift.stack for drift in found if not drift.lines and not drift.error]
    rows = [f"{tallied([drift.stack for drift in found])}: {len(clean)} as deployed"]
    groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    errors: dict[str, list[str]] = {}
    for drift in found:
        if drift.error:
            errors.setdefault(drift.error, []).append(drift.stack)
        elif drift.lines:
            groups.setdefault((drift.lines, bool(drift.new)), []).append(drift.stack)
    for (lines, new), stacks in sorted(groups.items(), key=lambda group: (not group[0][1], group[1])):
        rows.append(
            f"{tallied(stacks)} differ{'s' * (len(stacks) == 1)}{', new since last time' * new}: {named(stacks)}"
        )
        rows += [f"  {line}" for line in lines]
    for error, stacks in sorted(errors.items()):
        rows.append(f"{tallied(stacks)} not known, {error}: {named(stacks)}")
    return "\n".join(rows)


def document(found: Sequence[Drift]) -> list[dict[str, Any]]:
    """Return the same as the values of JSON."""
    return [asdict(drift) for drift in found]
