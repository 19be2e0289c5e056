"""All stacks of one environment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from config.problems import ConfigurationError, Problem
from tenancy.plans import StackPlan

SHOWN_STACKS: Final = 10
"""How many ids a message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The stacks of one environment, as plans.

    Attributes:
        stacks: silos in the order of their tenants' ids, then the shared platform, then what rolls releases out.
    """

    stacks: tuple[StackPlan, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all stacks."""
        return tuple(stack.id for stack in self.stacks)

    def select(self, wanted: Collection[str]) -> Fleet:
        """Return the fleet of the stacks whose ids are `wanted`, or this one where `wanted` is empty.

        Raises:
            ConfigurationError: an id that no stack has.
        """
        ids = self.ids
        known = frozenset(ids)
        unknown = [stack for stack in wanted if stack not in known]
        if unknown:
            shown = ", ".join([*ids[:SHOWN_STACKS], *(["..."] if len(ids) > SHOWN_STACKS else [])])
            expected = f"stacks of the registry: {shown}"
            raise ConfigurationError(
                [Problem(where="STACKS", received=stack, expected=expected) for stack in unknown]
            )
        if not wanted:
            return self
        return Fleet(stacks=tuple(stack for stack in self.stacks if stack.id in frozenset(wanted)))
