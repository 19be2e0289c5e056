"""Matches texts with IAM's patterns as the shell matches globs, independently of `isolation.iam.patterns`."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache


@lru_cache(maxsize=1 << 14)
def _glob_expression(pattern: str) -> re.Pattern[str]:
    # In shell globs `[` opens a set; in IAM it is a character like any other.
    return re.compile(translate(pattern.replace("[", "[[]")))


def glob(pattern: str, text: str) -> bool:
    """Whether `pattern` matches the whole of `text`."""
    return _glob_expression(pattern).match(text) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Whether `pattern` matches `arn` segment by segment; a pattern that is no ARN, as a whole."""
    if pattern.count(":") < 5:  # noqa: PLR2004 (six segments)
        return glob(pattern, arn)
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(given) == len(wanted) and all(
        glob(ours, theirs) for ours, theirs in zip(wanted, given, strict=True)
    )
