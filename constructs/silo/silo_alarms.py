"""The alarms of one silo tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from constructs import Construct
from constructs.common.alarms import (
    Alarm,
    AlarmProps,
    Watch,
    function_errors,
    function_throttles,
    of_function,
)
from constructs.common.lambda_function import LambdaFunction
from constructs.common.table_alarms import TABLE_READ_THROTTLES, TABLE_WRITE_THROTTLES
from constructs.silo.dead_letter_queue import DeadLetterQueue
from constructs.silo.http_api import HttpApi
from constructs.silo.metadata_table import MetadataTable
from constructs.silo.signup_rule import SignupRule
from tenancy.names.silo import SiloNames

API_ERRORS: Final = 5
"""In five minutes, that clients try again after: more is no accident of one request."""
LATENCY_MILLISECONDS: Final = 3000
"""What API Gateway itself waits for is 30 seconds
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html)."""

# A queue that holds messages is active and writes the metric; one that has been empty for six hours writes nothing
# (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html,
# read 2026-11-27).
DEAD_LETTERS: Final = Watch(
    section="dead-letters",
    summary="An event was given up, and waits in a dead-letter queue for 14 days",
    namespace="AWS/SQS",
    metric="ApproximateNumberOfMessagesVisible",
    statistic="Maximum",
    limit=0,
)
API_FUNCTION_ERRORS: Final = function_errors("api-function-errors", limit=API_ERRORS)
API_FUNCTION_THROTTLES: Final = function_throttles("api-function-throttles")
PROVISIONER_FUNCTION_ERRORS: Final = function_errors("provisioner-function-errors", limit=0)
PROVISIONER_FUNCTION_THROTTLES: Final = function_throttles("provisioner-function-throttles")
# `5xx` and `Latency` by `ApiId`; `Latency` is in milliseconds and holds the function's own time
# (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html, read 2026-11-27).
HTTP_5XX: Final = Watch(
    section="http-5xx",
    summary="The API answers with 5xx",
    namespace="AWS/ApiGateway",
    metric="5xx",
    statistic="Sum",
    limit=API_ERRORS,
)
HTTP_LATENCY: Final = Watch(
    section="http-latency",
    summary="One in a hundred requests of the API takes longer than 3 seconds",
    namespace="AWS/ApiGateway",
    metric="Latency",
    statistic="p99",
    limit=LATENCY_MILLISECONDS,
    periods=3,
)
# By `RuleName` alone: the rule is on the default bus. Written where it is not zero
# (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html, read 2026-11-27).
SIGNUP_FAILURES: Final = Watch(
    section="signup-failures",
    summary="EventBridge could not start the provisioner",
    namespace="AWS/Events",
    metric="FailedInvocations",
    statistic="Sum",
    limit=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloAlarmsProps:
    """What is watched, and who hears of it.

    Attributes:
        names: the tenant's.
        topic_arn: of the SNS topic that is told.
        queues: the dead-letter queues, by what lands in them (`functions`, `events`).
        api_function: behind the HTTP API.
        provisioner_function: that a signup starts.
        api: the HTTP API.
        table: the tenant's table.
        signup_rule: that starts the provisioner.
    """

    names: SiloNames
    topic_arn: str
    queues: Mapping[str, DeadLetterQueue]
    api_function: LambdaFunction
    provisioner_function: LambdaFunction
    api: HttpApi
    table: MetadataTable
    signup_rule: SignupRule


class SiloAlarms(Construct):
    """An alarm for each thing of a tenant that stops working without anybody seeing it.

    Attributes:
        created: the alarms, in the order of their creation.
    """

    def __init__(self, scope: Construct, id: str, props: SiloAlarmsProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.created: list[AlarmProps] = []
        for source, queue in props.queues.items():
            self._create(DEAD_LETTERS, {"QueueName": queue.resource.name}, of=source)
        api, table = {"ApiId": props.api.id}, {"TableName": props.table.name}
        for watch, dimensions in (
            (API_FUNCTION_ERRORS, of_function(props.api_function)),
            (API_FUNCTION_THROTTLES, of_function(props.api_function)),
            (PROVISIONER_FUNCTION_ERRORS, of_function(props.provisioner_function)),
            (PROVISIONER_FUNCTION_THROTTLES, of_function(props.provisioner_function)),
            (HTTP_5XX, api),
            (HTTP_LATENCY, api),
            (TABLE_READ_THROTTLES, table),
            (TABLE_WRITE_THROTTLES, table),
            (SIGNUP_FAILURES, {"RuleName": props.signup_rule.resource.name}),
        ):
            self._create(watch, dimensions)

    def _create(self, watch: Watch, dimensions: Mapping[str, str], of: str | None = None) -> None:
        """Create the alarm of `watch`, one of several where it is `of` something."""
        role = f"{of}-{watch.section}" if of else watch.section
        props = AlarmProps(
            name=self._props.names.alarm(role),
            watch=watch,
            dimensions=dimensions,
            topic_arn=self._props.topic_arn,
        )
        Alarm(self, role.replace("-", "_"), props)
        self.created.append(props)
