"""The secret with one tenant's login to the shared database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy

from constructs import Construct
from constructs.customer_key import CustomerKey
from constructs.fargate_tenant_key import TENANT_TAG
from constructs.policy import EVERYONE, Condition, Statement, only_tenant, policy_document


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSecretProps:
    """Whose login it is.

    Attributes:
        name: physical name.
        tenant: id of the tenant; readers must carry it as the tag `tenant_id`.
        key: encrypts it.
        provisioner: the one role that writes it.
        recovery_window_days: 0 (at once) or 7 to 30.
        tags: of the secret.
    """

    name: str
    tenant: str
    key: CustomerKey
    provisioner: IamRole
    recovery_window_days: int
    tags: Mapping[str, str]


class TenantSecret(Construct):
    """A secret that Terraform makes and never fills: the database provisioner writes its value.

    Its own policy keeps every principal out that is neither this tenant's nor the provisioner, whatever that
    principal's IAM policies say. It speaks neither of deletion nor of itself, so that whoever deploys keeps both.

    Attributes:
        secret: the secret.
        policy: to depend on before there is a value.
    """

    def __init__(self, scope: Construct, id: str, props: TenantSecretProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.secret = SecretsmanagerSecret(
            self,
            "secret",
            name=props.name,
            description="Login of the tenant to the shared database",
            kms_key_id=props.key.arn,
            recovery_window_in_days=props.recovery_window_days,
            tags=dict(props.tags),
        )
        self.policy = SecretsmanagerSecretPolicy(
            self,
            "policy",
            secret_arn=self.secret.arn,
            policy=policy_document(self._secret_policy()),
            block_public_policy=True,
        )

    def reference(self, field: str) -> str:
        """Return what a container definition's `valueFrom` takes for one field of the secret's JSON.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
        """
        return f"{self.secret.arn}:{field}::"

    def statements_for_reading(self) -> list[Statement]:
        """Return what a role of the tenant needs in order to read the login."""
        return [
            Statement(
                sid="ReadOwnSecret",
                actions=("secretsmanager:GetSecretValue",),
                resources=(self.secret.arn,),
                conditions=(only_tenant(self._props.tenant, tag=TENANT_TAG),),
            )
        ]

    def _secret_policy(self) -> list[Statement]:
        other_tenant = Condition(
            operator="StringNotEquals",
            key=f"aws:PrincipalTag/{TENANT_TAG}",
            values=(self._props.tenant,),
        )
        not_the_provisioner = Condition(
            operator="ArnNotEquals", key="aws:PrincipalArn", values=(self._props.provisioner.arn,)
        )
        return [
            Statement(
                sid="ReadByOwnPrincipalsOnly",
                effect="Deny",
                actions=("secretsmanager:GetSecretValue",),
                resources=("*",),
                principal=EVERYONE,
                conditions=(other_tenant, not_the_provisioner),
            ),
            Statement(
                sid="WrittenByTheProvisionerOnly",
                effect="Deny",
                actions=("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"),
                resources=("*",),
                principal=EVERYONE,
                conditions=(not_the_provisioner,),
            ),
        ]
