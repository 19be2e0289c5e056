"""Runs checkov over the stacks, and does not take its exit code for an answer.

Given a stack as it is, checkov 3.3 fails to parse `terraform.required_version` and arguments that are null, reports
nothing, and exits with 0. So it gets copies without those, and its report counts only if it parsed every stack and ran
on every resource at least the checks that `floors.json` has for the resource's type.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.scan.environment import PYTHON
from tools.scan.findings import Finding, ScanError
from tools.scan.stacks import ScannedStack

FLOORS: Final = Path(__file__).with_name("floors.json")
TIMEOUT_SECONDS: Final = 1800
OPTIONS: Final = (
    "--framework",
    "terraform_json",
    "--skip-download",
    "--output",
    "json",
    "--compact",
    "--soft-fail",
)
IGNORED: Final = ("//", "terraform")
"""Blocks that checkov does not get: metadata, in which comments could skip checks, and what crashes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What checkov said.

    Attributes:
        findings: the checks that failed.
        checks: how many checks ran on each resource, by its address.
    """

    findings: Sequence[Finding]
    checks: Mapping[str, int]


def run(stacks: Sequence[ScannedStack], *, python: Path = PYTHON) -> Run:
    """Run checkov over `stacks`.

    Args:
        stacks: at least one.
        python: of the environment that checkov is installed in.

    Raises:
        ScanError: it is not installed, failed, or could not parse a stack.
    """
    if not python.exists():
        raise ScanError(f"checkov is not installed in {python.parents[1]}: run `make setup-scan`")
    with tempfile.TemporaryDirectory(prefix="scan-") as name:
        folder = Path(name)
        for stack in stacks:
            (folder / "stacks" / stack.id).mkdir(parents=True)
            (folder / "stacks" / stack.id / "cdk.tf.json").write_text(json.dumps(prepared(stack.document)))
        return _run(_output(python, folder), {stack.id: stack for stack in stacks})


def prepared(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stack's JSON without what checkov cannot parse, and with the policies of keys parsed.

    CKV_AWS_33, which looks for everyone in a key's policy, passes any text.
    """
    copy = {key: _without_nulls(value) for key, value in document.items() if key not in IGNORED}
    for key in copy.get("resource", {}).get("aws_kms_key", {}).values():
        with contextlib.suppress(KeyError, ValueError):
            key["policy"] = json.loads(key["policy"])
    return copy


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None and key != "//"}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _output(python: Path, folder: Path) -> Any:  # noqa: ANN401 (JSON)
    """Return checkov's report on the stacks below `folder`.

    It runs in an empty folder and home, with no variable but these: it reads configuration files and API keys there.
    """
    environment = {
        "HOME": str(folder),
        "PATH": os.defpath,
        "CKV_IGNORE_HIDDEN_DIRECTORIES": "True",
        "CKV_SKIP_PACKAGE_UPDATE_CHECK": "True",
        "LOG_LEVEL": "ERROR",
    }
    command = [str(python), "-m", "checkov.main", "--directory", str(folder / "stacks"), *OPTIONS]
    try:
        ran = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScanError(f"checkov: {error}") from None
    last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
    if ran.returncode:
        raise ScanError(f"checkov: ended with {ran.returncode}: {last}")
    try:
        return json.loads(ran.stdout)
    except ValueError:
        raise ScanError(f"checkov: received no JSON, expected its report: {last}") from None


def _run(report: Any, stacks: Mapping[str, ScannedStack]) -> Run:  # noqa: ANN401 (JSON)
    if not isinstance(report, dict) or "results" not in report:
        raise ScanError("checkov: received a report without results, expected one check at least")
    if errors := report["results"].get("parsing_errors") or report["summary"]["parsing_errors"]:
        raise ScanError(f"checkov: received parsing errors ({errors}), expected none")
    names = {
        (stack.id, name): stack.address(kind, name)
        for stack in stacks.values()
        for kind, name, _ in stack.resources()
    }
    checks: Counter[str] = Counter()
    findings: list[Finding] = []
    for outcome in ("passed_checks", "failed_checks"):
        for check in report["results"].get(outcome, []):
            stack = check["file_path"].strip("/").split("/")[0]
            # Some checks say `resource.NAME`, without the type: names are unique in a stack.
            name = check["resource"].partition(".")[2]
            address = names.get((stack, name), f"{stack}/{check['resource']}")
            checks[address] += 1
            if outcome == "failed_checks":
                findings.append(
                    Finding(check=check["check_id"], address=address, message=check["check_name"])
                )
    return Run(findings=findings, checks=checks)


def read_floors(file: Path = FLOORS) -> dict[str, int]:
    """Return how many checks checkov runs at least on a resource, by type."""
    floors: dict[str, int] = json.loads(file.read_text())
    return floors


def floors_of(stacks: Sequence[ScannedStack], checks: Mapping[str, int]) -> dict[str, int]:
    """Return the floors that `checks` of `stacks` set: for each type the least of its resources."""
    floors: dict[str, int] = {}
    for stack in stacks:
        for kind, name, _ in stack.resources():
            count = checks.get(stack.address(kind, name), 0)
            floors[kind] = min(floors.get(kind, count), count)
    return dict(sorted(floors.items()))


def refuse_fewer(
    stacks: Sequence[ScannedStack], checks: Mapping[str, int], floors: Mapping[str, int]
) -> None:
    """Refuse a run that looked at less than it should.

    Raises:
        ScanError: a resource had fewer checks than its type's floor, or its type has none.
    """
    for stack in stacks:
        for kind, name, _ in stack.resources():
            address, count = stack.address(kind, name), checks.get(stack.address(kind, name), 0)
            if kind not in floors:
                raise ScanError(
                    f"{FLOORS.name}: {kind} of {address} has no floor; `python -m tools.scan --write-floors` adds it"
                )
            if count < floors[kind]:
                raise ScanError(f"checkov: ran {count} checks on {address}, expected {floors[kind]} at least")
