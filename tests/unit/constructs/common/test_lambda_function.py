"""A function: where it runs, as whom, and what it may do."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from constructs.common.lambda_function import LambdaFunction
from policies.statements import Statement
from tests.construct import Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

LAMBDA = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:a-function"
INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


@cache
def function(**props: Any) -> StackDocument:
    def build(around: Surroundings) -> None:
        given = around.function_props(**props)
        statement = Statement(sid="Granted", actions=("s3:GetObject",), resources=("*",))
        given.role.add_to_policy(statement)
        created = LambdaFunction(around.stack, "function", given)
        created.grant_invoke(
            "invoked_by_rule", sid="AllowRule", service="events.amazonaws.com", source_arn="arn:of:a:rule"
        )

    return alone(build)


def body(**props: Any) -> dict[str, Any]:
    return function(**props).one("aws_lambda_function")


def test_it_runs_the_contracts_python_on_the_contracts_machine() -> None:
    stack, found = function(), body()
    assert found["function_name"] == "a-function"
    assert found["role"] == stack.reference("aws_iam_role")
    assert (found["runtime"], found["architectures"]) == ("python3.13", ["arm64"])
    assert (found["memory_size"], found["timeout"]) == (256, 60)
    assert found["handler"] == "tenant_api.handler.handler"
    assert found["tracing_config"] == {"mode": "Active"}


def test_it_is_packed_from_its_source() -> None:
    from bundling.function_package import package

    packed = package("tenant_api")
    assert body()["source_code_hash"] == packed.source_code_hash
    assert packed.sha256.upper() in body()["filename"].upper()


def test_it_may_take_longer_and_has_concurrency_of_its_own_where_told() -> None:
    assert body(timeout_seconds=120)["timeout"] == 120
    assert body()["reserved_concurrent_executions"] == -1
    assert body(reserved_concurrency=3)["reserved_concurrent_executions"] == 3


def test_it_runs_in_the_private_subnets() -> None:
    """Hole 5: outside, the VPC and its security group are decoration."""
    stack = function()
    assert body()["vpc_config"] == {
        "subnet_ids": [stack.reference("aws_subnet", attribute="id")],
        "security_group_ids": [stack.reference("aws_security_group", attribute="id")],
    }


def test_its_environment_is_what_it_is_told_and_encrypted() -> None:
    assert body()["environment"] == {
        "variables": {
            "TENANT_ID": "acme-corp",
            "POWERTOOLS_SERVICE_NAME": "tenant_api",
            "POWERTOOLS_METRICS_NAMESPACE": "TenantPlatform",
        }
    }
    assert body()["kms_key_arn"] == function().reference("aws_kms_key")


def test_an_event_that_it_failed_on_goes_to_its_dead_letters_where_it_has_any() -> None:
    assert "dead_letter_config" not in body()
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:a-queue"
    assert body(dead_letter_queue_arn=queue)["dead_letter_config"] == {"target_arn": queue}


def test_it_has_its_own_encrypted_log_group_before_it_runs() -> None:
    stack = function()
    assert stack.one("aws_cloudwatch_log_group") == {
        "name": "/aws/lambda/a-function",
        "retention_in_days": 14,
        "kms_key_id": stack.reference("aws_kms_key"),
    }
    group = stack.reference("aws_cloudwatch_log_group", attribute="name")
    assert body()["logging_config"] == {"log_format": "JSON", "log_group": group}


def test_it_waits_for_its_roles_policy_and_the_role_outlives_its_interfaces() -> None:
    """Lambda deletes the network interfaces as the role, long after the function is gone."""
    stack = function()
    policy = stack.address("aws_iam_role_policy")
    assert body()["depends_on"] == [policy]
    assert stack.one("aws_security_group")["depends_on"] == [policy]


def test_it_may_run_and_what_it_was_granted() -> None:
    statements = function().statements("aws_iam_role_policy")
    assert list(statements) == [
        "WriteOwnLogGroup",
        "SendTraces",
        "ManageNetworkInterfaces",
        "DenyNetworkInterfacesToTheCode",
        "Granted",
    ]
    assert statements["SendTraces"] == {
        "Sid": "SendTraces",
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": ["*"],
    }


def test_it_sends_no_traces_where_nobody_wants_them() -> None:
    stack = function(traced=False)
    assert "SendTraces" not in stack.statements("aws_iam_role_policy")
    untraced = body(traced=False)
    assert untraced["tracing_config"] == {"mode": "PassThrough"}
    assert untraced["environment"]["variables"]["POWERTOOLS_TRACE_DISABLED"] == "true"
    assert "POWERTOOLS_TRACE_DISABLED" not in body()["environment"]["variables"]


@pytest.mark.parametrize("tenants", [True, False], ids=["a-tenants", "nobodys"])
def test_it_writes_its_own_log_group_as_its_tenant(tenants: bool) -> None:
    stack = function() if tenants else function(owner=None)
    logs = stack.statements("aws_iam_role_policy")["WriteOwnLogGroup"]
    assert logs["Resource"] == [
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/a-function:log-stream:*"
    ]
    own = {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}
    assert logs.get("Condition") == (own if tenants else None)


def test_the_code_itself_has_no_right_to_network_interfaces() -> None:
    statements = function().statements("aws_iam_role_policy")
    interfaces = {"Action": INTERFACES, "Resource": ["*"]}
    assert statements["ManageNetworkInterfaces"] == {
        "Sid": "ManageNetworkInterfaces",
        "Effect": "Allow",
        **interfaces,
    }
    assert statements["DenyNetworkInterfacesToTheCode"] == {
        "Sid": "DenyNetworkInterfacesToTheCode",
        "Effect": "Deny",
        **interfaces,
        "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": [LAMBDA]}},
    }


def test_a_service_invokes_it_for_one_source_alone() -> None:
    assert function().one("aws_lambda_permission") == {
        "statement_id": "AllowRule",
        "action": "lambda:InvokeFunction",
        "function_name": function().reference("aws_lambda_function", attribute="function_name"),
        "principal": "events.amazonaws.com",
        "source_arn": "arn:of:a:rule",
    }
