"""A function behind an HTTP API in a root of a tenant."""

import base64
import hashlib
import json
import zipfile
from pathlib import Path

from tests.emulator.roots.writing import Block, allow, policy, trust

HANDLER = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n"


def api(folder: Path) -> dict[str, Block]:
    """A tenant's function behind an HTTP API, its user pool, its rule and its dead letters."""
    archive = folder / "handler.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(zipfile.ZipInfo("app.py"), HANDLER)
    digest = base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode()
    return {
        "aws_iam_role.api": {"name": "api", "assume_role_policy": trust("lambda.amazonaws.com")},
        "aws_iam_role_policy.api": {
            "name": "api",
            "role": "${aws_iam_role.api.id}",
            "policy": policy(allow("sqs:SendMessage", "${aws_sqs_queue.letters.arn}")),
        },
        "aws_cloudwatch_log_group.api": {
            "name": "/aws/lambda/api",
            "retention_in_days": 30,
            "kms_key_id": "${aws_kms_key.main.arn}",
        },
        "aws_sqs_queue.letters": {
            "name": "letters",
            "kms_master_key_id": "${aws_kms_key.main.arn}",
            "message_retention_seconds": 1209600,
        },
        "aws_sqs_queue_policy.letters": {
            "queue_url": "${aws_sqs_queue.letters.id}",
            "policy": policy(
                allow(
                    "sqs:SendMessage",
                    "${aws_sqs_queue.letters.arn}",
                    Principal={"Service": "events.amazonaws.com"},
                    Condition={"ArnEquals": {"aws:SourceArn": "${aws_cloudwatch_event_rule.signup.arn}"}},
                )
            ),
        },
        "aws_lambda_function.api": {
            "function_name": "api",
            "role": "${aws_iam_role.api.arn}",
            "runtime": "python3.13",
            "handler": "app.handler",
            "filename": str(archive),
            "source_code_hash": digest,
            "memory_size": 256,
            "timeout": 60,
            "reserved_concurrent_executions": 10,
            "kms_key_arn": "${aws_kms_key.main.arn}",
            "environment": [{"variables": {"TENANT_ID": "acme"}}],
            "tracing_config": [{"mode": "Active"}],
            "dead_letter_config": [{"target_arn": "${aws_sqs_queue.letters.arn}"}],
            "vpc_config": [
                {
                    "subnet_ids": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
                    "security_group_ids": ["${aws_security_group.functions.id}"],
                }
            ],
            "logging_config": [
                {
                    "log_format": "JSON",
                    "log_group": "${aws_cloudwatch_log_group.api.name}",
                    "application_log_level": "INFO",
                    "system_log_level": "WARN",
                }
            ],
        },
        "aws_lambda_function_event_invoke_config.api": {
            "function_name": "${aws_lambda_function.api.function_name}",
            "maximum_event_age_in_seconds": 3600,
            "maximum_retry_attempts": 2,
            "destination_config": [{"on_failure": [{"destination": "${aws_sqs_queue.letters.arn}"}]}],
        },
        "aws_cognito_user_pool.users": {
            "name": "users",
            "deletion_protection": "INACTIVE",
            "admin_create_user_config": [{"allow_admin_create_user_only": True}],
            "password_policy": [
                {
                    "minimum_length": 14,
                    "require_lowercase": True,
                    "require_numbers": True,
                    "require_symbols": True,
                    "require_uppercase": True,
                    "temporary_password_validity_days": 7,
                }
            ],
            "mfa_configuration": "OFF",
        },
        "aws_cognito_user_pool_client.api": {
            "name": "api",
            "user_pool_id": "${aws_cognito_user_pool.users.id}",
            "explicit_auth_flows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "generate_secret": False,
            "prevent_user_existence_errors": "ENABLED",
            "access_token_validity": 60,
            "token_validity_units": [
                {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}
            ],
        },
        "aws_apigatewayv2_api.http": {"name": "http", "protocol_type": "HTTP"},
        "aws_apigatewayv2_authorizer.jwt": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "authorizer_type": "JWT",
            "identity_sources": ["$request.header.Authorization"],
            "name": "jwt",
            "jwt_configuration": [
                {
                    "audience": ["${aws_cognito_user_pool_client.api.id}"],
                    "issuer": "https://${aws_cognito_user_pool.users.endpoint}",
                }
            ],
        },
        "aws_apigatewayv2_integration.api": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "integration_type": "AWS_PROXY",
            "integration_uri": "${aws_lambda_function.api.invoke_arn}",
            "payload_format_version": "2.0",
        },
        "aws_apigatewayv2_route.default": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "route_key": "$default",
            "authorization_type": "JWT",
            "authorizer_id": "${aws_apigatewayv2_authorizer.jwt.id}",
            "target": "integrations/${aws_apigatewayv2_integration.api.id}",
        },
        "aws_cloudwatch_log_group.access": {"name": "/aws/apigateway/http", "retention_in_days": 30},
        "aws_apigatewayv2_stage.default": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "name": "$default",
            "auto_deploy": True,
            "access_log_settings": [
                {
                    "destination_arn": "${aws_cloudwatch_log_group.access.arn}",
                    "format": json.dumps({"requestId": "$context.requestId"}),
                }
            ],
            "default_route_settings": [
                {
                    "throttling_burst_limit": 20,
                    "throttling_rate_limit": 10,
                    "detailed_metrics_enabled": True,
                }
            ],
        },
        "aws_lambda_permission.http": {
            "statement_id": "AllowHttpApiInvoke",
            "action": "lambda:InvokeFunction",
            "function_name": "${aws_lambda_function.api.function_name}",
            "principal": "apigateway.amazonaws.com",
            "source_arn": "${aws_apigatewayv2_api.http.execution_arn}/*/*",
        },
        "aws_cloudwatch_event_rule.signup": {
            "name": "signup",
            "event_pattern": json.dumps({"source": ["custom.signup"], "detail": {"tenantId": ["acme"]}}),
        },
        "aws_cloudwatch_event_target.signup": {
            "rule": "${aws_cloudwatch_event_rule.signup.name}",
            "target_id": "tenant-acme-lambda-target",
            "arn": "${aws_lambda_function.api.arn}",
            "retry_policy": [{"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 4}],
            "dead_letter_config": [{"arn": "${aws_sqs_queue.letters.arn}"}],
        },
        "aws_lambda_permission.events": {
            "statement_id": "AllowEventBridgeInvoke",
            "action": "lambda:InvokeFunction",
            "function_name": "${aws_lambda_function.api.function_name}",
            "principal": "events.amazonaws.com",
            "source_arn": "${aws_cloudwatch_event_rule.signup.arn}",
        },
        "aws_cloudwatch_metric_alarm.errors": {
            "alarm_name": "errors",
            "alarm_description": "The function fails",
            "namespace": "AWS/Lambda",
            "metric_name": "Errors",
            "statistic": "Sum",
            "period": 300,
            "evaluation_periods": 1,
            "threshold": 1,
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "treat_missing_data": "notBreaching",
            "dimensions": {"FunctionName": "${aws_lambda_function.api.function_name}"},
        },
    }
