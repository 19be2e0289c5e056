"""What must not be reached: a resource with all that decides who may do what on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.iam.language import ParsedPolicy
from isolation.model.caller import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One resource with all that bears on reaching it.

    Attributes:
        kind: such as `bucket`.
        owner: the tenant whose it is; `None` is the platform.
        address: where it is declared.
        account: the account that it is in.
        arn: its own ARN.
        patterns: every ARN that a request on it may name.
        separated: whether no wildcard of `patterns` runs over a colon.
        actions: patterns of all actions of its services, lower-case.
        harmless: patterns of actions that neither reach data nor change anything.
        examples: actions to prefer in a counterexample.
        policy: its resource policy.
        policy_required: identity policies count only where the resource policy delegates to the account.
        tags: its own, and those that it has by default.
        context: condition keys with patterns of the values that a request on this target must have.
        aliases: of a key, the names of its aliases.
        own: by tenant, patterns of the ARNs on it that are that tenant's own.
        roles: ARNs of the roles whose credentials it yields to whoever takes it over.
        takeover: patterns of the actions that take it over.
    """

    kind: str
    owner: str | None
    address: str
    account: str
    arn: str
    patterns: tuple[str, ...]
    actions: tuple[str, ...]
    harmless: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    policy: ParsedPolicy = ()
    policy_required: bool = False
    tags: Tags | None = None
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    aliases: tuple[str, ...] = ()
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    takeover: tuple[str, ...] = ()
    separated: bool = False
