"""The state machine that rolls a release out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.sfn_state_machine import (
    SfnStateMachine,
    SfnStateMachineLoggingConfiguration,
    SfnStateMachineTracingConfiguration,
)

from constructs import Construct
from constructs.common.account import Account
from constructs.common.log_group import EncryptedLogGroup
from constructs.common.workload_role import WorkloadRole
from constructs.delivery.record_table import RecordTable
from constructs.delivery.release_bucket import ReleaseBucket
from constructs.delivery.state_machine_definition import DeliveryResources, definition
from constructs.delivery.worker_project import WATCHING, WorkerProject, buildspec
from policies.grantee import PolicyDraft
from policies.statements import Statement

LOG_DELIVERY: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACES: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutMachineProps:
    """What it is called, whom it runs as, and what it works with.

    Attributes:
        name: physical name.
        account: of the state machine.
        role: that it runs as; its policy is created here.
        bucket: in which each wave's stacks are listed.
        table: of rollouts.
        project: that runs a worker.
        log: of executions.
    """

    name: str
    account: Account
    role: WorkloadRole
    bucket: ReleaseBucket
    table: RecordTable
    project: WorkerProject
    log: EncryptedLogGroup


class RolloutMachine(Construct):
    """A state machine of the type Standard: an execution takes days, and each of its steps happens once.

    Attributes:
        resource: the state machine.
        arn: of the state machine.
    """

    def __init__(self, scope: Construct, id: str, props: RolloutMachineProps) -> None:
        super().__init__(scope, id)
        self._props = props
        policy = self._create_policy()
        resources = DeliveryResources(
            partition=props.account.partition,
            bucket=props.bucket.name,
            table=props.table.name,
            project=props.project.name,
            watching=buildspec(WATCHING),
        )
        self.resource = SfnStateMachine(
            self,
            "state_machine",
            name=props.name,
            type="STANDARD",
            role_arn=props.role.arn,
            definition=definition(resources),
            logging_configuration=SfnStateMachineLoggingConfiguration(
                # Ids of stacks and digests of releases: no state has anything else.
                include_execution_data=True,
                level="ALL",
                log_destination=f"{props.log.arn}:*",
            ),
            tracing_configuration=SfnStateMachineTracingConfiguration(enabled=True),
            # Step Functions looks at the role's rights when a state machine is made.
            depends_on=[policy],
        )
        self.arn = self.resource.arn

    def _create_policy(self) -> IamRolePolicy:
        props = self._props
        props.bucket.grant_read_lists(props.role)
        props.table.grant_change_rollouts(props.role)
        props.project.grant_run(props.role)
        runtime = PolicyDraft()
        runtime.add_to_policy(*self._own_statements())
        return props.role.create_policy(runtime)

    def _own_statements(self) -> list[Statement]:
        """Return what a distributed map, a log and traces take.

        https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html,
        https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and
        https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html (read 2026-11-28)
        """
        account, name = self._props.account, self._props.name
        return [
            Statement(
                sid="StartChildren",
                actions=("states:StartExecution",),
                resources=(account.arn("states", f"stateMachine:{name}"),),
            ),
            Statement(
                sid="DescribeAndStopChildren",
                actions=("states:DescribeExecution", "states:StopExecution"),
                # A child's ARN has the label of its map after the name, `name/Wave:...`.
                resources=tuple(account.arn("states", f"execution:{one}:*") for one in (name, f"{name}/*")),
            ),
            # None of the two is checked on a resource.
            Statement(sid="ManageLogDelivery", actions=LOG_DELIVERY, resources=("*",)),
            Statement(sid="SendTraces", actions=TRACES, resources=("*",)),
        ]
