"""Where states are kept, and what is imported into them, is judged in both profiles."""

from __future__ import annotations

import pytest

from isolation.inventory.reading import take_inventory
from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from isolation.verdict.trusted import trusted
from tests.isolation.holes import states
from tests.isolation.holes.hole import Hole
from tests.isolation.stacks import documents


@pytest.mark.parametrize("hole", states.HOLES, ids=str)
def test_a_state_that_a_tenant_gets_at_is_found(hole: Hole) -> None:
    stacks = documents("production" if hole.owner == "acme-corp" else "development")
    hole.open(stacks)
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert finding.verdict == "VIOLATED"
    assert finding.action.startswith(hole.action)
    assert hole.story in " ".join(finding.because)


@pytest.mark.parametrize(("edit", "said"), states.DOUBTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_state_that_somebody_may_get_at_is_a_gap(edit: states.Edit, said: str) -> None:
    stacks = documents()
    edit(stacks)
    found = take_inventory(stacks, "9" * 12).gaps
    assert found
    assert all(said in text for _, text in found), found


def test_states_of_the_platform_alone_stay_proved() -> None:
    for profile in ("development", "production"):
        stacks = documents(profile)
        for edit in states.SAFE:
            edit(stacks)
        report = analyse(stacks)
        assert report.verdict == "PROVED", as_text(report)
        assert any(
            f"the bucket {states.BUCKET}" in line for line in trusted(take_inventory(stacks, "9" * 12))
        )
