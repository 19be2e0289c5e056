"""Neighbours of holes: what is in doubt is UNKNOWN, what is safe stays PROVED, in both profiles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from tests.isolation.holes import account, copies, language, made_up_ids, undeclared
from tests.isolation.holes.editing import Documents
from tests.isolation.holes.hole import Hole
from tests.isolation.stacks import documents

Edit = Callable[[Documents], None]
HOLES = [*copies.HOLES, *account.HOLES, *language.HOLES, *made_up_ids.HOLES, *undeclared.HOLES]
DOUBTS = [*copies.DOUBTS, *language.DOUBTS, *made_up_ids.DOUBTS, *undeclared.DOUBTS]
SAFE = [*copies.SAFE, *account.SAFE, *language.SAFE, *made_up_ids.SAFE, *undeclared.SAFE]
PROFILES = ("development", "production")


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: f"{hole}-{hole.kind}")
def test_a_hole_is_found_in_production_as_well(hole: Hole) -> None:
    stacks = documents("production")
    hole.open(stacks)
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert finding.verdict == "VIOLATED", finding
    assert finding.action.startswith(hole.action)


@pytest.mark.parametrize(("edit", "attacker", "owner", "kind"), DOUBTS)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_in_doubt_is_unknown(edit: Edit, attacker: str, owner: str, kind: str, profile: str) -> None:
    stacks = documents(profile)
    edit(stacks)
    report = analyse(stacks)
    assert report.verdict == "UNKNOWN", as_text(report)
    assert report.findings[attacker, owner, kind].verdict == "UNKNOWN"


@pytest.mark.parametrize("edit", SAFE)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_safe_neighbour_stays_proved(edit: Edit, profile: str) -> None:
    stacks = documents(profile)
    edit(stacks)
    report = analyse(stacks)
    assert report.verdict == "PROVED", as_text(report)


@pytest.mark.parametrize("profile", PROFILES)
def test_another_name_opens_no_bucket_that_is_closed_to_others(profile: str) -> None:
    stacks = documents(profile)
    copies.another_name_for_a_bucket_that_is_closed(stacks)
    report = analyse(stacks)
    assert report.verdict == "PROVED", as_text(report)
