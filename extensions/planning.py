"""Which stacks of your own there are: read from what the registry says under `extensions`. Pure, without cdktf."""

from __future__ import annotations

from collections.abc import Iterable

from tenancy.extending import House
from tenancy.plans import ExtensionPlan


def plans(house: House) -> Iterable[ExtensionPlan]:
    """Return a plan for each stack of your own.

    Args:
        house: what the registry says for you, and what plans are made with.

    Raises:
        ConfigurationError: something in it is wrong; `house.refuse` makes it.
    """
    house.expect_keys()
    return ()
