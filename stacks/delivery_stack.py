"""The stack that rolls releases out on AWS: releases, records, and a state machine that starts builds."""

from __future__ import annotations

from constructs import Construct
from constructs.common.account import Account, AccountProps
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.key_notice import UNHEARD, KeyNotice, KeyNoticeProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.log_bucket import LogBucket, LogBucketProps
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.workload_role import WorkloadRole
from constructs.delivery.delivery_alarms import DeliveryAlarms, DeliveryAlarmsProps
from constructs.delivery.delivery_key import delivery_key_statements, rollout_use
from constructs.delivery.record_table import RecordTable, RecordTableProps
from constructs.delivery.release_bucket import ReleaseBucket, ReleaseBucketProps
from constructs.delivery.rollout_machine import RolloutMachine, RolloutMachineProps
from constructs.delivery.worker_project import WorkerProject, WorkerProjectProps
from policies.conditions import from_source
from stacks.base import BaseStack
from tenancy.plans import DeliveryPlan


class DeliveryStack(BaseStack):
    """Bucket of releases, table of records, builds and a state machine. No tenant's, and no tenant's data."""

    def __init__(self, scope: Construct, id: str, props: DeliveryPlan) -> None:
        super().__init__(scope, id, props)
        self._plan, self._names = props.specification, props.specification.names
        self._account = Account(self, "account", AccountProps(region=props.provider.region))
        role = self._create_role()
        self._key = self._create_key(role)
        self._key.grant_use(role, rollout_use(self._account))
        bucket = self._create_bucket()
        table = self._create_table()
        project = self._create_project(bucket, table)
        machine = self._create_machine(role, bucket, table, project)
        self._create_alarms(machine, table)
        for name, value in {
            "release_bucket": bucket.name,
            "record_table": table.name,
            "state_machine_arn": machine.arn,
        }.items():
            self._output(f"{name}_output", name, value)

    def _create_role(self) -> WorkloadRole:
        """Create the state machine's role, which the key's policy names."""
        machine = self._account.arn("states", f"stateMachine:{self._names.state_machine}")
        props = ServiceRoleProps(
            name=self._names.state_machine_role,
            service="states.amazonaws.com",
            trust=from_source(self._account.id, machine),
        )
        return WorkloadRole(self, "state_machine_role", props)

    def _create_key(self, role: WorkloadRole) -> CustomerKey:
        policy = KeyPolicy(account=self._account, administration=self._plan.keys)
        return CustomerKey(
            self,
            "delivery_key",
            CustomerKeyProps(
                description="Releases, records and logs of rollouts",
                alias=self._names.key_alias,
                policy=policy,
                statements=delivery_key_statements(
                    policy, self._names, role, deployer_role_arn=self._plan.deployer_role_arn
                ),
                protection=self._plan.protection,
            ),
        )

    def _create_bucket(self) -> ReleaseBucket:
        logs = self._create_log_bucket() if self._plan.access_logs else None
        return ReleaseBucket(
            self,
            "releases",
            ReleaseBucketProps(
                name=self._names.release_bucket,
                key=self._key,
                protection=self._plan.protection,
                retention=self._plan.retention,
                logs=logs,
            ),
        )

    def _create_log_bucket(self) -> LogBucket:
        return LogBucket(
            self,
            "log_bucket",
            LogBucketProps(
                name=self._names.log_bucket,
                account=self._account,
                retention_days=self._plan.retention.logs,
                protection=self._plan.protection,
                load_balancers=False,
                buckets=self._names.release_bucket,
            ),
        )

    def _create_table(self) -> RecordTable:
        props = RecordTableProps(
            name=self._names.record_table, key=self._key, protection=self._plan.protection
        )
        return RecordTable(self, "records", props)

    def _create_log_group(self, id: str, name: str) -> EncryptedLogGroup:
        props = EncryptedLogGroupProps(name=name, key=self._key, retention_days=self._plan.retention.logs)
        return EncryptedLogGroup(self, id, props)

    def _create_project(self, bucket: ReleaseBucket, table: RecordTable) -> WorkerProject:
        log = self._create_log_group("builds_log", self._names.build_log_group)
        return WorkerProject(
            self,
            "worker",
            WorkerProjectProps(
                name=self._names.build_project,
                account=self._account,
                image=self._plan.image,
                role_arn=self._plan.deployer_role_arn,
                bucket=bucket,
                table=table,
                log=log,
                key=self._key,
            ),
        )

    def _create_machine(
        self, role: WorkloadRole, bucket: ReleaseBucket, table: RecordTable, project: WorkerProject
    ) -> RolloutMachine:
        log = self._create_log_group("rollouts_log", self._names.state_machine_log_group)
        return RolloutMachine(
            self,
            "rollouts",
            RolloutMachineProps(
                name=self._names.state_machine,
                account=self._account,
                role=role,
                bucket=bucket,
                table=table,
                project=project,
                log=log,
            ),
        )

    def _create_alarms(self, machine: RolloutMachine, table: RecordTable) -> None:
        """Create the alarms, where the environment says who hears them."""
        topic = self._plan.alarm_topic_arn
        if topic is None:
            return
        props = DeliveryAlarmsProps(names=self._names, topic_arn=topic, machine=machine, table=table)
        DeliveryAlarms(self, "alarms", props)
        notice = KeyNoticeProps(
            rule=self._names.key_deletion_rule,
            alarm=self._names.alarm(UNHEARD.section),
            key=self._key,
            topic_arn=topic,
        )
        KeyNotice(self, "key_notice", notice)
