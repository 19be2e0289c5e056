"""Who acts and what is acted upon: principals and targets, as the stacks declare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from isolation.iam import ParsedPolicy

Tags = Mapping[str, str]
CallerType = Literal["role", "foreign", "anonymous", "service"]

PLATFORM = "(platform)"
FOREIGN = "(foreign account)"
ANONYMOUS = "(anonymous)"
SERVICE = "(AWS service)"
OUTSIDERS = (FOREIGN, ANONYMOUS, SERVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a request.

    Attributes:
        type: `role` is a role or user of the stacks; `foreign` anybody in another account; `anonymous` nobody's
            credentials; `service` an AWS service that acts for somebody else's resource.
        name: for people.
        owner: the tenant whose it is, or for whom a service acts; one of `OUTSIDERS`; `None` is the platform.
        arn: of a role or user; empty otherwise.
        account: its account; empty for anonymous callers and services.
        tags: principal tags with their deployed values; `None` where it chooses them itself.
        identity: its identity policies.
        boundary: its permission boundary.
        administrator: it gives itself any identity permission: the foreign account's owner, or after escalation.
        functions: ARNs of the Lambda functions that its credentials come from; `None` if anything may hold them.
        service: the service, such as `events.amazonaws.com`; `*` is one that no policy names.
        sources: patterns of the ARNs that the service acts for.
        source_account: the account that the service acts for.
    """

    type: CallerType
    name: str
    owner: str | None
    arn: str = ""
    account: str = ""
    tags: Tags | None = None
    identity: ParsedPolicy = ()
    boundary: ParsedPolicy | None = None
    administrator: bool = False
    functions: tuple[str, ...] | None = None
    service: str = ""
    sources: tuple[str, ...] = ()
    source_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One resource with all that bears on it.

    Attributes:
        kind: such as `bucket`.
        owner: the tenant whose it is; `None` is the platform.
        address: where it is declared.
        account: where it stands.
        arn: its own.
        patterns: every ARN that a request on it may name.
        actions: patterns of all actions of its services, lower-case.
        harmless: patterns of actions that reach no data and change nothing.
        examples: actions to prefer in a counterexample.
        policy: its resource policy.
        policy_required: identity policies count only where the resource policy delegates to the account.
        tags: its own.
        context: what a request must carry to be one on this target.
        roles: ARNs of the roles whose credentials it yields to who takes it over.
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
    roles: tuple[str, ...] = ()
    takeover: tuple[str, ...] = ()
