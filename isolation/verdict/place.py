"""Where something is wrong: the resource's address, and what of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ADDRESS: Final = re.compile(r"[^\s/:(]+/[a-z][a-z0-9_-]*\.[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong.

    Attributes:
        address: `stack/type.name`, or only the stack, or nothing if it is nowhere in particular.
        argument: an argument, or the statement of a policy; empty for the resource as a whole.
    """

    address: str = ""
    argument: str = ""

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.address}: {self.argument}" if self.argument else self.address


def place_of(text: str) -> Place:
    """Return the place that a line of a report begins with: a statement's source, a doubt or a gap."""
    match = _ADDRESS.match(text)
    if match is None:
        return Place(text.partition(": ")[0] if ": " in text else "")
    rest = text[match.end() :]
    statement = re.match(r"( trust)?#([^:]*)", rest)
    if statement:
        return Place(match[0], f"{'trust policy, ' if statement[1] else ''}statement {statement[2]}")
    argument = re.match(r": argument ([^\s,;]+)", rest)
    if argument:
        return Place(match[0], argument[1])
    if rest.startswith(" default policy"):
        return Place(match[0], "the policy by default")
    return Place(match[0])


def places_in(text: str) -> list[Place]:
    """Return the places of all addresses in a line."""
    return [Place(address) for address in _ADDRESS.findall(text)]
