"""The stack of one silo tenant: all that it has, and nothing that another has."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct
from constructs.common.account import Account, AccountProps
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import create_backup_role
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.data_bucket import DataBucket, DataBucketProps
from constructs.common.flow_logs import FlowLogs, FlowLogsProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.lambda_function import LambdaFunction, LambdaFunctionProps
from constructs.common.log_bucket import LogBucket, LogBucketProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.workload_role import WorkloadRole
from constructs.silo.api_environment import api_environment
from constructs.silo.dead_letter_queue import DeadLetterQueue, DeadLetterQueueProps
from constructs.silo.http_api import HttpApi, HttpApiProps
from constructs.silo.metadata_table import MetadataTable, MetadataTableProps
from constructs.silo.signup_rule import EVENT_BUS, SignupRule, SignupRuleProps, grant_announce
from constructs.silo.silo_backups import SiloBackupsProps, create_silo_backups
from constructs.silo.silo_key import silo_key_statements, tenant_use
from constructs.silo.silo_network import SiloNetwork, SiloNetworkProps
from constructs.silo.silo_watch import SiloWatchProps, watch_silo
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
        self._account = Account(self, "account", AccountProps(region=props.provider.region))
        self._network = self._create_network()
        roles = self._create_roles()
        self._key = self._create_key(roles)
        self._create_flow_logs()
        data = self._create_data()
        backup_alarms = self._create_backups(data, roles.backup)
        self._failures = self._create_queue("functions_dlq", self._names.functions_dlq)
        function = self._create_api_function(roles.api, data)
        api = self._create_api(function)
        provisioning = self._create_provisioning(roles.provisioner, data)
        watched = SiloWatchProps(
            plan=props,
            key=self._key,
            api=api,
            api_function=function,
            failures=self._failures,
            signup_rule=provisioning.rule,
            provisioner_function=provisioning.function,
            undelivered=provisioning.undelivered,
            table=data.table,
            backups=backup_alarms,
        )
        watch_silo(self, watched)
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

    def _create_backups(self, data: _Data, role: WorkloadRole | None) -> list[AlarmProps]:
        """Create the backups of the tenant's data where there are any, and return their alarms."""
        backups = self._plan.backups
        if backups is None or role is None:
            return []
        props = SiloBackupsProps(
            names=self._names,
            account=self._account,
            key=self._key,
            role=role,
            bucket=data.bucket,
            table=data.table,
            backups=backups,
            protection=self._plan.protection.of("vault"),
            alarm_topic_arn=self._plan.alarm_topic_arn,
        )
        return create_silo_backups(self, "backups", props)

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
        environment = api_environment(self._plan, bucket=data.bucket, table=data.table, key=self._key)
        return self._create_function(
            "api_function",
            self._names.api_function,
            "tenant_api",
            role,
            environment,
            reserved_concurrency=self._plan.reserved_concurrency,
        )

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
        props = SignupRuleProps(
            owner=self._owner, account=self._account, function=function, dead_letters=undelivered
        )
        rule = SignupRule(self, "signup_rule", props)
        return _Provisioning(function=function, undelivered=undelivered, rule=rule)

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
