"""The CodeBuild project whose builds each give one stack its release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.codebuild_project import (
    CodebuildProject,
    CodebuildProjectArtifacts,
    CodebuildProjectEnvironment,
    CodebuildProjectEnvironmentEnvironmentVariable,
    CodebuildProjectLogsConfig,
    CodebuildProjectLogsConfigCloudwatchLogs,
    CodebuildProjectSource,
)

from constructs import Construct
from constructs.common.account import Account
from constructs.common.customer_key import CustomerKey
from constructs.common.log_group import EncryptedLogGroup
from constructs.delivery.record_table import RecordTable
from constructs.delivery.release_bucket import ReleaseBucket
from policies.grantee import Grantee
from policies.statements import Statement

PROGRAM: Final = "/opt/fleet"
"""Where the image has the worker: a checkout of this application with its Python dependencies, Terraform, and an
unpacked mirror of the provider, so that no build asks a registry."""
BUILD_MINUTES: Final = 60
"""A worker's end: longer than any stack's apply, and the ten minutes that it waits for a lock."""
QUEUED_MINUTES: Final = 480
"""As long as CodeBuild keeps a build that waits for its turn
(https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html, read 2026-11-28)."""
COMPUTE: Final = "BUILD_GENERAL1_SMALL"
"""Two vCPU, and more memory than the 0.8 GB of a worker. Not CodeBuild's Lambda compute, which ends after 15 minutes
(https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html, read 2026-11-28)."""
COMMAND: Final = (
    'python3 -m fleet.rollout.worker "s3://$RELEASE_BUCKET/$RELEASE" "$STACK"'
    ' --folder "dynamodb://$RECORD_TABLE"'
)
"""Its exit code is the build's outcome, and the log has its record in one line. Without braces, in which Terraform
would see a reference."""
WATCHING: Final = (
    'python3 -m fleet.rollout.watcher "s3://$RELEASE_BUCKET/$RELEASE" "$WAVE"'
    ' --folder "dynamodb://$RECORD_TABLE"'
)
"""What a build does instead that looks at a wave's health."""
SYNC_RULE: Final = "rule/StepFunctionsGetEventForCodeBuildStartBuildRule"
"""The rule by which Step Functions hears of a build's end
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html, read 2026-11-28)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerProjectProps:
    """What the builds run, as whom, and on what.

    Attributes:
        name: physical name.
        account: of the project.
        image: by digest; see `PROGRAM`.
        role_arn: that the builds run as: whoever deploys, part of the trusted base.
        bucket: of the releases.
        table: of the records.
        log: of the builds.
        key: encrypts what CodeBuild itself would keep.
    """

    name: str
    account: Account
    image: str
    role_arn: str
    bucket: ReleaseBucket
    table: RecordTable
    log: EncryptedLogGroup
    key: CustomerKey


class WorkerProject(Construct):
    """A project without source and artifacts: its image has the program, a build's variables say which stack.

    It has no limit of concurrent builds of its own: a build above one fails instead of waiting. What runs at once is
    said by each wave.

    Attributes:
        resource: the project.
        name: of the project.
    """

    def __init__(self, scope: Construct, id: str, props: WorkerProjectProps) -> None:
        super().__init__(scope, id)
        self._account = props.account
        variables = {"RECORD_TABLE": props.table.name, "RELEASE_BUCKET": props.bucket.name}
        self.resource = CodebuildProject(
            self,
            "project",
            name=props.name,
            description="Gives one stack its release",
            service_role=props.role_arn,
            build_timeout=BUILD_MINUTES,
            queued_timeout=QUEUED_MINUTES,
            encryption_key=props.key.arn,
            source=CodebuildProjectSource(type="NO_SOURCE", buildspec=buildspec()),
            artifacts=CodebuildProjectArtifacts(type="NO_ARTIFACTS"),
            environment=CodebuildProjectEnvironment(
                type="LINUX_CONTAINER",
                compute_type=COMPUTE,
                image=props.image,
                image_pull_credentials_type="SERVICE_ROLE",
                privileged_mode=False,
                environment_variable=[
                    CodebuildProjectEnvironmentEnvironmentVariable(name=name, value=value, type="PLAINTEXT")
                    for name, value in variables.items()
                ],
            ),
            logs_config=CodebuildProjectLogsConfig(
                cloudwatch_logs=CodebuildProjectLogsConfigCloudwatchLogs(
                    status="ENABLED", group_name=props.log.name
                )
            ),
        )
        self.name = self.resource.name

    def grant_run(self, grantee: Grantee) -> None:
        """Let `grantee`, a state machine, start builds and wait for their end.

        Not `codebuild:StopBuild`, which Step Functions would use where an execution is stopped: it would end Terraform
        in the middle of an apply
        (https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html, read 2026-11-28).
        """
        grantee.add_to_policy(
            Statement(
                sid="StartBuilds",
                actions=("codebuild:BatchGetBuilds", "codebuild:StartBuild"),
                resources=(self.resource.arn,),
            ),
            Statement(
                sid="ManageRuleForTheirEnd",
                actions=("events:DescribeRule", "events:PutRule", "events:PutTargets"),
                resources=(self._account.arn("events", SYNC_RULE),),
            ),
        )


def buildspec(command: str = COMMAND) -> str:
    """Return what a build does, `command` in the image's program, as JSON, which is YAML as well.

    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (read 2026-11-28)
    """
    phases = {"build": {"commands": [f"cd {PROGRAM}", command]}}
    return json.dumps({"version": "0.2", "env": {"shell": "bash"}, "phases": phases}, sort_keys=True)
