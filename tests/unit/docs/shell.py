"""The commands that the documents tell people to type, read from their blocks of code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.site.sources import pages

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"^ *\$ (.+(?:\\\n.+)*)", re.MULTILINE)
COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
SEPARATORS = frozenset("();<>|&\n")
KEYWORDS = frozenset({"do", "then", "else", "!", "{", "time"})
LOOPS = frozenset({"for", "while", "if", "case", "done", "fi", "esac", "}"})


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        page: whose block it is in.
        variables: that are set for it alone, or by `export`.
        words: the program and its arguments, without redirections.
    """

    page: str
    variables: tuple[str, ...]
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)[:80]}"


def documented() -> list[Command]:
    """Every command of the pages' blocks, those that are typed at a prompt included."""
    return [command for page in pages(ROOT) for command in _of_page(page)]


def _of_page(page: str) -> Iterator[Command]:
    for _, language, text in BLOCK.findall((ROOT / page).read_text()):
        if language in {"sh", "bash", "shell", "console"}:
            yield from split(page, text)
        elif language == "text":
            for typed in TYPED.findall(text):
                yield from split(page, typed)


def split(page: str, text: str) -> Iterator[Command]:
    """Yield the simple commands of a script, those in loops and in `$(...)` included."""
    text = COMMENT.sub("", re.sub(r"\\\n", " ", text))
    reader = shlex.shlex(text, posix=True, punctuation_chars="".join(SEPARATORS))
    reader.whitespace, reader.commenters, reader.whitespace_split = " \t", "", True
    words: list[str] = []
    redirected = False
    for word in [*reader, "\n"]:
        if set(word) <= SEPARATORS:
            if words and (not set(word) & set("<>")):
                yield from _simple(page, words)
                words = []
            redirected = bool(set(word) & set("<>"))
        elif not redirected:
            words.append(word)
            redirected = False
        else:
            redirected = False


def _simple(page: str, words: list[str]) -> Iterator[Command]:
    while words and words[0] in KEYWORDS:
        words = words[1:]
    variables = []
    if words and words[0] == "export":
        variables = [found[1] for word in words[1:] if (found := ASSIGNMENT.fullmatch(word))]
        yield Command(page, tuple(variables), ("export",))
        return
    while words and (found := ASSIGNMENT.fullmatch(words[0])):
        variables.append(found[1])
        words = words[1:]
    if words and words[0] not in LOOPS:
        yield Command(page, tuple(variables), tuple(words))
