"""Matches texts with IAM's patterns, from left to right, independently of `isolation.iam.patterns`."""

from __future__ import annotations

import re
from functools import lru_cache


def glob(pattern: str, text: str) -> bool:
    """Whether `pattern` matches the whole of `text`."""
    here = there = 0
    star, taken = -1, 0
    while there < len(text):
        if here < len(pattern) and pattern[here] == "*":
            star, taken = here, there
            here += 1
        elif here < len(pattern) and pattern[here] in {"?", text[there]}:
            here, there = here + 1, there + 1
        elif star >= 0:
            # The last star takes one character more; that an earlier one takes more cannot help.
            taken += 1
            here, there = star + 1, taken
        else:
            return False
    return not pattern[here:].strip("*")


def resource_like(pattern: str, arn: str, *, certainly: bool) -> bool:
    """Whether the element Resource with `pattern` covers `arn`: certainly, or possibly.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html completes an ARN that is
    incomplete, and lets a star that ends a segment run over colons. Of other wildcards it does not say.
    """
    if "⟦" in arn and "⟦" not in pattern:
        probes = [_probe(arn, probe) for probe in _PROBES]
        if certainly:
            return all(resource_like(pattern, probe, certainly=True) for probe in probes)
        return _could_match(pattern + ":*" * (5 - pattern.count(":")), arn) or _could_match(pattern, arn)
    fields = pattern.split(":", 5)
    full = ":".join([*fields, *["*"] * (6 - len(fields))])
    if not certainly:
        return glob(pattern, arn) or glob(full, arn)
    return any(_matches_documented(text, arn) for text in (pattern, full))


def resource_unlike(pattern: str, arn: str) -> bool:
    """Whether NotResource with `pattern` may leave `arn` covered: no reading of the pattern is sure to match it."""
    if "⟦" in arn and "⟦" not in pattern:
        return any(resource_unlike(pattern, _probe(arn, probe)) for probe in _PROBES)
    fields = pattern.split(":")
    if len(fields) < 6:  # noqa: PLR2004 (six segments)
        return pattern != "*" and not (
            glob(pattern, arn) and arn_like(":".join([*fields, *["*"] * (6 - len(fields))]), arn)
        )
    return not arn_like(pattern, arn)


_PROBES = ("0", "z-9", "q" * 41)
"""What an identifier that AWS makes up might be: a pattern that matches it certainly matches these, and more."""


def _probe(arn: str, identifier: str) -> str:
    """Return `arn` with each symbol replaced: by `identifier`, or by six characters where a secret's suffix is."""
    return re.sub(r"⟦[^⟧]*⟧", identifier, re.sub(r"⟦\d{4}⟧", (identifier * 6)[:6], arn))


@lru_cache(maxsize=1 << 14)
def _could_match(pattern: str, text: str) -> bool:
    """Whether `pattern` matches `text` for some identifiers in place of its symbols."""
    reached = {0}
    for piece in re.findall(r"⟦[^⟧]*⟧|.", text, re.DOTALL):
        following = set()
        for place in sorted(reached):
            while place < len(pattern) and pattern[place] == "*":
                following.add(place)
                place += 1  # noqa: PLW2901 (a star that matches nothing)
            if place < len(pattern) and pattern[place] in {"?", piece}:
                following.add(place + 1)
        # An identifier may take any part of what remains of the pattern.
        reached = set(range(min(reached), len(pattern) + 1)) if piece[0] == "⟦" else following
        if not reached:
            return False
    return any(set(pattern[place:]) <= {"*"} for place in reached)


def _matches_documented(pattern: str, arn: str) -> bool:
    if "?" not in pattern and "*" not in pattern[:-1]:
        # Most patterns are a text, or one that something follows, and of each there are many: none is compiled.
        return arn.startswith(pattern[:-1]) if pattern.endswith("*") else arn == pattern
    return _documented(tuple(pattern.split(":", 5))).fullmatch(arn) is not None


@lru_cache(maxsize=1 << 14)
def _documented(fields: tuple[str, ...]) -> re.Pattern[str]:
    """Return the expression of an ARN's fields, in which a star at the end of one takes what follows it as well."""
    parts = []
    for number, field in enumerate(fields):
        whole, star = (field[:-1], ".*") if field.endswith("*") else (field, "")
        one, many = (".", ".*") if number == 5 else ("[^:]", "[^:]*")  # noqa: PLR2004 (the last of six)
        kept = (many if char == "*" else one if char == "?" else re.escape(char) for char in whole)
        parts.append("".join(kept) + star)
    return re.compile(":".join(parts), re.DOTALL)


def arn_like(pattern: str, arn: str) -> bool:
    """Whether `pattern` matches `arn` segment by segment; a pattern that is no ARN, as a whole."""
    if pattern.count(":") < 5:  # noqa: PLR2004 (six segments)
        return glob(pattern, arn)
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(given) == len(wanted) and all(
        glob(ours, theirs) for ours, theirs in zip(wanted, given, strict=True)
    )
