"""One Lambda function in private subnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
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
from cdktf_cdktf_provider_aws.subnet import Subnet

from bundling.function_package import package
from constructs import Construct
from constructs.common.account import Account
from constructs.common.customer_key import CustomerKey
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.stack_packages import StackPackages
from constructs.common.vpc import NamedSecurityGroup
from constructs.common.workload_role import WorkloadRole
from policies.grantee import PolicyDraft
from policies.statements import Condition, Statement
from tenancy.owner import AnyOwner
from tenancy.versions import FUNCTION_PYTHON

ARCHITECTURE: Final = "arm64"
MEMORY_MEGABYTES: Final = 256
TIMEOUT_SECONDS: Final = 60
UNRESERVED: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaFunctionProps:
    """What the function runs, in which role and network.

    Attributes:
        name: physical name.
        owner: the tenant as whose principal it writes its logs; `None` for a function that is no tenant's.
        source: folder below `lambda_src`; its module `handler` has a function `handler`.
        packages: where the stack's functions take their code from.
        account: of the function.
        role: the role that it runs as; this construct creates its policy, of all that was granted until then.
        log_group: name of its log group.
        log_retention_days: as CloudWatch admits.
        key: encrypts its environment and its log group.
        subnets: where it runs; without a public address.
        security_group: what it reaches.
        dead_letter_queue_arn: where an event goes that it failed on; `None` for a function that is called and answers.
        environment: variables; no secrets.
        reserved_concurrency: executions kept for it; `None` keeps none.
        timeout_seconds: after which Lambda ends an invocation, 900 at most.
        traced: whether it sends traces to X-Ray.
    """

    name: str
    owner: AnyOwner | None
    source: str
    packages: StackPackages
    account: Account
    role: WorkloadRole
    log_group: str
    log_retention_days: int
    key: CustomerKey
    subnets: Sequence[Subnet]
    security_group: NamedSecurityGroup
    dead_letter_queue_arn: str | None
    environment: Mapping[str, str]
    reserved_concurrency: int | None = None
    timeout_seconds: int = TIMEOUT_SECONDS
    traced: bool = True


class LambdaFunction(Construct):
    """A function with a role, a policy and a log group that no other function shares.

    Attributes:
        resource: the function.
    """

    def __init__(self, scope: Construct, id: str, props: LambdaFunctionProps) -> None:
        super().__init__(scope, id)
        self._props = props
        log_group = EncryptedLogGroup(
            self,
            "log_group",
            EncryptedLogGroupProps(
                name=props.log_group, key=props.key, retention_days=props.log_retention_days
            ),
        )
        runtime = PolicyDraft()
        log_group.grant_write(runtime, props.owner)
        if props.traced:
            runtime.add_to_policy(self._tracing())
        runtime.add_to_policy(*self._network_interfaces())
        policy = props.role.create_policy(runtime)
        # Lambda deletes the function's network interfaces as the role, long after the function is gone.
        props.security_group.create_after(policy)
        self.resource = self._create_function(log_group, policy)

    def grant_invoke(self, id: str, *, sid: str, service: str, source_arn: str) -> LambdaPermission:
        """Let the AWS service `service` invoke the function on behalf of `source_arn` alone.

        Args:
            id: construct id of the permission.
            sid: of the statement in the function's policy.
            service: such as `events.amazonaws.com`.
            source_arn: of the rule or API; without it the service could be made to act for somebody else's.
        """
        return LambdaPermission(
            self,
            id,
            statement_id=sid,
            action="lambda:InvokeFunction",
            function_name=self.resource.function_name,
            principal=service,
            source_arn=source_arn,
        )

    def _create_function(self, log_group: EncryptedLogGroup, policy: IamRolePolicy) -> AwsLambdaFunction:
        props = self._props
        code = props.packages.create_code(self, "package", package(props.source))
        queue = props.dead_letter_queue_arn
        return AwsLambdaFunction(
            self,
            "function",
            function_name=props.name,
            role=props.role.arn,
            runtime=f"python{FUNCTION_PYTHON}",
            architectures=[ARCHITECTURE],
            handler=f"{props.source}.handler.handler",
            filename=code.filename,
            s3_bucket=code.s3_bucket,
            s3_key=code.s3_key,
            source_code_hash=code.source_code_hash,
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
                    # https://docs.powertools.aws.dev/lambda/python/latest/core/tracer/#disabling-tracing
                    **({} if props.traced else {"POWERTOOLS_TRACE_DISABLED": "true"}),
                }
            ),
            vpc_config=LambdaFunctionVpcConfig(
                subnet_ids=[subnet.id for subnet in props.subnets],
                security_group_ids=[props.security_group.id],
            ),
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=queue) if queue else None,
            tracing_config=LambdaFunctionTracingConfig(mode="Active" if props.traced else "PassThrough"),
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=log_group.name),
            depends_on=[policy],
        )

    @staticmethod
    def _tracing() -> Statement:
        # X-Ray knows no resources for these (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html).
        return Statement(
            sid="SendTraces",
            actions=("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            resources=("*",),
        )

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
            Statement(sid="ManageNetworkInterfaces", actions=actions, resources=("*",)),
            Statement(
                sid="DenyNetworkInterfacesToTheCode",
                effect="Deny",
                actions=actions,
                resources=("*",),
                conditions=(
                    Condition(operator="ArnEquals", key="lambda:SourceFunctionArn", values=(function_arn,)),
                ),
            ),
        ]
