"""The secret with one tenant's login to the shared database."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy

from constructs import Construct
from constructs.common.customer_key import CustomerKey
from constructs.common.workload_role import WorkloadRole
from policies.conditions import principal_not_tagged, principal_tagged
from policies.grantee import Grantee
from policies.statements import EVERYONE, Condition, Statement, policy_document
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSecretProps:
    """Whose login it is.

    Attributes:
        owner: whose principals alone read it.
        key: encrypts it.
        provisioner: the one role that writes it.
        recovery_window_days: 0 (at once) or 7 to 30.
    """

    owner: Owner[FargateTenantNames]
    key: CustomerKey
    provisioner: WorkloadRole
    recovery_window_days: int


class DatabaseSecret(Construct):
    """A secret that Terraform creates and never fills: the database provisioner writes its value.

    Its own policy keeps every principal out that is neither this tenant's nor the provisioner, whatever that
    principal's IAM policies say. It says nothing about deletion or about itself, so that whoever deploys keeps both
    rights.

    Attributes:
        arn: of the secret.
        policy: to depend on before there is a value.
    """

    def __init__(self, scope: Construct, id: str, props: DatabaseSecretProps) -> None:
        super().__init__(scope, id)
        self._props = props
        secret = SecretsmanagerSecret(
            self,
            "secret",
            name=props.owner.names.database_secret,
            description="Login of the tenant to the shared database",
            kms_key_id=props.key.arn,
            recovery_window_in_days=props.recovery_window_days,
            tags=dict(props.owner.tags),
        )
        self.arn = secret.arn
        self.policy = SecretsmanagerSecretPolicy(
            self,
            "policy",
            secret_arn=self.arn,
            policy=policy_document(self._secret_policy()),
            block_public_policy=True,
        )

    def reference(self, field: str) -> str:
        """Return what a container definition's `valueFrom` takes for one field of the secret's JSON.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
        """
        return f"{self.arn}:{field}::"

    def grant_read(self, grantee: Grantee) -> None:
        """Let `grantee`, as a principal of the owner, read the login."""
        owner = self._props.owner
        grantee.add_to_policy(
            Statement(
                sid="ReadOwnSecret",
                actions=("secretsmanager:GetSecretValue",),
                resources=(self.arn,),
                conditions=(principal_tagged(owner.tag, owner.tenant),),
            )
        )

    def _secret_policy(self) -> list[Statement]:
        owner = self._props.owner
        not_the_provisioner = Condition(
            operator="ArnNotEquals", key="aws:PrincipalArn", values=(self._props.provisioner.arn,)
        )
        return [
            Statement(
                sid="DenyReadsByOtherPrincipals",
                effect="Deny",
                actions=("secretsmanager:GetSecretValue",),
                resources=("*",),
                principal=EVERYONE,
                conditions=(principal_not_tagged(owner.tag, owner.tenant), not_the_provisioner),
            ),
            Statement(
                sid="DenyWritesByOthers",
                effect="Deny",
                actions=("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"),
                resources=("*",),
                principal=EVERYONE,
                conditions=(not_the_provisioner,),
            ),
        ]
