"""IAM's wildcard patterns: matching, inclusion and intersection. Pure string algebra, exact.

`*` matches any characters and `?` exactly one. In conditions an ARN is matched in its six colon-delimited segments
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html): a wildcard in
one of the first five does not run over a colon; the sixth may hold colons itself. For the pattern of a resource see
`isolation.iam.resource_patterns`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ARN_SEGMENTS: Final = 6
WILDCARDS: Final = frozenset("*?")


def has_wildcard(pattern: str) -> bool:
    """Whether `pattern` matches more than itself."""
    return not WILDCARDS.isdisjoint(pattern)


def glob_matches(pattern: str, text: str) -> bool:
    """Whether `pattern` matches the whole of `text`, case-sensitively."""
    if not has_wildcard(pattern):
        return pattern == text
    if "?" not in pattern:
        return _stars_match(pattern, text)
    return _wildcards_match(pattern, text)


def _wildcards_match(pattern: str, text: str) -> bool:
    """Whether `pattern` matches `text`; without compiling one of many patterns.

    Where a character does not match, the last star takes one character more.
    """
    here = there = 0
    star = taken = -1
    while there < len(text):
        if here < len(pattern) and pattern[here] == "*":
            star, taken = here, there
            here += 1
        elif here < len(pattern) and pattern[here] in ("?", text[there]):
            here += 1
            there += 1
        elif star < 0:
            return False
        else:
            taken += 1
            here, there = star + 1, taken
    return all(char == "*" for char in pattern[here:])


def _stars_match(pattern: str, text: str) -> bool:
    """Whether `pattern`, whose only wildcards are stars, matches `text`; without compiling one of many patterns."""
    first, *middle, last = pattern.split("*")
    if len(first) + len(last) > len(text) or not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for part in middle:
        position = text.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return True


def arn_segments(pattern: str) -> list[str] | None:
    """Return the six segments of an ARN or of a pattern of ARNs; `None` if it has fewer."""
    segments = pattern.split(":", ARN_SEGMENTS - 1)
    return segments if len(segments) == ARN_SEGMENTS else None


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether `pattern` matches `arn` segment by segment. A pattern of fewer segments is matched as a whole."""
    ours, theirs = arn_segments(pattern), arn_segments(arn)
    if ours is None:
        return glob_matches(pattern, arn)
    return theirs is not None and all(map(glob_matches, ours, theirs))


@lru_cache(maxsize=1 << 16)
def globs_meet(left: str, right: str) -> bool:
    """Whether some text matches both patterns."""
    if not has_wildcard(left):
        return glob_matches(right, left)
    if not has_wildcard(right):
        return glob_matches(left, right)
    start, end = min(map(_literal_start, (left, right))), min(map(_literal_end, (left, right)))
    if left[:start] != right[:start] or (end and left[-end:] != right[-end:]):
        return False
    left, right = left[start : len(left) - end], right[start : len(right) - end]
    # Reachability in the product of the two patterns' automata; a state is a position in each.
    seen: set[tuple[int, int]] = set()
    stack = [(0, 0)]
    while stack:
        state = stack.pop()
        if state in seen:
            continue
        seen.add(state)
        here, there = state
        if here == len(left) and there == len(right):
            return True
        a = left[here] if here < len(left) else ""
        b = right[there] if there < len(right) else ""
        if a == "*":
            stack.append((here + 1, there))
        if b == "*":
            stack.append((here, there + 1))
        if a and b and (a == b or a in WILDCARDS or b in WILDCARDS):
            stack.append((here + (a != "*"), there + (b != "*")))
    return False


def arns_meet(left: str, right: str) -> bool:
    """Whether some ARN matches both patterns."""
    ours, theirs = arn_segments(left), arn_segments(right)
    if ours is None or theirs is None:
        return globs_meet(left, right)
    return all(map(globs_meet, ours, theirs))


@lru_cache(maxsize=1 << 16)
def glob_includes(outer: str, inner: str) -> bool:
    """Whether `outer` certainly matches all that `inner` matches. Sound, and exact where neither has a `?`.

    A star of `inner` matches any text, so only a star of `outer` can include it: it is read as a character that only
    wildcards match, and that a `?` of `outer` does not match.
    """
    if outer in {"*", inner}:
        return True
    if not has_wildcard(inner) or "?" not in outer:
        return glob_matches(outer, inner)
    expression = "".join(
        ".*" if char == "*" else "[^*]" if char == "?" else re.escape(char) for char in outer
    )
    return re.fullmatch(expression, inner, re.DOTALL) is not None


def arn_includes(outer: str, inner: str) -> bool:
    """Whether the pattern `outer` certainly matches every ARN that `inner` matches."""
    ours, theirs = arn_segments(outer), arn_segments(inner)
    if ours is None:
        return glob_includes(outer, inner)
    return theirs is not None and all(map(glob_includes, ours, theirs))


def literal_prefix(pattern: str) -> str:
    """Return what every match of `pattern` begins with."""
    return pattern[: _literal_start(pattern)]


def _literal_start(pattern: str) -> int:
    """Return how many characters of `pattern` come before its first wildcard."""
    return min(len(pattern.partition(wildcard)[0]) for wildcard in WILDCARDS)


def _literal_end(pattern: str) -> int:
    """Return how many characters of `pattern` come after its last wildcard; all, if it has none."""
    return min(len(pattern.rpartition(wildcard)[2]) for wildcard in WILDCARDS)
