"""Which combinations of patterns can one text match? Exact, by the product of the patterns' automata.

Each atom of a formula is about one variable, so strings can be left out of the solver: it is enough to tell it
which truth values the atoms of one variable can have together. That is a reachability question on small automata, with
a shortest text as witness, where a general string solver would search.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Final, NamedTuple

from isolation.iam.patterns import ARN_SEGMENTS, arn_segments

STATES: Final = 100_000
"""How many product states are explored before giving up. Policies of the size that IAM allows need far fewer."""


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


class _Token(NamedTuple):
    """One step of a pattern: a character, in one or two cases, or a wildcard."""

    characters: str
    star: bool = False
    over_colons: bool = True


@lru_cache(maxsize=1 << 14)
def _tokens(language: Language) -> tuple[_Token, ...]:
    relation, text = language
    if relation == "equals":
        return tuple(_Token(char) for char in text)
    if relation == "iequals":
        return tuple(_Token("".join(sorted({char.lower(), char.upper()}))) for char in text)
    free_from = _free_from(language)
    return tuple(
        _Token(
            "" if char in "*?" else char,
            char == "*",
            position >= free_from
            or (relation == "resource" and text[position : position + 2] in {"*:", "*"}),
        )
        for position, char in enumerate(text)
    )


def _free_from(language: Language) -> int:
    """Return the position from which every wildcard runs over colons."""
    if language.relation == "parts":
        return len(language.text)
    if language.relation == "like" or (language.relation == "arn" and arn_segments(language.text) is None):
        return 0
    return len(":".join(language.text.split(":", ARN_SEGMENTS - 1)[: ARN_SEGMENTS - 1]))


def _closed(tokens: tuple[_Token, ...], positions: set[int]) -> frozenset[int]:
    """Return `positions` and those that are reached when stars match nothing."""
    closed = set(positions)
    for position in positions:
        following = position
        while following < len(tokens) and tokens[following].star:
            following += 1
            closed.add(following)
    return frozenset(closed)


def _moved(tokens: tuple[_Token, ...], positions: frozenset[int], char: str) -> frozenset[int]:
    moved: set[int] = set()
    for position in positions:
        if position == len(tokens):
            continue
        token = tokens[position]
        if token.characters:
            if char in token.characters:
                moved.add(position + 1)
        elif token.over_colons or char != ":":
            moved.add(position if token.star else position + 1)
    return _closed(tokens, moved)


def combinations(languages: tuple[Language, ...]) -> dict[tuple[bool, ...], str]:
    """Return every combination of truth values that one text can give to `languages`, with a text that does.

    Raises:
        TooManyStatesError: more than `STATES` product states.
    """
    patterns = [_tokens(language) for language in languages]
    # What they all begin with does not tell them apart; without it, different tenants have mostly the same patterns.
    common = _common_prefix(patterns)
    prefix = "".join(token.characters for token in patterns[0][:common])
    found = {
        row: prefix + text for row, text in _explored(tuple(tokens[common:] for tokens in patterns)).items()
    }
    if prefix:
        found.setdefault((False,) * len(languages), "")
    return found


def _common_prefix(patterns: list[tuple[_Token, ...]]) -> int:
    length = 0
    for tokens in zip(*patterns, strict=False):
        if len(set(tokens)) > 1 or len(tokens[0].characters) != 1:
            break
        length += 1
    return length


@lru_cache(maxsize=1 << 14)
def _explored(patterns: tuple[tuple[_Token, ...], ...]) -> dict[tuple[bool, ...], str]:
    """Return what `combinations` does, with a shortest text for each combination."""
    start = tuple(_closed(tokens, {0}) for tokens in patterns)
    found: dict[tuple[bool, ...], str] = {}
    seen = {start}
    waiting = deque([(start, "")])
    while waiting:
        state, text = waiting.popleft()
        accepted = tuple(len(tokens) in positions for tokens, positions in zip(patterns, state, strict=True))
        found.setdefault(accepted, text)
        for char in _relevant(patterns, state):
            following = tuple(
                _moved(tokens, positions, char) for tokens, positions in zip(patterns, state, strict=True)
            )
            if following not in seen:
                if len(seen) >= STATES:
                    raise TooManyStatesError
                seen.add(following)
                waiting.append((following, text + char))
    return found


def _relevant(patterns: tuple[tuple[_Token, ...], ...], state: tuple[frozenset[int], ...]) -> list[str]:
    """Return the characters that some pattern tells apart in `state`, and one that represents all others."""
    told = {
        char
        for tokens, positions in zip(patterns, state, strict=True)
        for position in positions
        if position < len(tokens)
        for char in (tokens[position].characters or ("" if tokens[position].over_colons else ":"))
    }
    other = next(char for char in map(chr, range(ord("a"), 0x110000)) if char not in told and char != ":")
    return [*sorted(told), other]
