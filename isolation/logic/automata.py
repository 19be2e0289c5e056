"""Which combinations of patterns can one text match? Exact, by the product of the patterns' automata.

Each atom of a formula is about one variable, so strings can be left out of the solver: it is enough to tell it
which truth values the atoms of one variable can have together. That is a reachability question on small automata, with
a shortest text as witness, where a general string solver would search.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from isolation.iam.patterns import ARN_SEGMENTS, WILDCARDS, arn_segments

STATES: Final = 100_000
"""How many product states are explored before giving up. Policies of the size that IAM allows need far fewer."""


_SYMBOL: Final = re.compile(r"⟦[^⟦⟧:*?]+⟧")
"""A name that AWS makes up (`isolation.synthesized.stack`), as far as it can be written otherwise."""

_STAND_IN: Final = 0x100000
"""The first of the characters that stand for symbols' names; no text has one, or it is explored as it is written
(private use, https://www.unicode.org/charts/PDF/U100000.pdf)."""


class TooManyStatesError(Exception):
    """The patterns' product is too large to explore."""


class Language(NamedTuple):
    """The texts that a pattern matches.

    Attributes:
        relation: `equals`, `iequals`, `like`, `arn`, `resource` or `parts`, as in `formula.Atom`.
        text: the pattern.
    """

    relation: str
    text: str


class _Tail(NamedTuple):
    """What is left of a language without the beginning that it shares with others; texts alike are explored once.

    Attributes:
        text: the pattern.
        free_from: the position from which every wildcard runs over colons; negative for a text without wildcards.
        folded: whether case is ignored.
        ends_segments: whether a star that ends a segment runs over colons.
    """

    text: str
    free_from: int
    folded: bool
    ends_segments: bool


class _Automaton(NamedTuple):
    """The automaton of a pattern. A set of its states is an integer; the bit `n` is the position `n` in the pattern.

    Attributes:
        literals: by character, the positions that it moves on from.
        told: by position, the characters that it tells apart from others.
        stars: the positions of stars.
        wild: the positions of wildcards that match any character.
        segmented: the positions of wildcards that match any character but a colon.
        end: the position after the last.
    """

    literals: dict[str, int]
    told: tuple[str, ...]
    stars: int
    wild: int
    segmented: int
    end: int

    def closed(self, states: int) -> int:
        """Return `states` and those that are reached when stars match nothing."""
        while (wider := states | (states & self.stars) << 1) != states:
            states = wider
        return states

    def moved(self, states: int, char: str) -> int:
        """Return the states that `char` leads to from `states`."""
        wild = states & (self.wild if char == ":" else self.wild | self.segmented)
        on = states & self.literals.get(char, 0) | wild & ~self.stars
        following = on << 1 | wild & self.stars
        return self.closed(following) if following & self.stars else following


def _free_from(language: Language) -> int:
    """Return the position from which every wildcard runs over colons; -1 for a language without wildcards."""
    if language.relation in {"equals", "iequals"}:
        return -1
    if language.relation == "parts":
        return len(language.text)
    if language.relation == "like" or (language.relation == "arn" and arn_segments(language.text) is None):
        return 0
    return len(":".join(language.text.split(":", ARN_SEGMENTS - 1)[: ARN_SEGMENTS - 1]))


@lru_cache(maxsize=1 << 14)
def _automaton(tail: _Tail) -> _Automaton:
    literals: dict[str, int] = {}
    told: list[str] = []
    stars = wild = segmented = 0
    for position, char in enumerate(tail.text):
        bit = 1 << position
        if tail.free_from < 0 or char not in WILDCARDS:
            told.append("".join(sorted({char.lower(), char.upper()})) if tail.folded else char)
            for one in told[-1]:
                literals[one] = literals.get(one, 0) | bit
            continue
        stars |= bit if char == "*" else 0
        ends = tail.ends_segments and tail.text[position : position + 2] in {"*:", "*"}
        if position >= tail.free_from or ends:
            wild |= bit
            told.append("")
        else:
            segmented |= bit
            told.append(":")
    return _Automaton(literals, tuple(told), stars, wild, segmented, 1 << len(tail.text))


def combinations(languages: tuple[Language, ...]) -> dict[tuple[bool, ...], str]:
    """Return every combination of truth values that one text can give to `languages`, with a text that does.

    Raises:
        TooManyStatesError: more than `STATES` product states.
    """
    # What they all begin with does not tell them apart; without it, different tenants have mostly the same patterns.
    prefix = _common_prefix(languages)
    found = {row: prefix + text for row, text in _combined(_tails(languages, len(prefix))).items()}
    if prefix:
        found.setdefault((False,) * len(languages), "")
    return found


def _tails(languages: tuple[Language, ...], common: int) -> tuple[_Tail, ...]:
    tails = []
    for language in languages:
        free_from = _free_from(language)
        tails.append(
            _Tail(
                language.text[common:],
                free_from if free_from < 0 else max(0, free_from - common),
                language.relation == "iequals",
                language.relation == "resource",
            )
        )
    return tuple(tails)


def _common_prefix(languages: tuple[Language, ...]) -> str:
    """Return the text without wildcards that all languages begin with, in one case."""
    texts = [language.text for language in languages]
    folded = any(language.relation == "iequals" for language in languages)
    # What the least and the greatest begin with, all between them begin with.
    least, greatest = min(texts), max(texts)
    for position, (char, other) in enumerate(zip(least, greatest, strict=False)):
        if char != other or char in WILDCARDS or (folded and char.lower() != char.upper()):
            return least[:position]
    return least[: len(greatest)]


def _combined(tails: tuple[_Tail, ...]) -> Mapping[tuple[bool, ...], str]:
    """Return what `_explored` does, and explore once what differs in the names inside of symbols alone.

    No pattern matches a part of a symbol but by wildcards. So one that is written otherwise, in as many characters that
    are nowhere else, takes part in the same combinations.
    """
    stand_ins = _stand_ins(tails)
    if not stand_ins:
        return _explored(tails)
    others = tuple(
        tail._replace(text=_SYMBOL.sub(lambda match: stand_ins[match[0]], tail.text)) for tail in tails
    )
    found = {}
    for row, text in _explored(others).items():
        for symbol, other in stand_ins.items():
            text = text.replace(other, symbol)  # noqa: PLW2901 (one symbol after the other)
        if _has_stand_in(text):
            # It breaks off inside of a symbol.
            return _explored(tails)
        found[row] = text
    return found


def _stand_ins(tails: tuple[_Tail, ...]) -> dict[str, str]:
    """Return what stands for each symbol in `tails`; nothing where it may not, or where there are none."""
    symbols = sorted({symbol for tail in tails for symbol in _SYMBOL.findall(tail.text)})
    rest = "".join(_SYMBOL.sub("", tail.text) for tail in tails)
    if not symbols or any(tail.folded for tail in tails) or not {"⟦", "⟧"}.isdisjoint(rest):
        return {}
    if _has_stand_in(rest + "".join(symbols)):
        return {}
    return {
        symbol: f"⟦{chr(_STAND_IN + number) * (len(symbol) - 2)}⟧" for number, symbol in enumerate(symbols)
    }


def _has_stand_in(text: str) -> bool:
    return any(ord(char) >= _STAND_IN for char in text)


@lru_cache(maxsize=1 << 14)
def _explored(tails: tuple[_Tail, ...]) -> dict[tuple[bool, ...], str]:
    """Return what `combinations` does, with a shortest text for each combination."""
    automata = tuple(map(_automaton, tails))
    start = tuple(automaton.closed(1) for automaton in automata)
    found: dict[tuple[bool, ...], str] = {}
    seen = {start}
    waiting = deque([(start, "")])
    while waiting:
        product, text = waiting.popleft()
        both = list(zip(automata, product, strict=True))
        found.setdefault(tuple([bool(states & automaton.end) for automaton, states in both]), text)
        for char in _relevant(both):
            following = tuple([states and automaton.moved(states, char) for automaton, states in both])
            if following not in seen:
                if len(seen) >= STATES:
                    raise TooManyStatesError
                seen.add(following)
                waiting.append((following, text + char))
    return found


def _relevant(product: list[tuple[_Automaton, int]]) -> list[str]:
    """Return the characters that some pattern tells apart in its states, and one that represents all others."""
    told: set[str] = set()
    for automaton, states in product:
        for position in _positions(states & (automaton.end - 1)):
            told.update(automaton.told[position])
    other = next(char for char in map(chr, range(ord("a"), 0x110000)) if char not in told and char != ":")
    return [*sorted(told), other]


def _positions(states: int) -> Iterator[int]:
    while states:
        lowest = states & -states
        yield lowest.bit_length() - 1
        states ^= lowest
