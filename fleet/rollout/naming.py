"""How stacks are named for people: some by their ids, many by their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST_NAMED: Final = 5
"""Stacks of a group that are named; the others are counted."""


def tallied(stacks: Sequence[str]) -> str:
    """Return how many they are: `1 stack`."""
    return f"{len(stacks)} stack{'' if len(stacks) == 1 else 's'}"


def named(stacks: Sequence[str]) -> str:
    """Return the first of `stacks`, and how many there are beside."""
    more = len(stacks) - MOST_NAMED
    return ", ".join(stacks[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
