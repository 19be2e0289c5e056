"""Propositional formulas over atoms about a request, simplified as they are built.

The encoding decides what is known of a request when it builds a formula; what remains is about what an attacker
chooses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Atom(NamedTuple):
    """One fact about one variable.

    Attributes:
        variable: such as `action`, `resource`, `principal` or a condition key.
        relation: `present`, `equals`, `like` (a glob), `arn` (a glob by segments), `resource` (the
            same, but a star that ends a segment runs over colons), `parts` (no wildcard runs over a
            colon), `iequals` (case ignored) or `cidr` (an address
            block).
        text: what the variable is compared with; empty for `present`.
    """

    variable: str
    relation: str
    text: str = ""


class Not(NamedTuple):
    """The negation of an operand."""

    operand: Formula


class And(NamedTuple):
    """All operands hold."""

    operands: tuple[Formula, ...]


class Or(NamedTuple):
    """At least one operand holds."""

    operands: tuple[Formula, ...]


Formula = bool | Atom | Not | And | Or


def negation(operand: Formula) -> Formula:
    """Return the formula that holds where `operand` does not."""
    if isinstance(operand, bool):
        return not operand
    return operand.operand if isinstance(operand, Not) else Not(operand)


def conjunction(operands: Iterable[Formula]) -> Formula:
    """Return the formula that holds where all `operands` hold."""
    kept: dict[Formula, None] = {}
    for operand in operands:
        if operand is False:
            return False
        if operand is not True:
            kept.update(dict.fromkeys(operand.operands) if isinstance(operand, And) else {operand: None})
    return And(tuple(kept)) if len(kept) > 1 else next(iter(kept), True)


def disjunction(operands: Iterable[Formula]) -> Formula:
    """Return the formula that holds where one of `operands` holds."""
    kept: dict[Formula, None] = {}
    for operand in operands:
        if operand is True:
            return True
        if operand is not False:
            kept.update(dict.fromkeys(operand.operands) if isinstance(operand, Or) else {operand: None})
    return Or(tuple(kept)) if len(kept) > 1 else next(iter(kept), False)


def atoms(formula: Formula) -> Iterable[Atom]:
    """Return every atom of `formula`, from left to right."""
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Atom):
            yield part
        elif isinstance(part, Not):
            waiting.append(part.operand)
        elif not isinstance(part, bool):
            waiting += reversed(part.operands)
