"""Rights on what rolls releases out on AWS, and those of a build, which runs as whoever deploys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html (read 2026-11-28)
"""

from __future__ import annotations

from typing import Final

from deployer.place import Place
from deployer.rights import Right, Table, in_region, passed_to


def _project(place: Place) -> tuple[Right, ...]:
    """The project, the role that its builds run as, and what a build does before and beside the deployment."""
    names = place.delivery
    actions = ("BatchGetProjects", "CreateProject", "DeleteProject", "UpdateProject")
    log = place.arn("logs", f"log-group:{names.build_log_group}:log-stream:*")
    return (
        Right(
            actions=tuple(f"codebuild:{action}" for action in actions),
            resources=place.arns("codebuild", "project/", names.build_project),
        ),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(place.deployer),
            conditions=(passed_to("codebuild.amazonaws.com"),),
        ),
        # How a wave is that was deployed; beside it the alarms, which who deploys them may describe.
        Right(actions=("cloudwatch:GetMetricStatistics",), conditions=(in_region(place),)),
        Right(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(log,)),
        Right(
            actions=("s3:GetObject", "s3:PutObject"),
            resources=(
                *place.buckets(names.release_bucket, suffix="/releases/*"),
                *place.buckets(names.release_bucket, suffix="/rollouts/*"),
            ),
        ),
        Right(
            actions=tuple(
                f"dynamodb:{action}" for action in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
            ),
            resources=place.arns("dynamodb", "table/", names.record_table),
        ),
        Right(actions=("ecr:GetAuthorizationToken",), conditions=(in_region(place),)),
        Right(
            actions=("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            resources=place.arns("ecr", "repository/", "*"),
        ),
    )


def _state_machine(place: Place) -> tuple[Right, ...]:
    names = place.delivery
    actions = (
        *("CreateStateMachine", "DeleteStateMachine", "DescribeStateMachine", "ListStateMachineVersions"),
        *("ListTagsForResource", "TagResource", "UntagResource", "UpdateStateMachine"),
    )
    return (
        Right(
            actions=tuple(f"states:{action}" for action in actions),
            resources=place.arns("states", "stateMachine:", names.state_machine),
        ),
        Right(
            actions=("states:StartExecution",),
            resources=place.arns("states", "stateMachine:", names.state_machine),
        ),
        Right(
            actions=("states:DescribeExecution", "states:ListMapRuns"),
            # A child's ARN has the label of its map after the name, `name/Wave:...`.
            resources=place.arns(
                "states", "execution:", f"{names.state_machine}:*", f"{names.state_machine}/*"
            ),
        ),
        Right(
            actions=("states:ListExecutions",),
            resources=place.arns("states", "mapRun:", f"{names.state_machine}/*"),
        ),
        # Asked without a resource.
        Right(actions=("states:ValidateStateMachineDefinition",), conditions=(in_region(place),)),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(names.state_machine_role),
            conditions=(passed_to("states.amazonaws.com"),),
        ),
    )


ROWS: Final[Table] = {"aws_codebuild_project": _project, "aws_sfn_state_machine": _state_machine}
"""By Terraform type."""
