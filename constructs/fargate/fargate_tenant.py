"""All that one tenant has on the shared platform."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import ITerraformDependable

from constructs import Construct
from constructs.common.account import Account
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import backup_uses, create_backup_role
from constructs.common.backup_vault import BACKUP_FAILURES, BackupVault, BackupVaultProps
from constructs.common.budget import TenantBudget, TenantBudgetProps
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.dashboard import Dashboard, DashboardProps
from constructs.common.data_bucket import DataBucket, DataBucketProps
from constructs.common.key_notice import UNHEARD, KeyNotice, KeyNoticeProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.log_bucket import LogBucket
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.vpc import NamedSecurityGroup
from constructs.common.workload_role import WorkloadRole
from constructs.fargate.database_secret import DatabaseSecret, DatabaseSecretProps
from constructs.fargate.fargate_alarms import FargateAlarms, FargateAlarmsProps
from constructs.fargate.fargate_key import fargate_key_statements, object_use, secret_use
from constructs.fargate.fargate_service import FargateService, FargateServiceProps
from constructs.fargate.host_route import HostRoute, HostRouteProps
from constructs.fargate.task_environment import task_environment
from constructs.fargate.task_security_group import TaskSecurityGroup, TaskSecurityGroupProps
from constructs.platform.aurora_cluster import DATABASE, AuroraCluster
from constructs.platform.database_provisioner import DatabaseProvisioner
from constructs.platform.ecs_cluster import EcsCluster
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.private_endpoints import PrivateEndpoints
from constructs.platform.shared_network import SharedNetwork
from policies.conditions import from_source
from policies.grantee import Grantee
from policies.statements import Statement
from tenancy.plans import FargateTenantPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlatform:
    """What a tenant takes of the platform. Nothing of it changes when a tenant comes or leaves.

    Attributes:
        account: of the platform.
        network: where the tasks run.
        endpoints: through which they reach AWS; `None` lets them reach anything.
        load_balancer: in front of them.
        cluster: that runs them.
        database: that they share.
        provisioner: that gives a tenant its login to it.
        alarm_topic_arn: SNS topic that alarms are sent to; `None` has no alarms.
        dashboards: whether what has an alarm is on a dashboard.
        logs: where access logs are written; `None` keeps none.
    """

    account: Account
    network: SharedNetwork
    endpoints: PrivateEndpoints | None
    load_balancer: LoadBalancer
    cluster: EcsCluster
    database: AuroraCluster
    provisioner: DatabaseProvisioner
    alarm_topic_arn: str | None
    dashboards: bool
    logs: LogBucket | None


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
    """A tenant's key, bucket, login, route and service, each its own and tagged so.

    Attributes:
        bucket: the tenant's bucket.
    """

    def __init__(self, scope: Construct, id: str, props: FargateTenantProps) -> None:
        super().__init__(scope, id)
        self._plan, self._platform = props.plan, props.platform
        self._owner, self._names = props.plan.owner, props.plan.owner.names
        self._alarms: list[AlarmProps] = []
        # The provider's default tags are the platform's: the tenant's are not among them.
        self._tags = dict(self._owner.tags)
        task_role = self._create_role("task_role", self._names.task_role)
        execution_role = self._create_role("execution_role", self._names.execution_role)
        backups = self._create_backup_role()
        self._key = self._create_key(task_role, execution_role, backups)
        self.bucket = self._create_bucket()
        self._create_backups(backups)
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
        # The roles' policies, the login and the rules must exist before the first task.
        after = [task_role.create_policy(), execution_role.create_policy(), login, to_database]
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

    def _create_backups(self, role: WorkloadRole | None) -> None:
        """Create the backups of the tenant's bucket, under the tenant's own key (docs/decisions/0025)."""
        backups, account = self._plan.backups, self._platform.account
        if backups is None or role is None:
            return
        self.bucket.grant_backup(role, account)
        for use in backup_uses(account, "s3"):
            self._key.grant_use(role, use)
        vault = BackupVault(
            self,
            "backups",
            BackupVaultProps(
                name=self._names.backup_vault,
                account=account,
                key=self._key,
                role=role,
                resources=(self.bucket.arn,),
                backups=backups,
                protection=self._plan.protection.of("vault"),
                tags=self._tags,
            ),
        )
        if self._platform.alarm_topic_arn:
            name, topic = self._names.alarm(BACKUP_FAILURES.section), self._platform.alarm_topic_arn
            self._alarms.append(vault.create_alarm(name=name, topic_arn=topic))

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
        """Grant what the tenant's code may do."""
        self.bucket.grant_read_write(role)
        self._key.grant_use(role, object_use(self._owner, self._platform.account))

    def _grant_start_rights(
        self, role: WorkloadRole, log_group: EncryptedLogGroup, secret: DatabaseSecret
    ) -> None:
        """Grant what the agent that starts the tasks may do."""
        self._grant_pull_image(role)
        log_group.grant_write(role, self._owner)
        secret.grant_read(role)
        self._key.grant_use(role, secret_use(self._owner, self._platform.account))

    def _grant_pull_image(self, grantee: Grantee) -> None:
        """Let `grantee` pull the image; nothing is needed for one that is not in ECR.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
        """
        repository = self._plan.repository
        if repository is None:
            return
        arn = (
            f"arn:{self._platform.account.partition}:ecr:{repository.region}:{repository.account}"
            f":repository/{repository.repository}"
        )
        grantee.add_to_policy(
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
        )

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
                custom_certificate_arn=self._plan.custom_certificate_arn,
                priority=self._plan.listener_priority,
                load_balancer=platform.load_balancer,
                vpc=platform.network.vpc,
                tags=self._tags,
            ),
        )
        self._create_alarms(route)
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
                environment=task_environment(
                    self._owner, account=platform.account, bucket=self.bucket, database=platform.database
                ),
                secrets={"DATABASE_PASSWORD": secret.reference("password")},
                after=after,
            ),
        )

    def _create_alarms(self, route: HostRoute) -> None:
        """Create the tenant's alarms, where the environment says who hears them."""
        if self._platform.alarm_topic_arn is None:
            return
        props = FargateAlarmsProps(
            names=self._names,
            topic_arn=self._platform.alarm_topic_arn,
            load_balancer=self._platform.load_balancer,
            route=route,
            tags=self._tags,
        )
        alarms = FargateAlarms(self, "alarms", props)
        notice = KeyNoticeProps(
            rule=self._names.key_deletion_rule,
            alarm=self._names.alarm(UNHEARD.section),
            key=self._key,
            topic_arn=self._platform.alarm_topic_arn,
            tags=self._tags,
        )
        self._alarms += [*alarms.alarms, KeyNotice(self, "key_notice", notice).alarm]
        if self._plan.monthly_budget is not None:
            budget = TenantBudgetProps(
                name=self._names.budget,
                tenant=self._owner.tenant,
                dollars=self._plan.monthly_budget,
                topic_arn=self._platform.alarm_topic_arn,
                tags=self._tags,
            )
            TenantBudget(self, "budget", budget)
        if self._platform.dashboards:
            shown = DashboardProps(
                name=self._names.dashboard,
                title=f"Tenant {self._owner.tenant} on the shared platform",
                region=self._platform.account.region,
                alarms=self._alarms,
            )
            Dashboard(self, "dashboard", shown)
