"""The role that a function's or a task's code runs as, or the agent that starts it."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from constructs import Construct
from constructs.common.service_role import ServiceRole, ServiceRoleProps
from policies.grantee import PolicyDraft
from policies.statements import Statement, policy_document


class WorkloadRole(Construct):
    """A role that is created before its policy: keys name the role, and its policy names what the keys encrypt.

    The tag that conditions compare with comes from the provider's default tags in a silo, elsewhere from the props.

    Attributes:
        resource: the role.
        arn: of the role.
    """

    def __init__(self, scope: Construct, id: str, props: ServiceRoleProps) -> None:
        super().__init__(scope, id)
        self.resource = ServiceRole(self, "role", props)
        self.arn = self.resource.arn
        self._granted = PolicyDraft()
        self._policy: IamRolePolicy | None = None

    def add_to_policy(self, *statements: Statement) -> None:
        """Add `statements` to what the role may do.

        Raises:
            RuntimeError: the role's policy has been created; the statements would be lost.
        """
        if self._policy:
            raise RuntimeError(f"{self.node.path}: received rights after the role's policy was created")
        self._granted.add_to_policy(*statements)

    def create_policy(self, runtime: PolicyDraft | None = None) -> IamRolePolicy:
        """Create the policy of all that was granted, and return it for others to depend on.

        Args:
            runtime: what the role needs in order to run at all; it comes first.
        """
        needed = runtime.statements if runtime else []
        self._policy = IamRolePolicy(
            self,
            "policy",
            name="permissions",
            role=self.resource.name,
            policy=policy_document([*needed, *self._granted.statements]),
        )
        return self._policy
