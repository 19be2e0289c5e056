"""The tenant's functions: where they run, as whom, and what they may do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.synthesis import ACCOUNT, SynthesizedStack, silo

FUNCTIONS = {
    "api_function": ("tenant-acme-corp-api-test", "tenant-acme-corp-lambda-role-test", "tenant_api"),
    "provisioner_function": (
        "tenant-acme-corp-provisioner-test",
        "tenant-acme-corp-provisioner-role-test",
        "tenant_provisioner",
    ),
}
TENANT_ONLY = {"aws:PrincipalTag/TenantId": ["acme-corp"]}


def permissions(stack: SynthesizedStack, function: str) -> dict[str, dict[str, Any]]:
    return stack.statements("aws_iam_role_policy", function.replace("_function", "_role"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_figures_of_the_contract(function: str) -> None:
    stack = silo()
    name, role, source = FUNCTIONS[function]
    body = stack.one("aws_lambda_function", function)
    assert body["function_name"] == name
    assert stack.resolved(body["role"]) == f"arn:aws:iam::{ACCOUNT}:role/{role}"
    assert (body["runtime"], body["memory_size"], body["timeout"]) == ("python3.13", 256, 60)
    assert body["handler"] == f"{source}.handler.handler"
    assert body["tracing_config"] == {"mode": "Active"}
    assert body["kms_key_arn"] == f"${{{stack.address('aws_kms_key')}.arn}}"
    assert body["dead_letter_config"] == {
        "target_arn": f"${{{stack.address('aws_sqs_queue', 'functions')}.arn}}"
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_in_the_private_subnets(function: str) -> None:
    """Hole 5: outside, the VPC and its security group are decoration."""
    stack = silo()
    assert stack.one("aws_lambda_function", function)["vpc_config"] == {
        "subnet_ids": [f"${{aws_subnet.{name}.id}}" for name in stack.all("aws_subnet")],
        "security_group_ids": [f"${{{stack.address('aws_security_group')}.id}}"],
    }


def test_the_api_knows_its_tenants_resources_and_no_secret() -> None:
    stack = silo()
    variables = stack.one("aws_lambda_function", "api_function")["environment"]["variables"]
    assert variables == {
        "TENANT_ID": "acme-corp",
        "DYNAMODB_TABLE": f"${{{stack.address('aws_dynamodb_table')}.name}}",
        "S3_BUCKET": f"${{{stack.address('aws_s3_bucket')}.bucket}}",
        "KMS_KEY_ID": f"${{{stack.address('aws_kms_key')}.arn}}",
        "POWERTOOLS_SERVICE_NAME": "tenant_api",
        "POWERTOOLS_METRICS_NAMESPACE": "TenantPlatform",
    }


def test_reserved_concurrency_is_the_apis_and_settable() -> None:
    def reserved(stack: SynthesizedStack, function: str) -> object:
        return stack.one("aws_lambda_function", function)["reserved_concurrent_executions"]

    assert reserved(silo(), "api_function") == 10
    assert reserved(silo(reserved_concurrency=3), "api_function") == 3
    assert reserved(silo(reserved_concurrency=None), "api_function") == -1
    assert reserved(silo(), "provisioner_function") == -1


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_has_its_own_encrypted_log_group_before_it_runs(function: str) -> None:
    stack = silo(log_retention_days=7)
    group = stack.one("aws_cloudwatch_log_group", function)
    assert group["name"] == f"/aws/lambda/{FUNCTIONS[function][0]}"
    assert group["retention_in_days"] == 7
    assert group["kms_key_id"] == f"${{{stack.address('aws_kms_key')}.arn}}"
    logging = stack.one("aws_lambda_function", function)["logging_config"]
    assert logging == {
        "log_format": "JSON",
        "log_group": f"${{{stack.address('aws_cloudwatch_log_group', function)}.name}}",
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_its_own_log_group_and_no_other(function: str) -> None:
    """Hole 4: a pattern such as `tenant-acme-*` is another tenant's group too."""
    logs = permissions(silo(), function)["WriteOwnLogGroup"]
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert logs["Resource"] == [
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/{FUNCTIONS[function][0]}:log-stream:*"
    ]
    assert logs["Condition"] == {"StringEquals": TENANT_ONLY}


def test_the_api_may_do_what_the_contract_says() -> None:
    statements = permissions(silo(), "api_function")
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/tenant-acme-corp-metadata-test"
    bucket = "arn:aws:s3:::tenant-acme-corp-data-test"
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/tenant-acme-corp-test"
    expected = {
        "UseOwnTable": (
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
            [table],
        ),
        "UseOwnObjects": (["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [f"{bucket}/*"]),
        "ListOwnBucket": (["s3:ListBucket"], [bucket]),
        "UseTenantKey": (["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], [key]),
        "SendDeadLetters": (
            ["sqs:SendMessage"],
            [f"arn:aws:sqs:us-east-1:{ACCOUNT}:tenant-acme-corp-functions-dlq-test"],
        ),
    }
    for sid, (actions, resources) in expected.items():
        assert statements[sid]["Action"] == actions
        assert statements[sid]["Resource"] == resources
        assert statements[sid]["Condition"] == {"StringEquals": TENANT_ONLY}
    assert set(statements) == {
        *expected,
        "WriteOwnLogGroup",
        "SendTraces",
        "ManageNetworkInterfaces",
        "DenyNetworkInterfacesToTheCode",
    }


def test_the_provisioner_announces_under_its_own_source_only() -> None:
    """Otherwise it could send another tenant's signup."""
    announce = permissions(silo(), "provisioner_function")["AnnounceProvisioning"]
    assert announce["Action"] == ["events:PutEvents"]
    assert announce["Resource"] == [f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"]
    assert announce["Condition"] == {
        "StringEquals": {**TENANT_ONLY, "events:source": ["tenant-platform.provisioner"]}
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_these_permissions_have_no_resource(function: str) -> None:
    everywhere = {sid for sid, s in permissions(silo(), function).items() if s["Resource"] == ["*"]}
    assert everywhere == {"SendTraces", "ManageNetworkInterfaces", "DenyNetworkInterfacesToTheCode"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_code_itself_has_no_right_to_network_interfaces(function: str) -> None:
    statements = permissions(silo(), function)
    denial = statements["DenyNetworkInterfacesToTheCode"]
    assert denial["Effect"] == "Deny"
    assert denial["Action"] == statements["ManageNetworkInterfaces"]["Action"]
    assert denial["Condition"] == {
        "ArnEquals": {
            "lambda:SourceFunctionArn": [
                f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTIONS[function][0]}"
            ]
        }
    }


def test_a_role_is_assumed_by_lambda_alone() -> None:
    for role in ("api_role", "provisioner_role"):
        (statement,) = silo().statements("aws_iam_role", role, "assume_role_policy").values()
        assert statement["Principal"] == {"Service": ["lambda.amazonaws.com"]}
