"""The function that gives each tenant its login and its schema in the shared database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable, Token
from cdktf_cdktf_provider_aws.lambda_invocation import LambdaInvocation
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule

from constructs import Construct
from constructs.common.account import Account
from constructs.common.customer_key import CustomerKey
from constructs.common.lambda_function import LambdaFunction, LambdaFunctionProps
from constructs.common.stack_packages import StackPackages
from constructs.common.vpc import ANYWHERE, HTTPS, NamedSecurityGroup, NamedSecurityGroupProps
from constructs.common.workload_role import WorkloadRole
from constructs.platform.aurora_cluster import DATABASE, AuroraCluster
from constructs.platform.platform_key import master_secret_use
from constructs.platform.private_endpoints import PrivateEndpoints
from constructs.platform.shared_network import SharedNetwork
from policies.conditions import through_services
from policies.grantee import Grantee
from policies.statements import Condition, Statement
from tenancy.names.platform import PlatformNames
from tenancy.protection import Protection
from tenancy.specifications.fargate_tenant import DatabaseLimits

SOURCE = "database_provisioner"
TIMEOUT_SECONDS = 120
"""More than the function waits for one answer of the database, 70, so that the function itself says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseProvisionerProps:
    """Which database it provisions, and as whom.

    Attributes:
        names: the platform's.
        account: of the function.
        network: whose private subnets it runs in.
        endpoints: the only way to AWS's services that it is given; `None` lets it call any address over HTTPS.
        role: the role that it runs as; the tenants' keys and secrets name this role.
        key: encrypts its environment and logs, and the master's secret.
        database: the cluster.
        packages: where the stack's functions take their code from.
        log_retention_days: as CloudWatch admits.
        protection: of tenants' schemas: one that is disposable goes when its tenant leaves.
        erasures: ids of tenants that left and whose schemas may be dropped although they are protected.
        traced: whether the function sends traces.
    """

    names: PlatformNames
    account: Account
    network: SharedNetwork
    endpoints: PrivateEndpoints | None
    role: WorkloadRole
    key: CustomerKey
    database: AuroraCluster
    packages: StackPackages
    log_retention_days: int
    protection: Protection
    erasures: tuple[str, ...]
    traced: bool


class DatabaseProvisioner(Construct):
    """Creates tenants' logins and writes their passwords to their secrets: none passes through Terraform or its state.

    Its role names the tenants' secrets and keys by pattern, so that a tenant that comes or leaves does not change it;
    the secrets' and the keys' own policies name the role.

    Attributes:
        role: the role that it runs as.
        function: the function.
    """

    def __init__(self, scope: Construct, id: str, props: DatabaseProvisionerProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.role = props.role
        group = self._create_security_group()
        self._ways = self._create_ways(group)
        props.database.grant_read_master_secret(props.role)
        props.key.grant_use(props.role, master_secret_use(props.account))
        self._grant_write_tenants_secrets(props.role)
        self.function = self._create_function(group)

    def create_login(
        self,
        scope: Construct,
        id: str,
        *,
        tenant: str,
        secret_arn: str,
        limits: DatabaseLimits,
        returning: bool,
        after: Sequence[ITerraformDependable],
    ) -> LambdaInvocation:
        """Create the login of `tenant` when it comes, repair it when its input changes, drop it when it leaves.

        Two invocations share the work, because a change that fails must be in the next plan, and the provider saves a
        failed update of a `CRUD` invocation as done
        (https://github.com/hashicorp/terraform-provider-aws/issues/43447). The one that is returned runs whenever its
        input changes, by being replaced, and its end does nothing: if it fails, it is not in the state, and the next
        plan creates it. The other one, at `id`, drops the login at its end, and changes nothing before.

        Args:
            scope: whose the invocations are.
            id: construct id of the one that drops the login; the other's is `{id}_setup`.
            tenant: id of the tenant.
            secret_arn: ARN of the secret that the password is written to.
            limits: what the tenant may take of the database.
            returning: whether it gets what an earlier tenant of its id left.
            after: what must exist before the first and until the last invocation.

        Returns:
            What to depend on before the login is used.
        """
        request = {"tenant": tenant, "secret_arn": secret_arn}
        function_name = self.function.resource.function_name
        removal = LambdaInvocation(
            scope,
            id,
            function_name=function_name,
            lifecycle_scope="CRUD",
            input=_json(request | {"only": "delete"}),
            depends_on=[*self._needed, *after],
        )
        return LambdaInvocation(
            scope,
            f"{id}_setup",
            function_name=function_name,
            lifecycle_scope="CREATE_ONLY",
            input=_json(
                request
                | ({"returning": True} if returning else {})
                | {
                    "action": "create",
                    "connection_limit": limits.connections,
                    "statement_timeout": limits.statement_timeout,
                    "idle_in_transaction_session_timeout": limits.idle_in_transaction_timeout,
                    "idle_session_timeout": limits.idle_session_timeout,
                    # The function does not read it: a new cluster is an empty one, and needs all tenants again.
                    "cluster": self._props.database.resource.cluster_resource_id,
                }
            ),
            depends_on=[removal],
        )

    def create_erasure(self, scope: Construct, id: str, *, tenant: str) -> None:
        """Drop what `tenant`, which left, has in the database, once, for good.

        The function drops nothing of a tenant that its own environment does not name, whoever asks.
        """
        LambdaInvocation(
            scope,
            id,
            function_name=self.function.resource.function_name,
            lifecycle_scope="CREATE_ONLY",
            input=_json({"action": "erase", "tenant": tenant}),
            depends_on=self._needed,
        )

    @property
    def _needed(self) -> list[ITerraformDependable]:
        """What must exist before the first and until the last invocation."""
        endpoints = self._props.endpoints.resources if self._props.endpoints else ()
        return [self._props.database.writer, *self._ways, *endpoints, *self._props.network.way_out]

    def _create_security_group(self) -> NamedSecurityGroup:
        return NamedSecurityGroup(
            self,
            "security_group",
            NamedSecurityGroupProps(
                name=self._props.names.provisioner_security_group,
                description="Database provisioner of the platform",
                vpc=self._props.network.vpc,
            ),
        )

    def _create_function(self, group: NamedSecurityGroup) -> LambdaFunction:
        props = self._props
        cluster = props.database.resource
        return LambdaFunction(
            self,
            "function",
            LambdaFunctionProps(
                name=props.names.provisioner_function,
                owner=None,
                source=SOURCE,
                packages=props.packages,
                account=props.account,
                role=props.role,
                log_group=props.names.provisioner_log_group,
                log_retention_days=props.log_retention_days,
                key=props.key,
                subnets=tuple(props.network.private_subnets.values()),
                security_group=group,
                dead_letter_queue_arn=None,
                environment={
                    "DATABASE_HOST": cluster.endpoint,
                    "DATABASE_PORT": Token.as_string(cluster.port),
                    "DATABASE_NAME": DATABASE,
                    "MASTER_SECRET_ARN": props.database.master_secret_arn,
                    "ERASABLE_TENANTS": ",".join(props.erasures) if props.protection.protected else "*",
                },
                timeout_seconds=TIMEOUT_SECONDS,
                traced=props.traced,
            ),
        )

    def _create_ways(self, group: NamedSecurityGroup) -> list[ITerraformDependable]:
        """Create the rules through which the function reaches the database and Secrets Manager."""
        database = self._props.database
        admitted = database.grant_connect(
            self, "postgresql_to_cluster", group, description="PostgreSQL from the provisioner"
        )
        to_database = database.grant_reach(self, "postgresql", group)
        to_secrets_manager = self._create_way_to_secrets_manager(group)
        return [admitted, to_database, to_secrets_manager]

    def _create_way_to_secrets_manager(self, group: NamedSecurityGroup) -> ITerraformDependable:
        """Create the rule through which the function reaches its endpoint, or the internet where there is none."""
        if self._props.endpoints:
            return self._props.endpoints.grant_reach(self, "https", group)
        return VpcSecurityGroupEgressRule(
            self,
            "https",
            security_group_id=group.id,
            description="HTTPS to Secrets Manager",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4=ANYWHERE,
        )

    def _grant_write_tenants_secrets(self, grantee: Grantee) -> None:
        account, names = self._props.account, self._props.names
        grantee.add_to_policy(
            Statement(
                sid="WriteTenantsSecrets",
                actions=("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
                # Six characters that Secrets Manager adds to the name
                # (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html).
                resources=(account.arn("secretsmanager", f"secret:{names.tenant_secrets}-??????"),),
            ),
            Statement(
                sid="UseTenantsKeysForSecrets",
                actions=("kms:Decrypt", "kms:GenerateDataKey"),
                resources=(account.arn("kms", "key/*"),),
                conditions=(
                    through_services(account.region, "secretsmanager"),
                    Condition(
                        operator="ForAnyValue:StringLike",
                        key="kms:ResourceAliases",
                        values=(names.tenant_key_aliases,),
                    ),
                ),
            ),
        )


def _json(request: Mapping[str, object]) -> str:
    return json.dumps(request, sort_keys=True)
