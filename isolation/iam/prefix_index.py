"""Finds the patterns that have a match in common with a given one, by their literal prefixes."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Generic, TypeVar

from isolation.iam.made_up import made_up, opened
from isolation.iam.patterns import literal_prefix
from isolation.iam.resource_patterns import may_meet

_Value = TypeVar("_Value")


class PrefixIndex(Generic[_Value]):
    """Finds patterns that have a match in common with a given one, without looking at those that begin differently."""

    def __init__(self) -> None:
        self._as_written: _Table[_Value] = _Table()
        self._opened: _Table[_Value] = _Table()

    def add(self, pattern: str, value: _Value) -> None:
        """Store `value` under `pattern`."""
        self._as_written.add(pattern, value)
        if made_up(pattern):
            self._opened.add(opened(pattern), value)

    def meeting(self, pattern: str) -> set[_Value]:
        """Return the values of all patterns that some ARN may match together with `pattern`."""
        found = self._as_written.meeting(pattern)
        return found if pattern == "*" or made_up(pattern) else found | self._opened.meeting(pattern)


class _Table(Generic[_Value]):
    """Patterns by their literal prefixes."""

    def __init__(self) -> None:
        self._by_prefix: dict[str, dict[tuple[str, _Value], None]] = {}
        self._sorted: list[str] = []

    def add(self, pattern: str, value: _Value) -> None:
        """Store `value` under the literal prefix of `pattern`."""
        prefix = literal_prefix(pattern)
        if prefix not in self._by_prefix:
            self._by_prefix[prefix] = {}
            insort(self._sorted, prefix)
        self._by_prefix[prefix][pattern, value] = None

    def meeting(self, pattern: str) -> set[_Value]:
        """Return the values whose patterns have a match in common with `pattern`."""
        prefix = literal_prefix(pattern)
        kept = [
            self._by_prefix[prefix[:end]] for end in range(len(prefix)) if prefix[:end] in self._by_prefix
        ]
        position = bisect_left(self._sorted, prefix)
        while position < len(self._sorted) and self._sorted[position].startswith(prefix):
            kept.append(self._by_prefix[self._sorted[position]])
            position += 1
        return {value for group in kept for own, value in group if pattern == "*" or may_meet(pattern, own)}
