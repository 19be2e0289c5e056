"""The workflows call make targets that exist, and hold what docs/ci.md says of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
PAGE = (ROOT / "docs" / "ci.md").read_text()


def workflow(file: Path) -> dict[str, Any]:
    document = yaml.safe_load(file.read_text())
    assert isinstance(document, dict)
    return document


def called(text: str) -> set[str]:
    """Every target that `make` is called with."""
    calls = re.findall(r"\bmake ((?:--?[a-z-]+ )*)([a-z][a-z -]*)", text)
    return {target for _, targets in calls for target in targets.split() if not target.startswith("-")}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_target_exists(file: Path) -> None:
    runs = [step["run"] for job in workflow(file)["jobs"].values() for step in job["steps"] if "run" in step]
    found = set().union(*map(called, runs))
    assert found
    assert found <= TARGETS


def test_the_page_names_every_workflow_and_targets_that_exist() -> None:
    named = set(re.findall(r"^\| `([a-z-]+\.yml)` \|", PAGE, re.MULTILINE))
    assert named == {file.name for file in WORKFLOWS} | {"dependabot.yml"}
    assert (
        set().union(*(called(text) for text in re.findall(r"^make .*|`make [^`]*`", PAGE, re.MULTILINE)))
        <= TARGETS
    )


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_nothing_is_secret_and_nothing_may_write_unless_its_job_says_so(file: Path) -> None:
    assert "secrets." not in file.read_text()
    assert workflow(file)["permissions"] == {"contents": "read"}


def test_who_runs_a_pull_requests_code_may_not_write() -> None:
    jobs = workflow(ROOT / ".github" / "workflows" / "pull-request.yml")["jobs"]
    writers = {name: job for name, job in jobs.items() if "write" in (job.get("permissions") or {}).values()}
    assert set(writers) == {"comment"}
    assert all("checkout" not in str(step.get("uses")) for step in writers["comment"]["steps"])
