"""Mutation suite: each hole planted in the synthesized stacks is found, with the right counterexample."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import RETAIL, resource
from tests.isolation.holes.escalation import a_boundary_that_caps
from tests.isolation.holes.hole import Hole
from tests.isolation.holes.suite import HOLES, SAFE
from tests.isolation.stacks import Documents, documents


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: f"{hole}-{hole.attacker}-{hole.kind}")
def test_a_hole_is_found_with_its_counterexample(hole: Hole) -> None:
    stacks = documents()
    hole.open(stacks)
    report = analyse(stacks)
    assert report.verdict == "VIOLATED"
    finding = report.findings[hole.attacker, hole.owner, hole.kind]
    assert finding.verdict == "VIOLATED", finding
    assert finding.action.startswith(hole.action)
    story = " ".join(
        [finding.who, finding.resource, *finding.steps, *finding.because, *dict(finding.context).values()]
    )
    assert hole.story in story


@pytest.mark.parametrize("change", SAFE, ids=lambda change: change.__name__)
@pytest.mark.parametrize("profile", ["development", "production"])
def test_a_safe_neighbour_stays_proved(profile: str, change: Callable[[Documents], None]) -> None:
    stacks = documents(profile)
    change(stacks)
    report = analyse(stacks)
    assert report.verdict == "PROVED", as_text(report)


def test_there_are_enough_holes_and_every_kind_of_data_is_among_them() -> None:
    assert len({(str(hole), hole.attacker, hole.kind) for hole in HOLES}) >= 50
    kinds = {hole.kind for hole in HOLES}
    assert kinds >= {
        "bucket",
        "table",
        "key",
        "secret",
        "logs",
        "queue",
        "function",
        "events",
        "network",
        "role",
    }


def test_a_boundary_caps_a_broad_policy() -> None:
    stacks = documents()
    a_boundary_that_caps(stacks)
    cell = ("retail-co", "acme-corp", "table")
    assert cell not in analyse(stacks).findings
    del resource(stacks, RETAIL, "aws_iam_role", "api_role")["permissions_boundary"]
    assert analyse(stacks).findings[cell].verdict == "VIOLATED"
