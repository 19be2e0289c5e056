"""Who makes a request: a role or user of the stacks, or somebody from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from isolation.iam.language import ParsedPolicy

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
        name: its name in reports.
        owner: the tenant whose it is, or for whom a service acts; one of `OUTSIDERS`; `None` is the platform.
        arn: of a role or user; empty otherwise.
        account: its account; empty for anonymous callers and services.
        tags: principal tags with their deployed values; `None` where it chooses all of them itself.
        chosen: keys, in lower case, of the tags that it chooses itself, whatever `tags` says of them.
        identity: its identity policies.
        boundary: its permissions boundary.
        administrator: it has every identity permission: the owner of a foreign account, or after escalation.
        functions: ARNs of the Lambda functions that its credentials come from; `None` if anything may hold them.
        service: the service, such as `events.amazonaws.com`; `*` is one that no policy names.
        sources: patterns of the ARNs that the service acts for.
        source_account: the account that the service acts for.
        queues: patterns of the ARNs of the queues that the service sends to, whose policies let it in.
    """

    type: CallerType
    name: str
    owner: str | None
    arn: str = ""
    account: str = ""
    tags: Tags | None = None
    chosen: frozenset[str] = frozenset()
    identity: ParsedPolicy = ()
    boundary: ParsedPolicy | None = None
    administrator: bool = False
    functions: tuple[str, ...] | None = None
    service: str = ""
    sources: tuple[str, ...] = ()
    source_account: str = ""
    queues: tuple[str, ...] = ()
