"""The one error of the tool: what was read is not what `cdktf synth` writes."""

from __future__ import annotations

from typing import Final

_SHOWN: Final = 60
"""Characters of a value that a message quotes."""


class InputError(Exception):
    """What was read cannot be analysed; the message is one line: where, what was received, what is expected."""

    def __init__(self, where: str, received: str = "", expected: str = "") -> None:
        message = f"{where}: received {received}, expected {expected}" if received else where
        super().__init__("".join(_printable(char) for char in message))


def shown(value: object) -> str:
    """Return `value` as a message quotes it: its type, and its beginning if it is plain."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list | tuple):
        return "an object" if isinstance(value, dict) else "a list"
    text = repr(value[: _SHOWN + 1]) if isinstance(value, str) else _number(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _number(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # Python does not write integers of more than some thousand digits.
        return "a number of thousands of digits"


def _printable(char: str) -> str:
    return char if char.isprintable() else ascii(char)[1:-1]
