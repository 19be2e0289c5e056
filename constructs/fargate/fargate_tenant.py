"""All that one tenant has on the shared platform."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import ITerraformDependable

from constructs import Construct
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import create_backup_role
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.data_bucket import DataBucket, DataBucketProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.vpc import NamedSecurityGroup
from constructs.common.workload_role import WorkloadRole
from constructs.fargate.bucket_backups import BucketBackupsProps, create_bucket_backups
from constructs.fargate.database_secret import DatabaseSecret, DatabaseSecretProps
from constructs.fargate.fargate_key import fargate_key_statements, object_use, secret_use
from constructs.fargate.fargate_service import FargateService, FargateServiceProps
from constructs.fargate.host_route import HostRoute, HostRouteProps
from constructs.fargate.image_rights import grant_pull_images
from constructs.fargate.shared_platform import SharedPlatform
from constructs.fargate.task_environment import task_environment
from constructs.fargate.task_security_group import TaskSecurityGroup, TaskSecurityGroupProps
from constructs.fargate.tenant_watch import TenantWatchProps, watch_tenant
from constructs.fargate.trace_collector import grant_send_traces, trace_environment
from constructs.platform.aurora_cluster import DATABASE
from policies.conditions import from_source
from tenancy.specifications.fargate_tenant import FargateTenantPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateTenantProps:
    """Who the tenant is, and what it shares.

    Attributes:
        plan: of the tenant.
        platform: what it shares.
    """

    plan: FargateTenantPlan
    platform: SharedPlatform


class FargateTenant(Construct):
    """A tenant's own key, bucket, login, route and service, each tagged as the tenant's.

    Attributes:
        bucket: the tenant's bucket.
    """

    def __init__(self, scope: Construct, id: str, props: FargateTenantProps) -> None:
        super().__init__(scope, id)
        self._plan, self._platform = props.plan, props.platform
        self._owner, self._names = props.plan.owner, props.plan.owner.names
        # The provider's default tags are the platform's: the tenant's are not among them.
        self._tags = dict(self._owner.tags)
        task_role = self._create_role("task_role", self._names.task_role)
        execution_role = self._create_role("execution_role", self._names.execution_role)
        backups = self._create_backup_role()
        self._key = self._create_key(task_role, execution_role, backups)
        self.bucket = self._create_bucket()
        self._backup_alarms = self._create_backups(backups)
        secret = self._create_secret()
        login = self._platform.provisioner.create_login(
            self,
            "database_login",
            tenant=self._owner.tenant,
            secret_arn=secret.arn,
            limits=self._plan.database,
            returning=self._plan.returning,
            after=[secret.policy],
        )
        log_group = self._create_log_group()
        self._grant_task_rights(task_role)
        self._grant_start_rights(execution_role, log_group, secret)
        network = self._create_security_group()
        group = network.resource
        to_database = self._grant_database_access(group)
        task_rights = task_role.create_policy()
        start_rights = execution_role.create_policy()
        # The roles' policies, the login and the rules must exist before the first task.
        after = [task_rights, start_rights, login, to_database]
        after += network.ways_out
        self._create_service(group, log_group, secret, (task_role, execution_role), after)

    @property
    def database_connection(self) -> str:
        """The tenant's connection to the database as a URL, with the name of the secret that holds the password."""
        names, cluster = self._names, self._platform.database.resource
        return (
            f"postgresql://{names.database_user}@{cluster.endpoint}/{DATABASE}?secret={names.database_secret}"
        )

    def _create_role(self, id: str, name: str) -> WorkloadRole:
        """Create a role that ECS assumes for tasks of this account and region, and for nobody else's.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#create_task_iam_policy_and_role
        """
        account = self._platform.account
        return WorkloadRole(
            self,
            id,
            ServiceRoleProps(
                name=name,
                service="ecs-tasks.amazonaws.com",
                trust=from_source(account.id, account.arn("ecs", "*")),
                tags=self._tags,
            ),
        )

    def _create_backup_role(self) -> WorkloadRole | None:
        """Create the role of the backups of the tenant's bucket, with the tag that the bucket's policy asks for."""
        if self._plan.backups is None:
            return None
        account, name = self._platform.account, self._names.backup_role
        return create_backup_role(self, "backup_role", name=name, account=account, tags=self._tags)

    def _create_key(
        self, task_role: WorkloadRole, execution_role: WorkloadRole, backup: WorkloadRole | None
    ) -> CustomerKey:
        policy = KeyPolicy(account=self._platform.account, administration=self._plan.keys)
        return CustomerKey(
            self,
            "tenant_key",
            CustomerKeyProps(
                description=f"Data of the tenant {self._owner.tenant} on the shared platform",
                alias=self._names.key_alias,
                policy=policy,
                statements=fargate_key_statements(
                    policy,
                    self._owner,
                    task_role=task_role,
                    execution_role=execution_role,
                    provisioner=self._platform.provisioner.role,
                    backup=backup,
                ),
                protection=self._plan.protection.of("key"),
                tags=self._tags,
            ),
        )

    def _create_bucket(self) -> DataBucket:
        return DataBucket(
            self,
            "data_bucket",
            DataBucketProps(
                name=self._names.data_bucket,
                owner=self._owner,
                key=self._key,
                protection=self._plan.protection.of("bucket"),
                retention=self._plan.retention,
                logs=self._platform.logs,
                tags=self._tags,
            ),
        )

    def _create_backups(self, role: WorkloadRole | None) -> list[AlarmProps]:
        """Create the backups of the tenant's bucket where there are any, and return their alarms."""
        backups = self._plan.backups
        if backups is None or role is None:
            return []
        props = BucketBackupsProps(
            plan=self._plan,
            platform=self._platform,
            backups=backups,
            bucket=self.bucket,
            key=self._key,
            role=role,
        )
        return create_bucket_backups(self, "backups", props)

    def _create_secret(self) -> DatabaseSecret:
        return DatabaseSecret(
            self,
            "secret",
            DatabaseSecretProps(
                owner=self._owner,
                key=self._key,
                provisioner=self._platform.provisioner.role,
                recovery_window_days=self._plan.retention.secret_recovery,
            ),
        )

    def _create_log_group(self) -> EncryptedLogGroup:
        return EncryptedLogGroup(
            self,
            "log_group",
            EncryptedLogGroupProps(
                name=self._names.log_group,
                key=self._key,
                retention_days=self._plan.retention.logs,
                tags=self._tags,
            ),
        )

    def _grant_task_rights(self, role: WorkloadRole) -> None:
        """Grant what the tenant's code may do, and the collector of its traces, which has the same role."""
        self.bucket.grant_read_write(role)
        self._key.grant_use(role, object_use(self._owner, self._platform.account))
        if self._platform.collector:
            grant_send_traces(role)

    def _grant_start_rights(
        self, role: WorkloadRole, log_group: EncryptedLogGroup, secret: DatabaseSecret
    ) -> None:
        """Grant what the agent that starts the tasks may do."""
        collector = self._platform.collector
        found = (self._plan.repository, collector.repository if collector else None)
        repositories = [repository for repository in found if repository]
        grant_pull_images(role, repositories, self._platform.account)
        log_group.grant_write(role, self._owner)
        secret.grant_read(role)
        self._key.grant_use(role, secret_use(self._owner, self._platform.account))

    def _create_security_group(self) -> TaskSecurityGroup:
        return TaskSecurityGroup(
            self,
            "security_group",
            TaskSecurityGroupProps(
                name=self._names.security_group,
                vpc=self._platform.network.vpc,
                load_balancer=self._platform.load_balancer,
                database=self._platform.database,
                endpoints=self._platform.endpoints,
                egress=self._plan.egress,
                tags=self._tags,
            ),
        )

    def _grant_database_access(self, group: NamedSecurityGroup) -> ITerraformDependable:
        return self._platform.database.grant_connect(
            self,
            "postgresql_to_cluster",
            group,
            description=f"PostgreSQL from the tenant {self._owner.tenant}",
            tags=self._tags,
        )

    def _create_service(
        self,
        group: NamedSecurityGroup,
        log_group: EncryptedLogGroup,
        secret: DatabaseSecret,
        roles: tuple[WorkloadRole, WorkloadRole],
        after: list[ITerraformDependable],
    ) -> None:
        """Create the route of the tenant's requests, and the service behind it."""
        platform, (task_role, execution_role) = self._platform, roles
        route = HostRoute(
            self,
            "route",
            HostRouteProps(
                name=self._names.target_group,
                host=self._plan.host,
                custom_hosts=self._plan.custom_hosts,
                custom_certificate=self._plan.custom_certificate,
                priority=self._plan.listener_priority,
                load_balancer=platform.load_balancer,
                vpc=platform.network.vpc,
                tags=self._tags,
            ),
        )
        watch = TenantWatchProps(
            plan=self._plan, platform=platform, key=self._key, route=route, backups=self._backup_alarms
        )
        watch_tenant(self, watch)
        FargateService(
            self,
            "service",
            FargateServiceProps(
                plan=self._plan,
                account=platform.account,
                network=platform.network,
                cluster=platform.cluster,
                load_balancer=platform.load_balancer,
                security_group=group,
                route=route,
                log_group=log_group,
                task_role=task_role,
                execution_role=execution_role,
                collector=platform.collector,
                environment=self._environment(),
                secrets={"DATABASE_PASSWORD": secret.reference("password")},
                after=after,
            ),
        )

    def _environment(self) -> dict[str, str]:
        """Return what the tenant's container is told."""
        platform = self._platform
        variables = task_environment(
            self._owner, account=platform.account, bucket=self.bucket, database=platform.database
        )
        return variables | (trace_environment(self._owner) if platform.collector else {})
