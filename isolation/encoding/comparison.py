"""Compares one value of a request with one pattern: decides what is known, and leaves the rest as an atom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from isolation.encoding.condition_keys import Free
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
from isolation.logic.formula import Atom, Formula, disjunction

_Test = Callable[[str, str], bool]


def compared(value: Free, relation: str, pattern: str) -> Formula:
    """Return where a value that is present matches `pattern`, decided where its domain decides it."""
    if value.strange and not has_wildcard(pattern):
        return False
    if relation == "cidr":
        return Atom(value.variable, relation, pattern)
    if value.literals:
        return disjunction(
            matches(relation, pattern, text)
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


def matches(relation: str, pattern: str, text: str) -> bool:
    """Whether `text` matches `pattern` in the sense of `relation`."""
    if relation == "equals":
        return pattern == text
    if relation == "iequals":
        return pattern.lower() == text.lower()
    return arn_matches(pattern, text) if relation == "arn" else glob_matches(pattern, text)
