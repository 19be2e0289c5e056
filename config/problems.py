"""One way to say that input is wrong: where, what was received, what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in the registry or in the environment.

    Attributes:
        where: the place, as an editor or a shell knows it (`tenants.yaml:12: tenants.acme.silo.cidr`,
            `ENVIRONMENT_SUFFIX`).
        received: the value as it was written; `None` when there was none.
        expected: what would have been accepted.
    """

    where: str
    received: object
    expected: str

    def __str__(self) -> str:
        """Return the problem as the one line that a person reads, whatever characters the input has."""
        received = "nothing" if self.received is None else _shown(self.received)
        return one_line(f"{self.where}: received {received}, expected {self.expected}")


class Refusal(Exception):  # noqa: N818 (it is no fault of the program)
    """What ends a run with one clear message and no traceback.

    Attributes:
        exit_code: of the command.
    """

    exit_code = 2


class ConfigurationError(Refusal):
    """Input that cannot be used; carries every problem found, not the first alone.

    Attributes:
        problems: at least one, in the order of the file or of the variables' names.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep `problems`; the message is one line for each of the first `MOST_SHOWN`."""
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"and {len(self.problems) - MOST_SHOWN} more")
        super().__init__("\n".join(lines))


MOST_SHOWN: Final = 100
"""Problems that a message lists; the rest are counted."""
_SHOWN_CHARACTERS: Final = 80


def one_line(text: str) -> str:
    """Return `text` with every character escaped that could break the line or the terminal.

    Those are what Python calls not printable: control characters (ANSI escapes begin with one), line and paragraph
    separators, marks that turn the direction of writing, halves of surrogate pairs.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str) -> str:
    """Return `text`, or its beginning where it would fill the screen."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def _shown(value: object) -> str:
    """Return `value` on one line, cut so that a pasted certificate does not fill the screen."""
    return shortened(repr(value[:_SHOWN_CHARACTERS] if isinstance(value, str) else value))
