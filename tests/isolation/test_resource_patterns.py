"""The three readings of a Resource: each includes the next, and the evaluator reads as the encoding does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isolation.evaluator.matching import resource_like, resource_unlike
from isolation.iam.patterns import glob_matches
from isolation.iam.resource_patterns import Reading, comparisons, may_meet
from isolation.logic.automata import Language, combinations

THOROUGH = settings(
    max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
READINGS: tuple[Reading, ...] = ("widest", "documented", "narrowest")
QUEUE, STREAM = "arn:aws:sqs:us-east-1:1:queue", "arn:aws:logs:us-east-1:1:log-group:a:log-stream:b"


def matches(pattern: str, arn: str, reading: Reading) -> bool:
    """Whether the automata of a reading accept `arn`."""
    return any(
        all(_accepted(Language(*comparison), arn) for comparison in group)
        for group in comparisons(pattern, reading)
    )


def _accepted(language: Language, arn: str) -> bool:
    return (True, True) in combinations((language, Language("equals", arn))) or language.text == arn


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:sqs:*:*:queue", QUEUE, (True, True, True)),
        ("*", QUEUE, (True, True, True)),
        ("arn:*", QUEUE, (True, True, True)),
        # Incomplete: AWS adds the stars.
        ("arn:aws:sqs", QUEUE, (True, True, False)),
        ("arn:aws:sqs:us-east-1", QUEUE, (True, True, False)),
        ("arn:aws:sns", QUEUE, (False, False, False)),
        # A star that ends a segment runs over colons.
        ("arn:aws:*:queue", QUEUE, (True, True, False)),
        ("arn:aws:*:a:log-stream:b", STREAM, (True, True, False)),
        ("arn:aws:logs:*:a:*:b", STREAM, (True, True, False)),
        # Another wildcard may, or it may not.
        ("arn:aws:*s:us-east-1:1:log-group:a:log-stream:b", STREAM, (True, True, True)),
        ("arn:aws:*1:1:log-group:a:log-stream:b", STREAM, (True, False, False)),
        ("arn:aws:logs?us-east-1:1:log-group:a:log-stream:b", STREAM, (True, False, False)),
        ("arn:aws:logs:*:1:log-group:*", STREAM, (True, True, True)),
    ],
)
def test_a_resource_is_read_in_three_ways(pattern: str, arn: str, expected: tuple[bool, ...]) -> None:
    assert tuple(matches(pattern, arn, reading) for reading in READINGS) == expected


patterns = st.lists(st.sampled_from("a:*?"), max_size=9).map(lambda found: "arn:" + "".join(found))
arns = st.tuples(*[st.text("a", max_size=2)] * 5, st.text("a:", max_size=3)).map(":".join).map("arn:".__add__)


@THOROUGH
@given(patterns, arns)
def test_each_reading_includes_the_next_and_the_evaluator_agrees(pattern: str, arn: str) -> None:
    widest, documented, narrowest = (matches(pattern, arn, reading) for reading in READINGS)
    assert widest >= documented >= narrowest
    assert resource_like(pattern, arn, certainly=False) == widest
    assert resource_like(pattern, arn, certainly=True) == documented
    assert resource_unlike(pattern, arn) == (not narrowest)
    assert widest <= may_meet(pattern, arn)
    assert not glob_matches(pattern, arn) or widest
