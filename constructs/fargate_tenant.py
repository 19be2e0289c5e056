"""All that one tenant has on the shared platform."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import Token
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup

from config.images import ecr_repository
from config.naming import FargateTenantNaming
from config.registry import Fargate
from constructs import Construct
from constructs.account import Account
from constructs.aurora_cluster import DATABASE, AuroraCluster
from constructs.customer_key import KeyAdministration
from constructs.data_bucket import DataBucket, DataBucketProps
from constructs.database_provisioner import DatabaseProvisioner
from constructs.ecs_cluster import EcsCluster
from constructs.execution_role import ExecutionRole, ExecutionRoleProps
from constructs.fargate_service import FargateService, FargateServiceProps
from constructs.fargate_tenant_key import TENANT_TAG, FargateTenantKey, FargateTenantKeyProps
from constructs.host_route import HostRoute, HostRouteProps
from constructs.load_balancer import LoadBalancer
from constructs.platform_network import PlatformNetwork
from constructs.policy import Condition, Statement, only_tenant
from constructs.task_security_group import TaskSecurityGroup, TaskSecurityGroupProps
from constructs.tenant_secret import TenantSecret, TenantSecretProps


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlatform:
    """What a tenant takes of the platform. Nothing of it changes when a tenant comes or leaves.

    Attributes:
        account: where the platform stands.
        network: where the tasks run.
        load_balancer: before them.
        cluster: that runs them.
        database: that they share.
        provisioner: that gives a tenant its login to it.
        key_administration: who manages the tenants' keys.
        domain: the tenants' hosts are names below it.
    """

    account: Account
    network: PlatformNetwork
    load_balancer: LoadBalancer
    cluster: EcsCluster
    database: AuroraCluster
    provisioner: DatabaseProvisioner
    key_administration: KeyAdministration
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateTenantProps:
    """Who the tenant is, and how its data is kept.

    Attributes:
        naming: the tenant's names.
        fargate: what the registry says of it.
        platform: what it shares.
        log_retention_days: as CloudWatch admits.
        object_expiration_days: age at which objects expire; `None` is never.
        noncurrent_version_days: age at which replaced and deleted versions go.
        secret_recovery_window_days: 0 (at once) or 7 to 30.
    """

    naming: FargateTenantNaming
    fargate: Fargate
    platform: SharedPlatform
    log_retention_days: int
    object_expiration_days: int | None
    noncurrent_version_days: int
    secret_recovery_window_days: int


class FargateTenant(Construct):
    """A tenant's key, bucket, login, route and service, each its own and tagged so.

    Attributes:
        host: where the tenant answers.
        bucket: the tenant's bucket.
        secret: with its login to the database.
    """

    def __init__(self, scope: Construct, id: str, props: FargateTenantProps) -> None:
        super().__init__(scope, id)
        self._props = props
        naming, platform = props.naming, props.platform
        unprotected = platform.key_administration.unprotected
        # The provider's default tags are the platform's: these are not among them.
        tags = {TENANT_TAG: naming.tenant, "cost_center": naming.tenant}
        self.host = f"{naming.tenant}.{platform.domain}"
        task_role = self._role("task_role", naming.task_role, tags)
        execution_role = self._role("execution_role", naming.execution_role, tags)
        tenant_key = FargateTenantKey(
            self,
            "tenant_key",
            FargateTenantKeyProps(
                tenant=naming.tenant,
                alias=naming.key_alias,
                administration=platform.key_administration,
                task_role=task_role.role,
                execution_role=execution_role.role,
                provisioner=platform.provisioner.role,
                log_group=naming.log_group,
                tags=tags,
            ),
        )
        self.bucket = DataBucket(
            self,
            "data_bucket",
            DataBucketProps(
                name=naming.data_bucket,
                tenant=naming.tenant,
                tenant_tag=TENANT_TAG,
                key=tenant_key,
                object_expiration_days=props.object_expiration_days,
                noncurrent_version_days=props.noncurrent_version_days,
                unprotected=unprotected,
                tags=tags,
            ),
        )
        self.secret = TenantSecret(
            self,
            "secret",
            TenantSecretProps(
                name=naming.database_secret,
                tenant=naming.tenant,
                key=tenant_key,
                provisioner=platform.provisioner.role,
                recovery_window_days=props.secret_recovery_window_days,
                tags=tags,
            ),
        )
        login = platform.provisioner.provision(
            self, "database_login", tenant=naming.tenant, secret=self.secret, after=[self.secret.policy]
        )
        log_group = CloudwatchLogGroup(
            self,
            "log_group",
            name=naming.log_group,
            retention_in_days=props.log_retention_days,
            kms_key_id=tenant_key.arn,
            tags=tags,
        )
        group = TaskSecurityGroup(
            self,
            "security_group",
            TaskSecurityGroupProps(
                name=naming.security_group,
                vpc=platform.network.vpc,
                load_balancer=platform.load_balancer,
                tags=tags,
            ),
        ).group
        database_rule = platform.database.admit(
            self,
            "postgresql_to_cluster",
            group,
            description=f"PostgreSQL from the tenant {naming.tenant}",
            tags=tags,
        )
        route = HostRoute(
            self,
            "route",
            HostRouteProps(
                name=naming.target_group,
                host=self.host,
                priority=props.fargate.listener_priority,
                load_balancer=platform.load_balancer,
                vpc=platform.network.vpc,
                tags=tags,
            ),
        )
        FargateService(
            self,
            "service",
            FargateServiceProps(
                naming=naming,
                fargate=props.fargate,
                account=platform.account,
                network=platform.network,
                cluster=platform.cluster.cluster,
                security_group=group,
                route=route,
                log_group=log_group,
                task_role=task_role,
                execution_role=execution_role,
                environment={
                    "TENANT_ID": naming.tenant,
                    "S3_BUCKET": self.bucket.bucket.bucket,
                    "DATABASE_HOST": platform.database.cluster.endpoint,
                    "DATABASE_PORT": Token.as_string(platform.database.cluster.port),
                    "DATABASE_NAME": DATABASE,
                    "DATABASE_USER": naming.database_user,
                },
                secrets={"DATABASE_PASSWORD": self.secret.reference("password")},
                after=[
                    task_role.allow(
                        [*self.bucket.statements_for_access(), *tenant_key.statements_for_objects()]
                    ),
                    execution_role.allow(
                        [
                            *self._pull_image(),
                            *self._write_logs(log_group),
                            *self.secret.statements_for_reading(),
                            *tenant_key.statements_for_secret(),
                        ]
                    ),
                    login,
                    database_rule,
                ],
                tags=tags,
            ),
        )

    @property
    def database_connection(self) -> str:
        """The tenant's way to the database as a URL, with the name of the secret that has the password."""
        naming, cluster = self._props.naming, self._props.platform.database.cluster
        return f"postgresql://{naming.database_user}@{cluster.endpoint}/{DATABASE}?secret={naming.database_secret}"

    def _role(self, role: str, name: str, tags: dict[str, str]) -> ExecutionRole:
        """Create a role that ECS assumes for tasks of this account and region, and for nobody else's.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#create_task_iam_policy_and_role
        """
        account = self._props.platform.account
        return ExecutionRole(
            self,
            role,
            ExecutionRoleProps(
                name=name,
                service="ecs-tasks.amazonaws.com",
                trust=(
                    Condition(operator="StringEquals", key="aws:SourceAccount", values=(account.id,)),
                    Condition(operator="ArnLike", key="aws:SourceArn", values=(account.arn("ecs", "*"),)),
                ),
                tags=tags,
            ),
        )

    def _pull_image(self) -> list[Statement]:
        """Return what pulls the image: nothing where it is in no repository of ECR's.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
        """
        repository = ecr_repository(self._props.fargate.image)
        if repository is None:
            return []
        arn = (
            f"arn:{self._props.platform.account.partition}:ecr:{repository.region}:{repository.account}"
            f":repository/{repository.repository}"
        )
        return [
            # It takes no resource
            # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html).
            Statement(sid="LogInToRegistry", actions=("ecr:GetAuthorizationToken",), resources=("*",)),
            Statement(
                sid="PullImage",
                actions=(
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ),
                resources=(arn,),
            ),
        ]

    def _write_logs(self, group: CloudwatchLogGroup) -> list[Statement]:
        return [
            Statement(
                sid="WriteOwnLogGroup",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{group.arn}:log-stream:*",),
                conditions=(only_tenant(self._props.naming.tenant, tag=TENANT_TAG),),
            )
        ]
