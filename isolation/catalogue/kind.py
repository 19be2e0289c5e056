"""What is known of one kind of targets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of target.

    Attributes:
        types: the resource types that are of this kind.
        patterns: the ARNs that a request on one may name; `{arn}` is its own.
        separated: whether no wildcard of `patterns` runs over a colon.
        actions: patterns of all actions of its services.
        harmless: actions that neither reach data nor change anything.
        examples: the actions that tell a reader most; they are tried first, in this order.
        takeover: actions that yield the credentials of its role.
        policy_required: whether identity policies count only if the resource policy lets them.
    """

    types: tuple[str, ...]
    actions: tuple[str, ...]
    patterns: tuple[str, ...] = ("{arn}",)
    harmless: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    takeover: tuple[str, ...] = ()
    policy_required: bool = False
    separated: bool = False
