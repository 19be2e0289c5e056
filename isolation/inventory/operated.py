"""Roles that a service of AWS's alone acts as, with AWS's own code, and whose credentials nobody gets."""

from __future__ import annotations

from collections.abc import Iterable

from isolation.catalogue.runners import OPERATED
from isolation.model.target import Target


def operated_roles(targets: Iterable[Target]) -> frozenset[str]:
    """Return the ARNs of the roles whose trust policies let in nobody but services that operate them."""
    letting_in = {
        target.arn: [statement for statement in target.policy if statement.allows]
        for target in targets
        if target.kind == "role" and target.policy
    }
    return frozenset(
        arn
        for arn, statements in letting_in.items()
        if statements
        and all(
            not statement.not_principal
            and statement.principals
            and all(
                pattern.kind == "service" and pattern.name in OPERATED for pattern in statement.principals
            )
            for statement in statements
        )
    )
