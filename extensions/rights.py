"""What whoever deploys needs in AWS for stacks of your own, beside what the platform's need. Pure, without cdktf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from policies.statements import Statement
from tenancy.extending import Site

KINDS: Final[tuple[str, ...]] = ()
"""The names of your plans, such as `reports`: whoever deploys reads and writes the states of their stacks."""


def rights(site: Site) -> Mapping[str, Iterable[Statement]]:  # noqa: ARG001 (yours names ARNs with it)
    """Return the statements for each Terraform type that your own stacks have; a data source's begins with `data.`.

    Those of the platform's types hold for the platform's names alone, where AWS checks a name: list these types too.

    Args:
        site: where the stacks are deployed.
    """
    return {}
