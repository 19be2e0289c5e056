"""The function that gives each tenant its login and its schema in the shared database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable, Token
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.lambda_invocation import LambdaInvocation
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule

from config.naming import PlatformNaming
from config.profiles import Unprotected
from constructs import Construct
from constructs.account import Account
from constructs.aurora_cluster import DATABASE, PORT, AuroraCluster
from constructs.execution_role import ExecutionRole
from constructs.lambda_function import LambdaFunction, LambdaFunctionProps
from constructs.platform_key import PlatformKey
from constructs.platform_network import ANYWHERE, PlatformNetwork
from constructs.policy import Condition, Statement
from constructs.tenant_secret import TenantSecret

SOURCE = "database_provisioner"
TIMEOUT_SECONDS = 120
"""More than the function waits for one answer of the database, 70, so that the function itself says what is wrong."""
HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseProvisionerProps:
    """Which database it provisions, and as whom.

    Attributes:
        naming: the platform's names.
        account: where it stands.
        network: whose private subnets it runs in.
        role: whom it runs as; the tenants' keys and secrets name this role.
        key: encrypts its environment and logs, and the master's secret.
        database: the cluster.
        log_retention_days: as CloudWatch admits.
        unprotected: set where a tenant that leaves takes its data along.
    """

    naming: PlatformNaming
    account: Account
    network: PlatformNetwork
    role: ExecutionRole
    key: PlatformKey
    database: AuroraCluster
    log_retention_days: int
    unprotected: Unprotected | None


class DatabaseProvisioner(Construct):
    """Makes tenants' passwords, and writes them to their secrets: none passes through Terraform or its state.

    Its role names the tenants' secrets and keys by pattern, so that a tenant that comes or leaves does not change it;
    the secrets' and the keys' own policies name the role.
    """

    def __init__(self, scope: Construct, id: str, props: DatabaseProvisionerProps) -> None:
        super().__init__(scope, id)
        self._props = props
        group = self._create_security_group()
        self._ways = self._open(group)
        self._function = LambdaFunction(
            self,
            "function",
            LambdaFunctionProps(
                name=props.naming.provisioner_function,
                tenant=None,
                source=SOURCE,
                account=props.account,
                role=props.role,
                log_group=props.naming.provisioner_log_group,
                log_retention_days=props.log_retention_days,
                key=props.key,
                subnets=tuple(props.network.private_subnets.values()),
                security_group=group,
                dead_letters=None,
                environment={
                    "DATABASE_HOST": props.database.cluster.endpoint,
                    "DATABASE_PORT": Token.as_string(props.database.cluster.port),
                    "DATABASE_NAME": DATABASE,
                    "MASTER_SECRET_ARN": props.database.master_secret_arn,
                },
                statements=[
                    *props.database.statements_for_master(),
                    *props.key.statements_for_secrets(),
                    *self._tenants_secrets(),
                ],
                timeout_seconds=TIMEOUT_SECONDS,
            ),
        )

    @property
    def role(self) -> IamRole:
        """The role that tenants' secrets and keys admit."""
        return self._props.role.role

    def provision(
        self,
        scope: Construct,
        id: str,
        *,
        tenant: str,
        secret: TenantSecret,
        after: Sequence[ITerraformDependable],
    ) -> LambdaInvocation:
        """Provision `tenant` when it comes, again when its input changes, and take it away when it leaves.

        No `triggers`: a change of them replaces the invocation, which takes the tenant away first
        (https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/lambda_invocation).

        Args:
            scope: whose the invocation is.
            id: its construct id.
            tenant: id of the tenant.
            secret: where the tenant's login is written.
            after: what must stand before the first and until the last invocation.
        """
        request = {
            "tenant": tenant,
            "secret_arn": secret.secret.arn,
            "drop_schema": self._props.unprotected is not None,
            # The function does not read it: a new cluster is an empty one, and needs all tenants anew.
            "cluster": self._props.database.cluster.cluster_resource_id,
        }
        return LambdaInvocation(
            scope,
            id,
            function_name=self._function.function.function_name,
            lifecycle_scope="CRUD",
            input=json.dumps(request, sort_keys=True),
            depends_on=[
                self._props.database.writer,
                *self._ways,
                *self._props.network.way_out,
                *after,
            ],
        )

    def _create_security_group(self) -> SecurityGroup:
        name = self._props.naming.provisioner_security_group
        return SecurityGroup(
            self,
            "security_group",
            name=name,
            description="Database provisioner of the platform",
            vpc_id=self._props.network.vpc.id,
            tags={"Name": name},
        )

    def _open(self, group: SecurityGroup) -> list[ITerraformDependable]:
        database = self._props.database
        return [
            database.admit(
                self, "postgresql_to_cluster", group, description="PostgreSQL from the provisioner"
            ),
            VpcSecurityGroupEgressRule(
                self,
                "postgresql",
                security_group_id=group.id,
                description="PostgreSQL to the cluster",
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                referenced_security_group_id=database.security_group.id,
            ),
            VpcSecurityGroupEgressRule(
                self,
                "https",
                security_group_id=group.id,
                description="HTTPS to Secrets Manager",
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                cidr_ipv4=ANYWHERE,
            ),
        ]

    def _tenants_secrets(self) -> list[Statement]:
        account, naming = self._props.account, self._props.naming
        service = f"secretsmanager.{account.region}.amazonaws.com"
        return [
            Statement(
                sid="WriteTenantsSecrets",
                actions=("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
                # Six characters that Secrets Manager adds to the name
                # (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html).
                resources=(account.arn("secretsmanager", f"secret:{naming.tenant_secrets}-??????"),),
            ),
            Statement(
                sid="UseTenantsKeysForSecrets",
                actions=("kms:Decrypt", "kms:GenerateDataKey"),
                resources=(account.arn("kms", "key/*"),),
                conditions=(
                    Condition(operator="StringEquals", key="kms:ViaService", values=(service,)),
                    Condition(
                        operator="ForAnyValue:StringLike",
                        key="kms:ResourceAliases",
                        values=(naming.tenant_key_aliases,),
                    ),
                ),
            ),
        ]
