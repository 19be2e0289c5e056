"""One Lambda function in private subnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction as AwsLambdaFunction,
)
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.subnet import Subnet

from constructs import Construct
from constructs.account import Account
from constructs.customer_key import CustomerKey
from constructs.dead_letter_queue import DeadLetterQueue
from constructs.execution_role import ExecutionRole
from constructs.lambda_package import package
from constructs.policy import Condition, Statement, only_tenant

RUNTIME: Final = "python3.13"
ARCHITECTURE: Final = "arm64"
MEMORY_MEGABYTES: Final = 256
TIMEOUT_SECONDS: Final = 60
UNRESERVED: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaFunctionProps:
    """What runs, as whom, where.

    Attributes:
        name: physical name.
        tenant: id of the tenant, which the role carries as a tag; `None` for a function that is no tenant's.
        source: folder below `lambda_src`; its module `handler` has a function `handler`.
        account: where the function stands.
        role: whom it runs as; this construct gives it its policy.
        log_group: name of its log group.
        log_retention_days: as CloudWatch admits.
        key: encrypts its environment and its log group.
        subnets: where it runs; without a public address.
        security_group: what it reaches.
        dead_letters: where an event goes that it failed on; `None` for a function that is called and answers.
        environment: variables; no secrets.
        statements: what it may do beyond logging, tracing and being in a VPC.
        reserved_concurrency: executions kept for it; `None` keeps none.
        timeout_seconds: after which Lambda ends an invocation, 900 at most.
    """

    name: str
    tenant: str | None
    source: str
    account: Account
    role: ExecutionRole
    log_group: str
    log_retention_days: int
    key: CustomerKey
    subnets: Sequence[Subnet]
    security_group: SecurityGroup
    dead_letters: DeadLetterQueue | None
    environment: Mapping[str, str]
    statements: list[Statement] = field(default_factory=list)
    reserved_concurrency: int | None = None
    timeout_seconds: int = TIMEOUT_SECONDS


class LambdaFunction(Construct):
    """A function with its own role's policy, its own log group and nothing else's.

    The log group is made before the function: Lambda would otherwise make one that never expires and is not encrypted.

    Attributes:
        function: the function.
    """

    def __init__(self, scope: Construct, id: str, props: LambdaFunctionProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self._log_group = CloudwatchLogGroup(
            self,
            "log_group",
            name=props.log_group,
            retention_in_days=props.log_retention_days,
            kms_key_id=props.key.arn,
        )
        policy = props.role.allow(
            [*self._own_logs(), *self._tracing(), *self._network_interfaces(), *props.statements]
        )
        packed = package(props.source)
        # Without the hash, cdktf reads each file again for each function of each tenant.
        asset = TerraformAsset(
            self, "package", path=str(packed.path), type=AssetType.FILE, asset_hash=packed.sha256
        )
        self.function = AwsLambdaFunction(
            self,
            "function",
            function_name=props.name,
            role=props.role.role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=f"{props.source}.handler.handler",
            filename=asset.path,
            source_code_hash=packed.source_code_hash,
            memory_size=MEMORY_MEGABYTES,
            timeout=props.timeout_seconds,
            reserved_concurrent_executions=(
                UNRESERVED if props.reserved_concurrency is None else props.reserved_concurrency
            ),
            kms_key_arn=props.key.arn,
            environment=LambdaFunctionEnvironment(
                variables={
                    **props.environment,
                    "POWERTOOLS_SERVICE_NAME": props.source,
                    "POWERTOOLS_METRICS_NAMESPACE": "TenantPlatform",
                }
            ),
            vpc_config=LambdaFunctionVpcConfig(
                subnet_ids=[subnet.id for subnet in props.subnets],
                security_group_ids=[props.security_group.id],
            ),
            dead_letter_config=(
                LambdaFunctionDeadLetterConfig(target_arn=props.dead_letters.queue.arn)
                if props.dead_letters
                else None
            ),
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=self._log_group.name),
            depends_on=[policy],
        )

    def admit(self, role: str, *, statement_id: str, service: str, source_arn: str) -> LambdaPermission:
        """Let the AWS service `service` invoke the function on behalf of `source_arn` alone.

        Args:
            role: the permission's construct id.
            statement_id: its sid in the function's policy.
            service: such as `events.amazonaws.com`.
            source_arn: of the rule or API; the service is no confused deputy for anybody else's.
        """
        return LambdaPermission(
            self,
            role,
            statement_id=statement_id,
            action="lambda:InvokeFunction",
            function_name=self.function.function_name,
            principal=service,
            source_arn=source_arn,
        )

    def _own_logs(self) -> list[Statement]:
        return [
            Statement(
                sid="WriteOwnLogGroup",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{self._log_group.arn}:log-stream:*",),
                conditions=(only_tenant(self._props.tenant),) if self._props.tenant else (),
            )
        ]

    @staticmethod
    def _tracing() -> list[Statement]:
        # X-Ray knows no resources for these (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html).
        return [
            Statement(
                sid="Trace",
                actions=("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
                resources=("*",),
            )
        ]

    def _network_interfaces(self) -> list[Statement]:
        """Return what Lambda needs to put the function into a VPC, denied to the function's own code.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
        """
        actions = (
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        )
        function_arn = self._props.account.arn("lambda", f"function:{self._props.name}")
        return [
            Statement(sid="BeInTheVpc", actions=actions, resources=("*",)),
            Statement(
                sid="NotByTheCodeItself",
                effect="Deny",
                actions=actions,
                resources=("*",),
                conditions=(
                    Condition(operator="ArnEquals", key="lambda:SourceFunctionArn", values=(function_arn,)),
                ),
            ),
        ]
