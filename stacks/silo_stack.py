"""The stack of one silo tenant: all that it has, and nothing that another has."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct
from constructs.common.account import Account, AccountProps
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import backup_uses, create_backup_role
from constructs.common.backup_vault import BackupVault, BackupVaultProps
from constructs.common.budget import TenantBudget, TenantBudgetProps
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.dashboard import Dashboard, DashboardProps
from constructs.common.data_bucket import DataBucket, DataBucketProps
from constructs.common.flow_logs import FlowLogs, FlowLogsProps
from constructs.common.key_notice import UNHEARD, KeyNotice, KeyNoticeProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.lambda_function import LambdaFunction, LambdaFunctionProps
from constructs.common.log_bucket import LogBucket, LogBucketProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.workload_role import WorkloadRole
from constructs.silo.dead_letter_queue import DeadLetterQueue, DeadLetterQueueProps
from constructs.silo.http_api import HttpApi, HttpApiProps
from constructs.silo.metadata_table import MetadataTable, MetadataTableProps
from constructs.silo.signup_rule import EVENT_BUS, SignupRule, SignupRuleProps, grant_announce
from constructs.silo.silo_alarms import SiloAlarms, SiloAlarmsProps
from constructs.silo.silo_key import BACKED_UP, silo_key_statements, tenant_use
from constructs.silo.silo_network import SiloNetwork, SiloNetworkProps
from policies.grantee import PolicyDraft
from stacks.base import BaseStack
from tenancy.plans import SiloPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roles:
    api: WorkloadRole
    provisioner: WorkloadRole
    backup: WorkloadRole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    bucket: DataBucket
    table: MetadataTable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provisioning:
    function: LambdaFunction
    undelivered: DeadLetterQueue
    rule: SignupRule


class SiloStack(BaseStack):
    """A silo: network, key, data, API and provisioning of one tenant."""

    def __init__(self, scope: Construct, id: str, props: SiloPlan) -> None:
        super().__init__(scope, id, props)
        self._plan, self._owner, self._names = props.specification, props.owner, props.owner.names
        self._alarms: list[AlarmProps] = []
        self._account = Account(self, "account", AccountProps(region=props.provider.region))
        self._network = self._create_network()
        roles = self._create_roles()
        self._key = self._create_key(roles)
        self._create_flow_logs()
        data = self._create_data()
        self._create_backups(data, roles.backup)
        self._failures = self._create_queue("functions_dlq", self._names.functions_dlq)
        function = self._create_api_function(roles.api, data)
        api = self._create_api(function)
        provisioning = self._create_provisioning(roles.provisioner, data)
        self._create_alarms(function, api, provisioning, data)
        self._create_dashboard(props.provider.region)
        self._create_outputs(api, data)

    def _create_network(self) -> SiloNetwork:
        return SiloNetwork(
            self,
            "network",
            SiloNetworkProps(
                owner=self._owner,
                account=self._account,
                addresses=self._plan.addresses,
                interface_endpoints=self._plan.interface_endpoints,
            ),
        )

    def _create_roles(self) -> _Roles:
        """Create the roles that the key's policy names."""
        api = self._create_role("api_role", self._names.api_function_role)
        provisioner = self._create_role("provisioner_role", self._names.provisioner_function_role)
        backup = None
        if self._plan.backups:
            name = self._names.backup_role
            backup = create_backup_role(self, "backup_role", name=name, account=self._account)
        return _Roles(api=api, provisioner=provisioner, backup=backup)

    def _create_role(self, id: str, name: str) -> WorkloadRole:
        return WorkloadRole(self, id, ServiceRoleProps(name=name, service="lambda.amazonaws.com"))

    def _create_key(self, roles: _Roles) -> CustomerKey:
        policy = KeyPolicy(account=self._account, administration=self._plan.keys)
        return CustomerKey(
            self,
            "tenant_key",
            CustomerKeyProps(
                description=f"Data of the tenant {self._owner.tenant}",
                alias=self._names.key_alias,
                policy=policy,
                statements=silo_key_statements(
                    policy, self._owner, (roles.api, roles.provisioner), roles.backup
                ),
                protection=self._plan.protection.of("key"),
            ),
        )

    def _create_flow_logs(self) -> None:
        FlowLogs(
            self,
            "flow_logs",
            FlowLogsProps(
                vpc=self._network.vpc,
                account=self._account,
                log_group=self._names.flow_log_group,
                role=self._names.flow_logs_role,
                key=self._key,
                retention_days=self._plan.retention.logs,
            ),
        )

    def _create_data(self) -> _Data:
        """Create the bucket and the table, and the gateways that lead to them alone."""
        logs = self._create_log_bucket() if self._plan.access_logs else None
        bucket = DataBucket(
            self,
            "data_bucket",
            DataBucketProps(
                name=self._names.data_bucket,
                owner=self._owner,
                key=self._key,
                protection=self._plan.protection.of("bucket"),
                retention=self._plan.retention,
                logs=logs,
            ),
        )
        table = MetadataTable(
            self,
            "metadata_table",
            MetadataTableProps(
                name=self._names.metadata_table,
                owner=self._owner,
                key=self._key,
                protection=self._plan.protection.of("table"),
            ),
        )
        to_bucket, to_table = PolicyDraft(), PolicyDraft()
        bucket.grant_passage(to_bucket)
        table.grant_passage(to_table)
        self._network.create_gateway("s3", to_bucket)
        self._network.create_gateway("dynamodb", to_table)
        return _Data(bucket=bucket, table=table)

    def _create_backups(self, data: _Data, role: WorkloadRole | None) -> None:
        """Create the backups of the tenant's data, under the tenant's own key (docs/decisions/0025)."""
        backups = self._plan.backups
        if backups is None or role is None:
            return
        data.bucket.grant_backup(role, self._account)
        data.table.grant_backup(role)
        for use in backup_uses(self._account, *BACKED_UP):
            self._key.grant_use(role, use)
        vault = BackupVault(
            self,
            "backups",
            BackupVaultProps(
                name=self._names.backup_vault,
                account=self._account,
                key=self._key,
                role=role,
                resources=(data.bucket.arn, data.table.arn),
                backups=backups,
                protection=self._plan.protection.of("vault"),
            ),
        )
        if self._plan.alarm_topic_arn:
            names, topic = self._names, self._plan.alarm_topic_arn
            self._alarms += vault.create_alarms(
                alarm=names.alarm, rule=names.backup_failures_rule, topic_arn=topic
            )

    def _create_log_bucket(self) -> LogBucket:
        """Create the bucket of the data bucket's access log, which nobody of the tenant's reads or writes."""
        return LogBucket(
            self,
            "log_bucket",
            LogBucketProps(
                name=self._names.log_bucket,
                account=self._account,
                retention_days=self._plan.retention.logs,
                protection=self._plan.protection.of("bucket"),
                load_balancers=False,
                buckets=self._names.data_bucket,
            ),
        )

    def _create_queue(self, id: str, name: str) -> DeadLetterQueue:
        return DeadLetterQueue(self, id, DeadLetterQueueProps(name=name, owner=self._owner, key=self._key))

    def _create_api_function(self, role: WorkloadRole, data: _Data) -> LambdaFunction:
        data.table.grant_read_write(role)
        data.bucket.grant_read_write(role)
        self._key.grant_use(role, tenant_use(self._owner))
        self._failures.grant_send(role)
        environment = {
            "API_CALLERS": self._api_callers(),
            "DYNAMODB_TABLE": data.table.name,
            "S3_BUCKET": data.bucket.name,
            # The ARN: the bucket policy compares what an upload names with it, letter by letter.
            "KMS_KEY_ID": self._key.arn,
            "LARGEST_OBJECT_BYTES": str(self._plan.largest_object_bytes),
            "MOST_RECORDS": str(self._plan.most_records or "unlimited"),
            "MOST_OBJECTS": str(self._plan.most_objects or "unlimited"),
            "MOST_OBJECT_BYTES": str(self._plan.most_object_bytes or "unlimited"),
        }
        return self._create_function(
            "api_function",
            self._names.api_function,
            "tenant_api",
            role,
            environment,
            reserved_concurrency=self._plan.reserved_concurrency,
        )

    def _api_callers(self) -> str:
        """Return who may call and do what, as the function reads it."""
        roles = [*self._plan.api_callers, *(f"{role}/read" for role in self._plan.api_readers)]
        if roles:
            return f"roles:{' '.join(roles)}"
        return "users-by-group" if self._plan.users_by_group else "users"

    def _create_api(self, function: LambdaFunction) -> HttpApi:
        return HttpApi(
            self,
            "http_api",
            HttpApiProps(
                names=self._names,
                function=function,
                authorization=self._plan.api_authorization,
                sign_in=self._plan.sign_in,
                requests_per_second=self._plan.requests_per_second,
                request_burst=self._plan.request_burst,
                key=self._key,
                log_retention_days=self._plan.retention.logs,
                protection=self._plan.protection.of("user_pool"),
            ),
        )

    def _create_provisioning(self, role: WorkloadRole, data: _Data) -> _Provisioning:
        """Create the provisioner's function, and the rule that starts it when the tenant signs up."""
        data.table.grant_read_write(role)
        self._key.grant_use(role, tenant_use(self._owner))
        self._failures.grant_send(role)
        grant_announce(role, self._owner, self._account)
        environment = {"DYNAMODB_TABLE": data.table.name, "EVENT_BUS_NAME": EVENT_BUS}
        name = self._names.provisioner_function
        function = self._create_function(
            "provisioner_function", name, "tenant_provisioner", role, environment
        )
        undelivered = self._create_queue("events_dlq", self._names.events_dlq)
        rule = SignupRule(
            self,
            "signup_rule",
            SignupRuleProps(
                owner=self._owner, account=self._account, function=function, dead_letters=undelivered
            ),
        )
        return _Provisioning(function=function, undelivered=undelivered, rule=rule)

    def _create_alarms(
        self, function: LambdaFunction, api: HttpApi, provisioning: _Provisioning, data: _Data
    ) -> None:
        """Create the alarms, where the environment says who hears them."""
        if self._plan.alarm_topic_arn is None:
            return
        props = SiloAlarmsProps(
            names=self._names,
            topic_arn=self._plan.alarm_topic_arn,
            queues={"functions": self._failures, "events": provisioning.undelivered},
            api_function=function,
            provisioner_function=provisioning.function,
            api=api,
            table=data.table,
            signup_rule=provisioning.rule,
        )
        alarms = SiloAlarms(self, "alarms", props)
        of_key = KeyNoticeProps(
            rule=self._names.key_deletion_rule,
            alarm=self._names.alarm(UNHEARD.section),
            key=self._key,
            topic_arn=self._plan.alarm_topic_arn,
        )
        notice = KeyNotice(self, "key_notice", of_key)
        self._alarms += [*alarms.alarms, notice.alarm]
        if self._plan.monthly_budget is not None:
            budget = TenantBudgetProps(
                name=self._names.budget,
                tenant=self._owner.tenant,
                dollars=self._plan.monthly_budget,
                topic_arn=self._plan.alarm_topic_arn,
            )
            TenantBudget(self, "budget", budget)

    def _create_dashboard(self, region: str) -> None:
        if self._plan.dashboard:
            title = f"Tenant {self._owner.tenant}"
            props = DashboardProps(
                name=self._names.dashboard, title=title, region=region, alarms=self._alarms
            )
            Dashboard(self, "dashboard", props)

    def _create_function(
        self,
        id: str,
        name: str,
        source: str,
        role: WorkloadRole,
        environment: dict[str, str],
        *,
        reserved_concurrency: int | None = None,
    ) -> LambdaFunction:
        """Create a function in the private subnets that knows which tenant it serves."""
        return LambdaFunction(
            self,
            id,
            LambdaFunctionProps(
                name=name,
                owner=self._owner,
                source=source,
                packages=self.packages,
                account=self._account,
                role=role,
                log_group=self._names.function_log_group(name),
                log_retention_days=self._plan.retention.logs,
                key=self._key,
                subnets=tuple(self._network.subnets.values()),
                security_group=self._network.security_group,
                dead_letter_queue_arn=self._failures.arn,
                environment={"TENANT_ID": self._owner.tenant, **environment},
                reserved_concurrency=reserved_concurrency,
                traced=self._plan.traced_functions,
            ),
        )

    def _create_outputs(self, api: HttpApi, data: _Data) -> None:
        for role, value in {
            "tenant-endpoint": api.endpoint,
            "bucket-name": data.bucket.name,
            "table-arn": data.table.arn,
            "vpc-id": self._network.vpc.identifier,
        }.items():
            self._output(role.replace("-", "_"), self._names.output(role), value)
