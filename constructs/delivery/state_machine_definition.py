"""The definition of the state machine that rolls a release out: wave by wave, a build for each stack.

Pure: the same resources give the same text. It is written in JSONPath, and no state keeps the result of a task or of a
map, so that the state of an execution stays the size of its input, far below the 256 KiB that Step Functions takes
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11-28).

Failures are counted here and not by the map: a map run that fails has Step Functions stop the children that still run
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_MapRunExecutionCounts.html, read 2026-11-28), and
with a child its build, in the middle of an apply. So the map tolerates all failures, each failure takes one of what the
wave tolerates, and nobody begins once that is below zero: who runs finishes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

REFUSED: Final = "DynamoDB.ConditionalCheckFailedException"
"""What DynamoDB answers where the condition of a request does not hold."""
HOURS: Final = 3600
LONGEST_BUILD_HOURS: Final = 8
"""How long a build may wait and run: that long CodeBuild keeps it in its queue, and its own timeout ends it before
(https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html, read 2026-11-28)."""

State = dict[str, Any]

_TABLE_RETRY: Final = {
    # All but the condition that does not hold, which is an answer.
    "ErrorEquals": [
        "DynamoDB.InternalServerError",
        "DynamoDB.ProvisionedThroughputExceededException",
        "DynamoDB.RequestLimitExceeded",
        "DynamoDB.ThrottlingException",
        "States.Timeout",
    ],
    "IntervalSeconds": 1,
    "BackoffRate": 2,
    "MaxAttempts": 8,
    "MaxDelaySeconds": 30,
    "JitterStrategy": "FULL",
}
_BUILD_RETRY: Final = {
    # The account's concurrent builds are met, or requests are throttled: nothing has begun.
    "ErrorEquals": ["CodeBuild.AccountLimitExceededException", "CodeBuild.ThrottlingException"],
    "IntervalSeconds": 15,
    "BackoffRate": 1.5,
    "MaxAttempts": 60,
    "MaxDelaySeconds": 120,
    "JitterStrategy": "FULL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResources:
    """What the state machine works with.

    Attributes:
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        bucket: name of the bucket in which each wave's stacks are listed.
        table: name of the table of rollouts.
        project: name of the CodeBuild project that runs a worker.
        watching: what a build of the project does that looks at a wave's health, instead of running a worker.
    """

    partition: str
    bucket: str
    table: str
    project: str
    watching: str


def definition(resources: DeliveryResources) -> str:
    """Return the definition in the Amazon States Language.

    An execution takes `release`, the digest, and `waves`, one or more, each with `name`, `stacks` (the key of an
    object: a list of ids), `concurrency`, `bake_seconds`, and `tolerated` (failures, as text: DynamoDB's form of a
    number).

    https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-28)
    """
    states = _Definition(resources).create_states()
    document = {
        "Comment": "Rolls a release out, wave by wave",
        "QueryLanguage": "JSONPath",
        "StartAt": "BeginWave",
        "States": states,
    }
    return json.dumps(document, sort_keys=True)


class _Definition:
    def __init__(self, resources: DeliveryResources) -> None:
        self._resources = resources

    def create_states(self) -> dict[str, State]:
        """Return the states of the rollout, around those of one stack."""
        return {
            # Asked before each wave; what a wave tolerates begins anew.
            "BeginWave": self._update(
                "SET tolerated = :tolerated",
                condition="asked = :go",
                values={":go": {"S": "go"}, ":tolerated": {"N.$": "$.waves[0].tolerated"}},
                refused="Waiting",
                then="Wave",
            ),
            "Wave": self._wave(),
            "Tolerated": self._update(
                "ADD waves :one",
                condition="tolerated >= :none",
                values={":none": {"N": "0"}, ":one": {"N": "1"}},
                refused="Halted",
                then="IsThereAnother",
            ),
            "IsThereAnother": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.waves[1]", "IsPresent": True, "Next": "MayItGoOn"}],
                "Default": "Finished",
            },
            # Whoever paused does not wait for the pause after the wave.
            "MayItGoOn": self._update(
                "ADD bakes :one",
                condition="asked = :go",
                values={":go": {"S": "go"}, ":one": {"N": "1"}},
                refused="Waiting",
                then="IsThereAPause",
            ),
            "IsThereAPause": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.waves[0].bake_seconds", "NumericGreaterThan": 0, "Next": "Bake"}],
                "Default": "NextWave",
            },
            "Bake": {"Type": "Wait", "SecondsPath": "$.waves[0].bake_seconds", "Next": "Observe"},
            "Observe": self._build(
                {"RELEASE": "$.release", "WAVE": "$.waves[0].name"},
                then="NextWave",
                failed="Unhealthy",
                buildspec=self._resources.watching,
            ),
            "NextWave": {
                "Type": "Pass",
                "Parameters": {"release.$": "$.release", "waves.$": "$.waves[1:]"},
                "Next": "BeginWave",
            },
            "Finished": {"Type": "Succeed"},
            # Somebody asked for it: nothing failed.
            "Waiting": {"Type": "Succeed"},
            "Halted": {
                "Type": "Fail",
                "Error": "Halted",
                "Cause": "More stacks of a wave failed than it tolerates: the failed children name them",
            },
            "Unhealthy": {
                "Type": "Fail",
                "Error": "Unhealthy",
                "Cause": "An alarm of the wave went off, or nobody could ask; the rollout's status says which",
            },
        }

    def _wave(self) -> State:
        return {
            "Type": "Map",
            "Label": "Wave",
            "ItemReader": {
                "Resource": f"arn:{self._resources.partition}:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": self._resources.bucket, "Key.$": "$.waves[0].stacks"},
            },
            "ItemSelector": {"release.$": "$.release", "stack.$": "$$.Map.Item.Value"},
            "MaxConcurrencyPath": "$.waves[0].concurrency",
            "ToleratedFailurePercentage": 100,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "MayItBegin",
                "States": self._one_stack(),
            },
            "ResultPath": None,
            "Next": "Tolerated",
        }

    def _one_stack(self) -> dict[str, State]:
        return {
            # Asked before each stack: a pause, an end, or too many failures let nobody else begin.
            "MayItBegin": self._update(
                "ADD begun :one",
                condition="asked = :go AND tolerated >= :none",
                values={":go": {"S": "go"}, ":none": {"N": "0"}, ":one": {"N": "1"}},
                refused="NotNow",
                then="Build",
            ),
            "Build": self._build(
                {"RELEASE": "$.release", "STACK": "$.stack"}, then="Ended", failed="CountFailure"
            ),
            "Ended": {"Type": "Succeed"},
            "NotNow": {"Type": "Succeed"},
            "CountFailure": self._update(
                "ADD tolerated :minus_one", values={":minus_one": {"N": "-1"}}, then="StackFailed"
            ),
            "StackFailed": {
                "Type": "Fail",
                "Error": "StackFailed",
                "Cause": "The build failed; its log says at which step",
            },
        }

    def _build(
        self, variables: Mapping[str, str], *, then: str, failed: str, buildspec: str | None = None
    ) -> State:
        """Return the state that runs a build and waits for its end; `failed` is next where it does not succeed.

        Args:
            variables: of the build, by name: paths into the state's input.
            then: next where it succeeds.
            failed: next where it does not.
            buildspec: instead of the project's own.
        """
        parameters: State = {
            "ProjectName": self._resources.project,
            "EnvironmentVariablesOverride": [
                {"Name": name, "Type": "PLAINTEXT", "Value.$": path} for name, path in variables.items()
            ],
        }
        if buildspec:
            parameters["BuildspecOverride"] = buildspec
        return {
            "Type": "Task",
            "Resource": f"arn:{self._resources.partition}:states:::codebuild:startBuild.sync",
            "Parameters": parameters,
            "TimeoutSeconds": (LONGEST_BUILD_HOURS + 1) * HOURS,
            "Retry": [_BUILD_RETRY],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": failed}],
            "ResultPath": None,
            "Next": then,
        }

    def _update(
        self,
        expression: str,
        *,
        values: State,
        then: str,
        condition: str | None = None,
        refused: str | None = None,
    ) -> State:
        """Return the state that changes the rollout's item, where `condition` holds; `refused` is next where not."""
        state: State = {
            "Type": "Task",
            "Resource": f"arn:{self._resources.partition}:states:::dynamodb:updateItem",
            "Parameters": {
                "TableName": self._resources.table,
                "Key": {"kind": {"S": "rollout"}, "id": {"S.$": "$.release"}},
                "UpdateExpression": expression,
                "ExpressionAttributeValues": values,
            },
            "Retry": [_TABLE_RETRY],
            "ResultPath": None,
            "Next": then,
        }
        if condition:
            state["Parameters"]["ConditionExpression"] = condition
        if refused:
            state["Catch"] = [{"ErrorEquals": [REFUSED], "ResultPath": None, "Next": refused}]
        return state
