"""Who gets what in a silo: what each construct is told by the stack, its tenant's settings and the profile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, ADMINISTRATOR, ONE_SILO, PRODUCTION, SynthesizedStack, silo, synthesize

FUNCTIONS = {
    "api_function": ("tenant-acme-corp-api-test", "tenant-acme-corp-lambda-role-test", "tenant_api"),
    "provisioner_function": (
        "tenant-acme-corp-provisioner-test",
        "tenant-acme-corp-provisioner-role-test",
        "tenant_provisioner",
    ),
}
OWN = {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/tenant-acme-corp-metadata-test"
BUCKET = "arn:aws:s3:::tenant-acme-corp-data-test"
TO_RUN = {"WriteOwnLogGroup", "SendTraces", "ManageNetworkInterfaces", "DenyNetworkInterfacesToTheCode"}


def permissions(stack: SynthesizedStack, function: str) -> dict[str, dict[str, Any]]:
    return stack.statements("aws_iam_role_policy", function.replace("_function", "_role"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_its_source_as_its_role_in_the_private_subnets(function: str) -> None:
    stack = silo()
    name, role, source = FUNCTIONS[function]
    body = stack.one("aws_lambda_function", function)
    assert body["function_name"] == name
    assert stack.resolved(body["role"]) == f"arn:aws:iam::{ACCOUNT}:role/{role}"
    assert body["handler"] == f"{source}.handler.handler"
    assert body["vpc_config"] == {
        "subnet_ids": [f"${{aws_subnet.{name}.id}}" for name in stack.all("aws_subnet")],
        "security_group_ids": [stack.reference("aws_security_group", attribute="id")],
    }
    assert body["dead_letter_config"] == {"target_arn": stack.reference("aws_sqs_queue", "functions")}
    log_group = stack.one("aws_cloudwatch_log_group", function)
    assert log_group["name"] == f"/aws/lambda/{name}"
    (trust,) = stack.statements(
        "aws_iam_role", function.replace("_function", "_role"), "assume_role_policy"
    ).values()
    assert trust["Principal"] == {"Service": ["lambda.amazonaws.com"]}


def test_the_functions_know_their_tenants_resources_and_no_secret() -> None:
    stack = silo()
    table = stack.reference("aws_dynamodb_table", attribute="name")
    variables = {
        name: stack.one("aws_lambda_function", name)["environment"]["variables"] for name in FUNCTIONS
    }
    powertools = {"POWERTOOLS_METRICS_NAMESPACE": "TenantPlatform"}
    assert variables["api_function"] == {
        "TENANT_ID": "acme-corp",
        "API_CALLERS": "users",
        "DYNAMODB_TABLE": table,
        "S3_BUCKET": stack.reference("aws_s3_bucket", attribute="bucket"),
        "KMS_KEY_ID": stack.reference("aws_kms_key"),
        "LARGEST_OBJECT_BYTES": "5368709120",
        "MOST_RECORDS": "unlimited",
        "MOST_OBJECTS": "unlimited",
        "MOST_OBJECT_BYTES": "unlimited",
        "POWERTOOLS_SERVICE_NAME": "tenant_api",
        **powertools,
    }
    assert variables["provisioner_function"] == {
        "TENANT_ID": "acme-corp",
        "DYNAMODB_TABLE": table,
        "EVENT_BUS_NAME": "default",
        "POWERTOOLS_SERVICE_NAME": "tenant_provisioner",
        **powertools,
    }


def test_the_functions_may_do_what_the_contract_says() -> None:
    api, provisioner = (permissions(silo(), function) for function in FUNCTIONS)
    shared = {"UseOwnTable", "UseTenantKey", "SendDeadLetters", *TO_RUN}
    assert set(api) == {"UseOwnObjects", "ListOwnBucket", *shared}
    assert set(provisioner) == {"AnnounceProvisioning", *shared}
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:tenant-acme-corp-functions-dlq-test"
    for statements in (api, provisioner):
        assert statements["UseOwnTable"]["Resource"] == [TABLE]
        assert statements["SendDeadLetters"]["Resource"] == [queue]
        assert statements["UseTenantKey"]["Resource"] == [
            f"arn:aws:kms:us-east-1:{ACCOUNT}:key/tenant-acme-corp-test"
        ]
        for sid in shared - TO_RUN:
            assert statements[sid]["Condition"] == OWN
        everywhere = {sid for sid, s in statements.items() if s["Resource"] == ["*"]}
        assert everywhere == TO_RUN - {"WriteOwnLogGroup"}
    assert api["UseOwnObjects"]["Resource"] == [f"{BUCKET}/*"]
    assert api["ListOwnBucket"]["Resource"] == [BUCKET]


def test_the_key_is_used_by_the_functions_roles() -> None:
    assert silo().statements("aws_kms_key")["UseTenantKey"]["Principal"]["AWS"] == [
        f"arn:aws:iam::{ACCOUNT}:role/{role}" for _, role, _ in FUNCTIONS.values()
    ]


def test_the_keys_policy_names_the_log_groups_and_the_queue_that_are_deployed() -> None:
    """Patterns would admit another tenant's."""
    stack = silo()
    policy = stack.statements("aws_kms_key")
    named = policy["EncryptLogGroups"]["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]
    deployed = {group["name"] for group in stack.all("aws_cloudwatch_log_group").values()}
    assert set(named) == {f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}" for name in deployed}
    letters = stack.one("aws_cloudwatch_event_target")["dead_letter_config"]["arn"]
    assert policy["EncryptDeadLettersOfRule"]["Condition"]["ArnEquals"] == {
        "kms:EncryptionContext:aws:sqs:arn": [stack.resolved(letters)]
    }
    functions = {f["function_name"] for f in stack.all("aws_lambda_function").values()}
    context = policy["EncryptFunctionEnvironment"]["Condition"]["ArnEquals"]
    assert set(context["kms:EncryptionContext:aws:lambda:FunctionArn"]) == {
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}" for name in functions
    }


def test_everything_that_can_be_encrypted_is_with_the_tenants_key() -> None:
    stack = silo()
    key = stack.reference("aws_kms_key")
    for kind, argument, count in (
        ("aws_cloudwatch_log_group", "kms_key_id", 4),
        ("aws_lambda_function", "kms_key_arn", 2),
        ("aws_sqs_queue", "kms_master_key_id", 2),
    ):
        assert [body[argument] for body in stack.all(kind).values()] == [key] * count
    assert stack.one("aws_dynamodb_table")["server_side_encryption"]["kms_key_arn"] == key
    assert silo().one("aws_kms_key")["description"] == "Data of the tenant acme-corp"
    assert silo().one("aws_kms_alias")["name"] == "alias/tenant-acme-corp-test"


def test_a_gateway_lets_through_to_the_tenants_own_what_its_functions_may_do() -> None:
    """An action that a role has and the gateway lacks would fail in AWS and nowhere else."""
    stack = silo()
    gateways = [stack.statements("aws_vpc_endpoint", f"network_{name}") for name in ("s3", "dynamodb")]
    passed = [statement for statements in gateways for statement in statements.values()]
    assert [statement["Resource"] for statement in passed] == [[f"{BUCKET}/*"], [BUCKET], [TABLE]]
    roles = {
        action
        for function in FUNCTIONS
        for statement in permissions(stack, function).values()
        for action in statement["Action"]
        if action.split(":")[0] in {"s3", "dynamodb"}
    }
    assert roles == {action for statement in passed for action in statement["Action"]}


def test_the_api_is_the_api_functions_and_the_signup_rule_the_provisioners() -> None:
    stack = silo()
    integration = stack.one("aws_apigatewayv2_integration")["integration_uri"]
    assert integration == stack.reference("aws_lambda_function", "api", "invoke_arn")
    target = stack.one("aws_cloudwatch_event_target")
    assert target["arn"] == stack.reference("aws_lambda_function", "provisioner")
    assert target["dead_letter_config"] == {"arn": stack.reference("aws_sqs_queue", "events")}
    for role in ("events", "functions"):
        queue = stack.one("aws_sqs_queue", role)
        assert queue["name"] == f"tenant-acme-corp-{role}-dlq-test"


def test_physical_names_of_what_holds_data() -> None:
    stack = silo()
    assert stack.one("aws_s3_bucket")["bucket"] == "tenant-acme-corp-data-test"
    assert stack.one("aws_dynamodb_table")["name"] == "tenant-acme-corp-metadata-test"
    assert stack.one("aws_cloudwatch_log_group", "flow_logs")["name"] == (
        "/aws/vpc/tenant-acme-corp-flow-logs-test"
    )
    assert stack.one("aws_iam_role", "flow_logs")["name"] == "tenant-acme-corp-flow-logs-role-test"
    assert stack.one("aws_flow_log")["vpc_id"] == stack.reference("aws_vpc", attribute="id")


def test_a_tenants_settings_reach_its_constructs() -> None:
    stack = silo(
        AWS_REGION="eu-west-1",
        cidr="172.16.4.0/22",
        api_authorization="iam",
        api_callers=["orders", "billing"],
        api_readers=["reports", "audit"],
        requests_per_second=7,
        request_burst=9,
        largest_object_bytes=1000,
        most_records=12,
        most_objects=13,
        most_object_bytes=14,
        interface_endpoints=["kms"],
        log_retention_days=7,
        object_expiration_days=7,
        reserved_concurrency=3,
    )
    assert stack.one("aws_vpc")["cidr_block"] == "172.16.4.0/22"
    assert {s["availability_zone"] for s in stack.all("aws_subnet").values()} == {"eu-west-1a", "eu-west-1b"}
    assert stack.one("aws_apigatewayv2_route")["authorization_type"] == "AWS_IAM"
    api = stack.one("aws_lambda_function", "api")["environment"]["variables"]
    assert (api["API_CALLERS"], api["LARGEST_OBJECT_BYTES"]) == (
        "roles:billing orders audit/read reports/read",
        "1000",
    )
    assert (api["MOST_RECORDS"], api["MOST_OBJECTS"], api["MOST_OBJECT_BYTES"]) == ("12", "13", "14")
    by_group = silo(api_user_rights="groups").one("aws_lambda_function", "api")["environment"]["variables"]
    assert by_group["API_CALLERS"] == "users-by-group"
    throttling = stack.one("aws_apigatewayv2_stage")["default_route_settings"]
    assert throttling == {"throttling_rate_limit": 7, "throttling_burst_limit": 9}
    interfaces = [e for e in stack.all("aws_vpc_endpoint").values() if e["vpc_endpoint_type"] == "Interface"]
    assert [endpoint["service_name"] for endpoint in interfaces] == ["com.amazonaws.eu-west-1.kms"]
    days = {group["retention_in_days"] for group in stack.all("aws_cloudwatch_log_group").values()}
    assert days == {7}
    assert expiration(stack) == [7]
    assert stack.one("aws_lambda_function", "api")["reserved_concurrent_executions"] == 3
    assert stack.one("aws_lambda_function", "provisioner")["reserved_concurrent_executions"] == -1


def expiration(stack: SynthesizedStack) -> list[int]:
    rules = stack.one("aws_s3_bucket_lifecycle_configuration", "data_bucket")["rule"]
    return [rule["expiration"][0]["days"] for rule in rules if "expiration" in rule]


def noncurrent(stack: SynthesizedStack) -> list[int]:
    rules = stack.one("aws_s3_bucket_lifecycle_configuration", "data_bucket")["rule"]
    versions = [rule for rule in rules if rule["id"] == "noncurrent-versions"]
    return [rule["noncurrent_version_expiration"][0]["noncurrent_days"] for rule in versions]


def test_what_a_tenant_gets_that_sets_nothing() -> None:
    stack = silo()
    interfaces = [e for e in stack.all("aws_vpc_endpoint").values() if e["vpc_endpoint_type"] == "Interface"]
    assert [endpoint["service_name"] for endpoint in interfaces] == ["com.amazonaws.us-east-1.events"]
    assert stack.one("aws_apigatewayv2_route")["authorization_type"] == "JWT"
    assert stack.one("aws_lambda_function", "api")["reserved_concurrent_executions"] == 10
    assert (expiration(stack), noncurrent(stack)) == ([90], [30])


PROTECTED = ("aws_s3_bucket", "aws_dynamodb_table", "aws_cognito_user_pool", "aws_kms_key")


def test_a_development_environment_is_torn_down() -> None:
    stack = silo()
    assert stack.one("aws_s3_bucket")["force_destroy"] is True
    assert stack.one("aws_kms_key")["deletion_window_in_days"] == 7
    for kind in PROTECTED:
        assert not stack.one(kind).get("lifecycle")


def test_production_keeps_data_and_names_who_administers_the_key() -> None:
    stack = silo(**PRODUCTION)
    for kind in PROTECTED:
        for name, body in stack.all(kind).items():
            assert body["lifecycle"]["prevent_destroy"] is True, name
    assert (expiration(stack), noncurrent(stack)) == ([], [90])
    assert stack.one("aws_kms_key")["deletion_window_in_days"] == 30
    assert "precondition" in stack.one("aws_kms_key")["lifecycle"]
    administration = stack.statements("aws_kms_key")["AdministerWithoutUse"]
    assert administration["Condition"] == {"ArnEquals": {"aws:PrincipalArn": [ADMINISTRATOR]}}
    assert {g["retention_in_days"] for g in stack.all("aws_cloudwatch_log_group").values()} == {365}


def test_in_production_the_buckets_access_log_is_in_a_bucket_of_the_tenants_own_that_it_cannot_read() -> None:
    stack = silo(**PRODUCTION)
    assert stack.one("aws_s3_bucket", "log_bucket")["bucket"] == "tenant-acme-corp-logs-test"
    logging = stack.one("aws_s3_bucket_logging")
    assert logging["bucket"] == stack.reference("aws_s3_bucket", "data_bucket", "id")
    assert logging["target_bucket"] == stack.reference("aws_s3_bucket", "log_bucket", "id")
    assert logging["target_prefix"] == "buckets/tenant-acme-corp-data-test/"
    (written,) = [
        statement
        for statement in stack.statements("aws_s3_bucket_policy", "log_bucket").values()
        if statement["Effect"] == "Allow"
    ]
    assert written["Condition"]["ArnEquals"] == {"aws:SourceArn": ["arn:aws:s3:::tenant-acme-corp-data-test"]}
    for role in stack.all("aws_iam_role_policy"):
        assert "tenant-acme-corp-logs-test" not in json.dumps(stack.statements("aws_iam_role_policy", role))
    (rule,) = stack.one("aws_s3_bucket_lifecycle_configuration", "log_bucket")["rule"]
    assert rule["expiration"] == [{"days": 365}]
    assert not silo().all("aws_s3_bucket_logging")


def test_the_log_bucket_is_lifted_with_the_bucket_that_it_is_of() -> None:
    lifted = {
        "tenant": "acme-corp",
        "stack": "silo",
        "resource": "bucket",
        "reason": "The tenant has left, with its data.",
        "until": "2026-12-31",
    }
    entry = {
        "profile": "production",
        "account": ACCOUNT,
        "region": "us-east-1",
        "alarm_topic_arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:pager",
        "unprotected": [lifted],
    }
    registry = {**ONE_SILO, "environments": {"test": entry}}
    stack = synthesize(registry, KEY_ADMINISTRATOR_ARNS=ADMINISTRATOR).tenant("acme-corp")
    assert {body["force_destroy"] for body in stack.all("aws_s3_bucket").values()} == {True}
