"""The role that an AWS service runs one function or task as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from constructs import Construct
from constructs.policy import Condition, Statement, policy_document, service_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRoleProps:
    """What distinguishes one role from another.

    Attributes:
        name: the role's physical name.
        service: the AWS service that assumes it.
        trust: under which conditions it does.
        tags: of the role, beyond the provider's.
    """

    name: str
    service: str = "lambda.amazonaws.com"
    trust: tuple[Condition, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


class ExecutionRole(Construct):
    """A role that comes before its policy: keys name it, and its policy names what the keys encrypt.

    In a tenant's own stack the tag that conditions compare with comes from the provider's default tags, elsewhere
    from the props.

    Attributes:
        role: the role; it can do nothing until `allow` is called.
    """

    def __init__(self, scope: Construct, id: str, props: ExecutionRoleProps) -> None:
        super().__init__(scope, id)
        self.role = IamRole(
            self,
            "role",
            name=props.name,
            assume_role_policy=service_trust(props.service, conditions=props.trust),
            tags=dict(props.tags) or None,
        )

    def allow(self, statements: Iterable[Statement]) -> IamRolePolicy:
        """Give the role exactly `statements`, and return the policy for others to depend on."""
        return IamRolePolicy(
            self, "policy", name="permissions", role=self.role.name, policy=policy_document(statements)
        )
