"""Whoever can be given rights: `grant_*` methods of constructs add statements to it."""

from __future__ import annotations

from typing import Protocol

from policies.statements import Statement


class Grantee(Protocol):
    """Something with a policy of its own."""

    def add_to_policy(self, *statements: Statement) -> None:
        """Add `statements` to what it may do."""


class PolicyDraft:
    """A list of statements that grows until a policy is made of it.

    Attributes:
        statements: in the order in which they were added.
    """

    def __init__(self) -> None:
        """Begin with no statement."""
        self.statements: list[Statement] = []

    def add_to_policy(self, *statements: Statement) -> None:
        """Add `statements`."""
        self.statements += statements
