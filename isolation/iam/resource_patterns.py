"""The patterns of the elements Resource and NotResource, which AWS reads more widely than ARNs in conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html: a star that ends a segment
"can expand to match beyond the colon boundaries", and an ARN of fewer than six segments is completed with stars. What
other wildcards do at a colon is not said. So there are three readings, each of which includes the next:

- *widest*: every wildcard runs over colons, and an incomplete ARN counts as it is written and as completed;
- *documented*: what that page says, and no more;
- *narrowest*: segment by segment; an incomplete ARN matches what it matches both as written and as completed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from isolation.iam.patterns import ARN_SEGMENTS, globs_meet, has_wildcard

Reading = Literal["widest", "documented", "narrowest"]
Comparison = tuple[str, str]
"""A relation (see `isolation.logic.formula.Atom`) and the text that it compares with."""


def completed(pattern: str) -> str:
    """Return `pattern` with a star for each segment that it lacks."""
    return pattern + ":*" * (ARN_SEGMENTS - 1 - pattern.count(":"))


@lru_cache(maxsize=1 << 14)
def comparisons(pattern: str, reading: Reading) -> tuple[tuple[Comparison, ...], ...]:
    """Return what a resource must satisfy to match `pattern`: all comparisons of one group, whichever."""
    whole = completed(pattern)
    if pattern == "*":
        return ((("like", "*"),),)
    if pattern == whole and not any(map(has_wildcard, pattern.split(":", ARN_SEGMENTS - 1)[:-1])):
        # Its wildcards are in the last segment, where all readings agree.
        return ((("arn", pattern),),)
    if reading == "documented":
        return tuple((("resource", text),) for text in dict.fromkeys((pattern, whole)))
    if pattern == whole:
        return ((("like" if reading == "widest" else "arn", whole),),)
    if reading == "widest":
        return (("like", pattern),), (("like", whole),)
    return ((("like", pattern), ("arn", whole)),)


def may_meet(left: str, right: str) -> bool:
    """Whether some ARN may match both patterns, in the widest reading."""
    return any(
        globs_meet(ours, theirs) for ours in {left, completed(left)} for theirs in {right, completed(right)}
    )
