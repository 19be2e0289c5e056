"""A role that one AWS service assumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf_cdktf_provider_aws.iam_role import IamRole

from constructs import Construct
from policies.statements import Condition, service_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRoleProps:
    """Which service assumes it, and when.

    Attributes:
        name: physical name.
        service: such as `lambda.amazonaws.com`.
        trust: conditions under which the service assumes it.
        tags: of the role, beyond the provider's.
    """

    name: str
    service: str
    trust: tuple[Condition, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


class ServiceRole(IamRole):
    """A role that no person and no other service can assume. It has no rights of its own yet."""

    def __init__(self, scope: Construct, id: str, props: ServiceRoleProps) -> None:
        super().__init__(
            scope,
            id,
            name=props.name,
            assume_role_policy=service_trust(props.service, conditions=props.trust),
            tags=dict(props.tags) or None,
        )
