"""Compares one value of a request with one pattern: decides what is known, and leaves the rest as an atom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from isolation.encoding.condition_keys import Free
from isolation.iam.made_up import guesses, opened
from isolation.iam.patterns import (
    arn_includes,
    arn_matches,
    arn_segments,
    arns_meet,
    glob_includes,
    glob_matches,
    globs_meet,
    has_wildcard,
)
from isolation.logic.formula import Atom, Formula, conjunction, disjunction

_Test = Callable[[str, str], bool]


def compared(value: Free, relation: str, pattern: str, *, may: bool) -> Formula:
    """Return where a value that is present matches `pattern`, decided where its domain decides it.

    Args:
        value: what is known of it.
        relation: see `isolation.logic.formula.Atom`.
        pattern: what it is compared with.
        may: whether an identifier that AWS makes up matches all that it may match, or what it certainly matches.
    """
    found = _as_written(value, relation, pattern, may=may)
    guessed = [domain for domain in value.domain if guesses(pattern, domain)]
    if not guessed or relation not in _ALGEBRA:
        return found
    if may:
        meeting = [domain for domain in guessed if globs_meet(pattern, opened(domain))]
        return disjunction([found, *(Atom(value.variable, "arn", domain) for domain in meeting)])
    includes = _ALGEBRA[relation][1] or str.__eq__
    missed = {domain for domain in guessed if not includes(pattern, opened(domain))}
    if not missed:
        return found
    sure = (Atom(value.variable, "arn", domain) for domain in value.domain if domain not in missed)
    return conjunction([found, disjunction(sure)])


def _as_written(value: Free, relation: str, pattern: str, *, may: bool) -> Formula:
    if value.strange and not has_wildcard(pattern):
        return False
    if relation == "cidr":
        return Atom(value.variable, relation, pattern)
    if value.literals:
        return disjunction(
            matches(relation, pattern, text, may=may)
            and (len(value.literals) == 1 or Atom(value.variable, "equals", text))
            for text in value.literals
        )
    if value.domain and relation in _ALGEBRA:
        meets, includes = _ALGEBRA[relation]
        if not any(meets(pattern, domain) for domain in value.domain):
            return False
        if includes is not None and all(includes(pattern, domain) for domain in value.domain):
            return True
    return Atom(value.variable, relation, pattern)


def _equals_in(literal: str, domain: str) -> bool:
    return arn_matches(domain, literal)


def _complete_and_includes(pattern: str, domain: str) -> bool:
    return arn_segments(pattern) is not None and arn_includes(pattern, domain)


_ALGEBRA: Final[Mapping[str, tuple[_Test, _Test | None]]] = {
    "arn": (arns_meet, arn_includes),
    "resource": (globs_meet, _complete_and_includes),
    "like": (globs_meet, glob_includes),
    "equals": (_equals_in, None),
}
"""Whether a pattern meets, and whether it includes, a domain. A domain is a pattern of ARNs."""


def matches(relation: str, pattern: str, text: str, *, may: bool) -> bool:
    """Whether `text` matches `pattern` in the sense of `relation`."""
    if guesses(pattern, text):
        return globs_meet(pattern, opened(text)) if may else glob_includes(pattern, opened(text))
    if relation == "equals":
        return pattern == text
    if relation == "iequals":
        return pattern.lower() == text.lower()
    return arn_matches(pattern, text) if relation == "arn" else glob_matches(pattern, text)
