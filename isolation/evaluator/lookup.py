"""Decides a request that is given by names, for comparison with a deployment."""

from __future__ import annotations

from collections.abc import Mapping

from isolation.evaluator.decision import authorized
from isolation.evaluator.matching import glob
from isolation.evaluator.request import Request
from isolation.inventory.inventory import Inventory
from isolation.model.target import Target


def decide(
    inventory: Inventory, caller: str, action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Decide whether a role or user of the stacks may do `action` on `resource`.

    Args:
        inventory: of the stacks.
        caller: its ARN, or its address `stack/type.name`.
        action: such as `s3:GetObject`.
        resource: an ARN, or the address of a resource whose ARN AWS makes up.
        context: further condition keys of the request; TLS is taken for granted.

    Raises:
        KeyError: no such role or user.
    """
    who = next((found for found in inventory.identities if caller in {found.arn, found.name}), None)
    if who is None:
        raise KeyError(caller)
    keys: dict[str, tuple[str, ...]] = {"aws:securetransport": ("true",)}
    if who.functions:
        keys["lambda:sourcefunctionarn"] = who.functions[:1]
    keys |= {key.lower(): (value,) for key, value in (context or {}).items()}
    meant: Target | None = None
    for target in inventory.targets:
        named = resource == target.address or any(glob(pattern, resource) for pattern in target.patterns)
        if named and not target.context and any(glob(own, action.lower()) for own in target.actions):
            meant = target
            break
    if meant is None:
        meant = Target(
            kind="other",
            owner=None,
            address="",
            account=who.account,
            arn=resource,
            patterns=(resource,),
            actions=("*",),
        )
    arn = meant.arn if resource == meant.address else resource
    return authorized(meant, Request(who, action, arn, keys)).allowed
