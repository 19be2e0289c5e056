"""What an argument does that names nobody by a reference: each in both profiles."""

from __future__ import annotations

import pytest

from isolation.inventory.reading import take_inventory
from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from tests.isolation.holes import arguments
from tests.isolation.holes.hole import Hole
from tests.isolation.stacks import documents

PROFILES = ("development", "production")


@pytest.mark.parametrize("hole", arguments.HOLES, ids=str)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_an_argument_moves_is_found(hole: Hole, profile: str) -> None:
    stacks = documents(profile)
    hole.open(stacks)
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert finding.verdict == "VIOLATED"
    assert hole.story in " ".join(finding.because)


@pytest.mark.parametrize(("edit", "said"), arguments.DOUBTS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("profile", PROFILES)
def test_what_an_argument_may_move_is_a_gap(edit: arguments.Edit, said: str, profile: str) -> None:
    stacks = documents(profile)
    edit(stacks)
    found = [text for _, text in take_inventory(stacks, "9" * 12).gaps]
    assert any(said in text for text in found), found


@pytest.mark.parametrize("profile", PROFILES)
def test_what_names_the_own_stays_proved(profile: str) -> None:
    stacks = documents(profile)
    for edit in arguments.SAFE:
        edit(stacks)
    report = analyse(stacks)
    assert report.verdict == "PROVED", as_text(report)
