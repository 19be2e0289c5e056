"""Patterns and automata agree with the shell's globs, with a search through texts and with z3's own strings."""

from __future__ import annotations

import string
from fnmatch import fnmatchcase
from itertools import product

import z3  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isolation.iam.patterns import (
    arn_includes,
    arn_matches,
    arns_meet,
    glob_includes,
    glob_matches,
    globs_meet,
)
from isolation.logic.automata import Language, combinations

THOROUGH = settings(
    max_examples=700, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
BRIEF = settings(THOROUGH, max_examples=200)

globs = st.text("ab*?", max_size=6)
texts = st.text("ab", max_size=6)


@THOROUGH
@given(globs, texts)
def test_globs_match_as_the_shell_matches(pattern: str, text: str) -> None:
    assert glob_matches(pattern, text) == fnmatchcase(text, pattern)


@THOROUGH
@given(globs, globs, texts)
def test_meeting_and_inclusion_hold_for_every_text(left: str, right: str, text: str) -> None:
    if glob_matches(left, text) and glob_matches(right, text):
        assert globs_meet(left, right)
    if glob_includes(left, right) and glob_matches(right, text):
        assert glob_matches(left, text)


short = st.text("ab*?", max_size=3)
every_text = ["".join(letters) for length in range(7) for letters in product("abc", repeat=length)]


@BRIEF
@given(short, short)
def test_patterns_meet_exactly_where_a_text_matches_both(left: str, right: str) -> None:
    both = any(glob_matches(left, text) and glob_matches(right, text) for text in every_text)
    assert globs_meet(left, right) == both


@BRIEF
@given(st.text("ab*", max_size=3), st.text("ab*", max_size=2))
def test_inclusion_is_exact_without_question_marks(outer: str, inner: str) -> None:
    every = all(glob_matches(outer, text) for text in every_text if glob_matches(inner, text))
    assert glob_includes(outer, inner) == every


arns = st.tuples(*[st.text("a*", max_size=2)] * 6).map(":".join)


@BRIEF
@given(arns, arns, st.tuples(*[st.text("a", max_size=2)] * 6).map(":".join))
def test_arns_meet_and_include_segment_by_segment(left: str, right: str, arn: str) -> None:
    if arn_matches(left, arn) and arn_matches(right, arn):
        assert arns_meet(left, right)
    if arn_includes(left, right) and arn_matches(right, arn):
        assert arn_matches(left, arn)


def test_in_a_condition_a_wildcard_runs_over_colons_in_the_last_segment_alone() -> None:
    assert arn_matches("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:r:1:log-group:a:log-stream:b")
    assert not arn_matches("arn:aws:*:y:b:c", "arn:aws:s3:x:y:b:c")


languages = st.lists(
    st.builds(Language, st.sampled_from(["equals", "iequals", "like"]), st.text("aA*?", max_size=4)),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)


def matches(language: Language, text: str) -> bool:
    match language.relation:
        case "equals":
            return text == language.text
        case "iequals":
            return text.lower() == language.text.lower()
        case "like":
            return glob_matches(language.text, text)
        case _:
            return arn_matches(language.text, text)


@THOROUGH
@given(languages, st.text("aAb*?", max_size=5))
def test_automata_know_every_combination_and_witness_it(found: tuple[Language, ...], text: str) -> None:
    possible = combinations(found)
    assert tuple(matches(language, text) for language in found) in possible
    for row, witness in possible.items():
        assert tuple(matches(language, witness) for language in found) == row


SYMBOLS = ["⟦s/t.a⟧", "⟦s/t.ab⟧", "⟦0001⟧"]
pieces = st.lists(st.sampled_from([*SYMBOLS, "s/t.a", "⟦", "⟧", "a", ":", "\U00100000"]), max_size=4)
with_symbols = st.lists(
    st.builds(
        Language,
        st.sampled_from(["equals", "equals", "like", "like", "iequals"]),
        st.lists(st.sampled_from([*SYMBOLS, "a", "*", "?"]), max_size=4).map("".join),
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)


@THOROUGH
@given(with_symbols, pieces.map("".join))
def test_automata_know_every_combination_of_patterns_with_symbols(
    found: tuple[Language, ...], text: str
) -> None:
    possible = combinations(found)
    assert tuple(matches(language, text) for language in found) in possible
    for row, witness in possible.items():
        assert tuple(matches(language, witness) for language in found) == row


@given(st.text(string.ascii_lowercase, min_size=6, max_size=6))
def test_what_a_symbol_is_called_decides_nothing(name: str) -> None:
    def found(symbol: str) -> dict[tuple[bool, ...], str]:
        texts = (f"x:⟦{symbol}⟧/*", "*", f"y:⟦{symbol}⟧", f"y:⟦{symbol}⟧/a?")
        return combinations(tuple(Language("like", text) for text in texts))

    assert found(name) == {row: text.replace("qqqqqq", name) for row, text in found("qqqqqq").items()}


def in_z3(language: Language) -> z3.ReRef:
    sort = z3.ReSort(z3.StringSort())
    parts = [
        z3.Full(sort) if char == "*" else z3.AllChar(sort) if char == "?" else z3.Re(char)
        for char in language.text
    ]
    return z3.Concat(*parts, z3.Re(""), z3.Re(""))


@settings(BRIEF, max_examples=60)
@given(
    st.lists(
        st.builds(Language, st.just("like"), st.text("ab*?", max_size=4)), min_size=2, max_size=2, unique=True
    )
)
def test_automata_agree_with_the_solvers_own_strings(found: list[Language]) -> None:
    possible = combinations(tuple(found))
    text = z3.String("text")
    for row in [(first, second) for first in (True, False) for second in (True, False)]:
        solver = z3.Solver()
        for language, holds in zip(found, row, strict=True):
            member = z3.InRe(text, in_z3(language))
            solver.add(member if holds else z3.Not(member))
        assert (solver.check() == z3.sat) == (row in possible)
