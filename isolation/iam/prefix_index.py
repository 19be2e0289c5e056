"""Finds the patterns that have a match in common with a given one, by their literal prefixes."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from typing import Generic, TypeVar

from isolation.iam.made_up import made_up, opened
from isolation.iam.patterns import has_wildcard, literal_prefix
from isolation.iam.resource_patterns import may_meet

_Value = TypeVar("_Value")


class PrefixIndex(Generic[_Value]):
    """Finds patterns that have a match in common with a given one, without looking at those that begin differently."""

    def __init__(self) -> None:
        self._as_written: _Table[_Value] = _Table()
        self._separated: _Separated[_Value] = _Separated()
        self._opened: _Table[_Value] = _Table()

    def add(self, pattern: str, value: _Value, *, separated: bool = False) -> None:
        """Store `value` under `pattern`.

        Args:
            pattern: of ARNs.
            value: found by it.
            separated: whether no wildcard of `pattern` runs over a colon.
        """
        if separated or not has_wildcard(pattern):
            self._separated.add(pattern, value)
        else:
            self._as_written.add(pattern, value)
        if made_up(pattern):
            self._opened.add(opened(pattern), value)

    def meeting(self, pattern: str) -> set[_Value]:
        """Return the values of all patterns that some ARN may match together with `pattern`."""
        found = self._as_written.meeting(pattern) | self._separated.meeting(pattern)
        return found if pattern == "*" or made_up(pattern) else found | self._opened.meeting(pattern)


class _Separated(Generic[_Value]):
    """Patterns whose wildcards run over no colon: what is between two colons finds them as well as their beginning."""

    def __init__(self) -> None:
        self._whole: _Table[_Value] = _Table()
        self._added: list[tuple[str, _Value]] = []
        self._fields: dict[int, _Table[tuple[str, _Value]]] = {}
        """By their number, fields that follow each other."""

    def add(self, pattern: str, value: _Value) -> None:
        """Store `value` under `pattern`."""
        self._whole.add(pattern, value)
        self._added.append((pattern, value))
        self._fields.clear()

    def meeting(self, pattern: str) -> set[_Value]:
        """Return the values whose patterns have a match in common with `pattern`."""
        fields = _fields_after_a_wildcard(pattern)
        if not fields:
            return self._whole.meeting(pattern)
        found = self._table(len(fields)).meeting(":".join(fields))
        return {value for own, value in found if may_meet(pattern, own)}

    def _table(self, count: int) -> _Table[tuple[str, _Value]]:
        if count not in self._fields:
            table: _Table[tuple[str, _Value]] = _Table()
            for pattern, value in self._added:
                fields = pattern.split(":")
                for start in range(len(fields) - count + 1):
                    table.add(":".join(fields[start : start + count]), (pattern, value))
            self._fields[count] = table
        return self._fields[count]


def _fields_after_a_wildcard(pattern: str) -> list[str]:
    """Return one or two fields that every match of `pattern` has, one after the other, between colons or at its end.

    They are the longest behind the first wildcard; before it, the beginning of the pattern tells more. There are none
    if it has no wildcard, or no whole field behind it.
    """
    chunks = re.split(r"[*?]+", pattern)[1:]
    whole = [
        chunk.split(":")[1 : None if number == len(chunks) - 1 else -1] for number, chunk in enumerate(chunks)
    ]
    runs = [fields[start : start + 2] for fields in whole for start in range(len(fields))]
    return max(runs, key=lambda run: (len(run), len(":".join(run))), default=[])


class _Table(Generic[_Value]):
    """Patterns by their literal prefixes."""

    def __init__(self) -> None:
        self._by_prefix: dict[str, dict[tuple[str, _Value], None]] = {}
        self._sorted: list[str] = []
        self._lengths: set[int] = set()
        """Of the prefixes."""

    def add(self, pattern: str, value: _Value) -> None:
        """Store `value` under the literal prefix of `pattern`."""
        prefix = literal_prefix(pattern)
        if prefix not in self._by_prefix:
            self._by_prefix[prefix] = {}
            insort(self._sorted, prefix)
            self._lengths.add(len(prefix))
        self._by_prefix[prefix][pattern, value] = None

    def meeting(self, pattern: str) -> set[_Value]:
        """Return the values whose patterns have a match in common with `pattern`."""
        prefix = literal_prefix(pattern)
        kept = [
            self._by_prefix[prefix[:end]]
            for end in self._lengths
            if end < len(prefix) and prefix[:end] in self._by_prefix
        ]
        position = bisect_left(self._sorted, prefix)
        while position < len(self._sorted) and self._sorted[position].startswith(prefix):
            kept.append(self._by_prefix[self._sorted[position]])
            position += 1
        return {value for group in kept for own, value in group if pattern == "*" or may_meet(pattern, own)}
