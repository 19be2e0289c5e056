"""One way to say that input is wrong: where, what was received, what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
        """Return the problem as the one line that a person reads."""
        received = "nothing" if self.received is None else _shown(self.received)
        return f"{self.where}: received {received}, expected {self.expected}"


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
        """Keep `problems`; the message is one line for each."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


_SHOWN_CHARACTERS = 80


def _shown(value: object) -> str:
    """Return `value` on one line, cut so that a pasted certificate does not fill the screen."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."
