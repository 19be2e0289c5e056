"""The index finds whatever two patterns can match together, and little else."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from isolation.iam.patterns import glob_matches
from isolation.iam.prefix_index import PrefixIndex
from isolation.iam.resource_patterns import completed, may_meet

FIELD: Final = st.text("ab*?", max_size=3)
PATTERN: Final = st.lists(FIELD, min_size=1, max_size=7).map(":".join)
FILLING: Final = st.text("ab", max_size=2)


@st.composite
def matched(draw: st.DrawFn) -> tuple[str, str]:
    """A pattern whose wildcards run over no colon, and a text that it matches."""
    pattern = draw(PATTERN)
    text = "".join(
        draw(FILLING) if char == "*" else draw(st.sampled_from("ab")) if char == "?" else char
        for char in pattern
    )
    return pattern, text


@given(PATTERN, matched())
def test_what_a_text_matches_together_is_found(pattern: str, other: tuple[str, str]) -> None:
    stored, text = other
    index: PrefixIndex[str] = PrefixIndex()
    index.add(stored, "stored", separated=True)
    found = index.meeting(pattern)
    if glob_matches(pattern, text) or glob_matches(completed(pattern), text):
        assert found == {"stored"}
    if found:
        assert may_meet(pattern, stored)


@given(PATTERN, PATTERN)
def test_a_wildcard_that_runs_over_colons_meets_whatever_it_may(pattern: str, stored: str) -> None:
    index: PrefixIndex[str] = PrefixIndex()
    index.add(stored + "*", "stored")
    assert (index.meeting(pattern) == {"stored"}) == may_meet(pattern, stored + "*")


def test_names_behind_wildcards_tell_log_groups_apart() -> None:
    index: PrefixIndex[int] = PrefixIndex()
    for number in range(50):
        name = f"arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/tenant{number:02d}"
        for pattern in (name, f"{name}:log-stream:*", f"{name}:?"):
            index.add(pattern, number, separated=True)
    assert index.meeting("arn:aws:logs:*:*:log-group:/aws/lambda/tenant07:*") == {7}
    assert index.meeting("arn:aws:logs:*:*:log-group:/aws/lambda/tenant07") == {7}
    assert index.meeting("arn:*:log-stream:*") == set(range(50))
    assert index.meeting("*:log-group:/aws/lambda/nobody") == set()
