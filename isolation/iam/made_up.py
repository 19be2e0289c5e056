"""Identifiers that AWS makes up, in ARNs: what a pattern that somebody wrote by hand may match of them.

Such an identifier is a fresh symbol, `⟦stack/type.name⟧` (see `isolation.synthesized.stack`). A pattern that names the
same symbol refers to the same resource. For any other pattern the symbol may be any text: it *may* match if some text
would, and it *certainly* matches only if every text would.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SYMBOL: Final = re.compile(r"⟦[^⟧]*⟧")
_SUFFIX: Final = re.compile(r"⟦\d{4}⟧")
"""The six characters that Secrets Manager appends to the name of a secret."""


def made_up(text: str) -> bool:
    """Whether `text` contains a symbol."""
    return "⟦" in text


@lru_cache(maxsize=1 << 16)
def opened(text: str) -> str:
    """Return `text` with wildcards for its symbols: all that it may turn out to be."""
    return _SYMBOL.sub("*", _SUFFIX.sub("?" * 6, text))


def guesses(pattern: str, text: str) -> bool:
    """Whether `pattern` is about the symbols in `text` without naming one."""
    return made_up(text) and not made_up(pattern) and pattern != "*"
