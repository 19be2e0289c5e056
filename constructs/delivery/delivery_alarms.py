"""What wakes somebody up while releases are rolled out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from constructs import Construct
from constructs.common.alarms import Alarm, AlarmProps, Watch
from constructs.common.table_alarms import TABLE_READ_THROTTLES, TABLE_WRITE_THROTTLES
from constructs.delivery.record_table import RecordTable
from constructs.delivery.rollout_machine import RolloutMachine
from tenancy.names.delivery import DeliveryNames

ROLLOUT_HALTED: Final = Watch(
    section="rollout-halted",
    summary="A rollout ended: more stacks of a wave failed than it tolerates, or Step Functions could not go on",
    namespace="AWS/States",
    metric="ExecutionsFailed",
    statistic="Sum",
    limit=0,
)
"""Sum by `StateMachineArn`; no value where nothing ran
(https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html, read 2026-11-28)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAlarmsProps:
    """What is watched, and who hears of it.

    Attributes:
        names: of the delivery.
        topic_arn: of the SNS topic that is told.
        machine: that rolls releases out.
        table: of the records.
    """

    names: DeliveryNames
    topic_arn: str
    machine: RolloutMachine
    table: RecordTable


class DeliveryAlarms(Construct):
    """An alarm for each thing of a delivery that stops working without anybody seeing it."""

    def __init__(self, scope: Construct, id: str, props: DeliveryAlarmsProps) -> None:
        super().__init__(scope, id)
        self._props = props
        table = {"TableName": props.table.name}
        self._create(ROLLOUT_HALTED, {"StateMachineArn": props.machine.arn})
        self._create(TABLE_READ_THROTTLES, table)
        self._create(TABLE_WRITE_THROTTLES, table)

    def _create(self, watch: Watch, dimensions: Mapping[str, str]) -> None:
        props = AlarmProps(
            name=self._props.names.alarm(watch.section),
            watch=watch,
            dimensions=dimensions,
            topic_arn=self._props.topic_arn,
        )
        Alarm(self, watch.section.replace("-", "_"), props)
