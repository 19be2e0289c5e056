"""What a right on the own resource reaches by an argument of the request: each in both profiles."""

from __future__ import annotations

from datetime import date

import pytest

from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from isolation.verdict.waivers import Waiver, Waivers
from tests.isolation.holes import by_argument
from tests.isolation.holes.arguments import Edit
from tests.isolation.holes.hole import Hole
from tests.isolation.stacks import documents

PROFILES = ("development", "production")


@pytest.mark.parametrize("hole", by_argument.HOLES, ids=str)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_an_argument_reaches_is_found(hole: Hole, profile: str) -> None:
    stacks = documents(profile)
    hole.open(stacks)
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert finding.verdict == "VIOLATED"
    assert finding.action.startswith(hole.action)
    assert hole.attacker in finding.resource or "⟦" in finding.resource
    assert hole.story in " ".join([*finding.because, *dict(finding.context).values()])


@pytest.mark.parametrize("hole", by_argument.IN_PRODUCTION, ids=str)
def test_what_a_service_is_made_to_write_is_found(hole: Hole) -> None:
    stacks = documents("production")
    hole.open(stacks)
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert (finding.verdict, finding.action) == ("VIOLATED", hole.action)
    assert hole.story in " ".join(finding.because)


@pytest.mark.parametrize(
    ("edit", "attacker", "owner", "kind"),
    by_argument.DOUBTS,
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_an_argument_may_reach_is_unknown(
    edit: Edit, attacker: str, owner: str, kind: str, profile: str
) -> None:
    stacks = documents(profile)
    edit(stacks)
    report = analyse(stacks)
    assert report.findings[attacker, owner, kind].verdict == "UNKNOWN"
    assert report.verdict == "UNKNOWN"


@pytest.mark.parametrize("edit", by_argument.SAFE, ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_reaches_the_own_alone_stays_proved(edit: Edit, profile: str) -> None:
    stacks = documents(profile)
    edit(stacks)
    report = analyse(stacks)
    assert report.verdict == "PROVED", as_text(report)


def test_a_waiver_of_one_statement_does_not_hide_another() -> None:
    stacks = documents()
    by_argument.the_own_queue_to_be_changed(stacks)
    by_argument.a_new_queue(stacks)
    by_argument.the_own_queue_to_be_changed_by_its_policy(stacks)
    cell = ("retail-co", "acme-corp", "queue")
    address = analyse(stacks).findings[cell].place.address
    waiver = Waiver("ISO-101", address, "a reason", "somebody", date(2026, 12, 31))
    report = analyse(stacks, waivers=Waivers([waiver]))
    assert {finding.place.address for finding in report.accepted} == {address}
    assert report.findings[cell].verdict == "VIOLATED"
    assert report.findings[cell].place.address != address
