"""Narrows the pairs: the targets that a caller may reach, as far as patterns tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from isolation.iam.language import ParsedStatement
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.reach.index import Index, widened
from isolation.reach.prover import Prover

MANY: Final = 4
"""A pattern that meets more targets than this is first tried against all of them at once."""


def candidates(prover: Prover, index: Index, caller: Caller) -> Iterator[Target]:
    """Return the targets that `caller` may reach, as far as patterns tell; each once."""
    seen: set[int] = set()
    if caller.administrator:
        yield from index.targets
        return
    groups = [
        found
        for statement in caller.identity
        if statement.allows
        for found in index.met_by(statement)
        if len(found) <= MANY or _possible_at_all(prover, index, caller, statement, found)
    ]
    groups.append(index.naming(caller))
    for group in groups:
        for target in group:
            if id(target) not in seen:
                seen.add(id(target))
                yield target


def _possible_at_all(
    prover: Prover, index: Index, caller: Caller, statement: ParsedStatement, found: list[Target]
) -> bool:
    """Whether `caller` may do anything at all to targets of one kind, whatever their own policies say.

    Leaving out the targets' policies leaves out only their denials, and what they grant is found by name. Those in
    `found` agree in the actions that count, and in what a request must be.
    """
    like = found[0]
    anything = replace(
        like,
        owner=None,
        patterns=("*",)
        if statement.not_resource
        else tuple(widened(pattern) for pattern in statement.resources),
        policy=(),
        policy_required=False,
        tags=None,
        separated=False,
        aliases=index.aliases_of(found),
        own={},
    )
    return prover.possible(caller, anything)
