"""Environment variables, validated together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """The environment is not what the function needs; the message names every problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What one environment variable must look like.

    Attributes:
        pattern: A regular expression that the whole value must match.
        expected: What the value should be, in words.
        default: The value where the variable is not set, or None if it must be set.
    """

    pattern: str
    expected: str
    default: str | None = None


def read_environment(environment: Mapping[str, str], variables: Mapping[str, Variable]) -> dict[str, str]:
    """Return the value of each of `variables`.

    Args:
        environment: Name to value, as `os.environ`.
        variables: Name to what its value must look like.

    Raises:
        SettingsError: A variable is missing or malformed. All problems are reported at once.
    """
    values = {}
    problems = []
    for name, variable in variables.items():
        value = environment.get(name, variable.default)
        if value is None:
            problems.append(f"{name} is missing, expected {variable.expected}")
        elif not re.fullmatch(variable.pattern, value):
            problems.append(f"{name} is {value!r}, expected {variable.expected}")
        else:
            values[name] = value
    if problems:
        raise SettingsError("; ".join(problems))
    return values
