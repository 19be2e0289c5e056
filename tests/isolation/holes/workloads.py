"""Holes in whom a workload runs as, and neighbours that are none."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACME,
    PLATFORM,
    RETAIL,
    Documents,
    Json,
    add,
    arn,
    name_of,
    resource,
)
from tests.isolation.holes.hole import A, G, Hole, R

_ACME_API_ROLE = arn("iam", "role/tenant-acme-corp-lambda-role-test")


def _role(documents: Documents, start: str, attribute: str = "arn", stack: str = PLATFORM) -> str:
    return "${aws_iam_role." + name_of(documents, stack, "aws_iam_role", start) + f".{attribute}}}"


def _task(documents: Documents, tenant: str) -> Json:
    return resource(documents, PLATFORM, "aws_ecs_task_definition", f"tenants_{tenant}")


def a_task_with_the_task_role_of_another_tenant(documents: Documents) -> None:
    _task(documents, "globex-inc")["task_role_arn"] = _role(documents, "tenants_acme-corp_task_role")


def a_task_with_the_execution_role_of_another_tenant(documents: Documents) -> None:
    _task(documents, "globex-inc")["execution_role_arn"] = _role(
        documents, "tenants_acme-corp_execution_role"
    )


def a_service_that_runs_the_task_of_another_tenant(documents: Documents) -> None:
    definition = name_of(documents, PLATFORM, "aws_ecs_task_definition", "tenants_acme-corp")
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_globex-inc")
    service["task_definition"] = "${aws_ecs_task_definition." + definition + ".arn}"


def a_service_that_names_the_family_of_another_tenant(documents: Documents) -> None:
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_globex-inc")
    service["task_definition"] = "saas-platform-acme-corp-task-test:7"


def a_function_with_the_role_of_another_tenant(documents: Documents) -> None:
    resource(documents, RETAIL, "aws_lambda_function", "api")["role"] = _ACME_API_ROLE


def an_integration_with_the_credentials_of_another_tenant(documents: Documents) -> None:
    resource(documents, RETAIL, "aws_apigatewayv2_integration")["credentials_arn"] = _ACME_API_ROLE


def a_target_with_the_role_of_another_tenant(documents: Documents) -> None:
    resource(documents, RETAIL, "aws_cloudwatch_event_target")["role_arn"] = _ACME_API_ROLE


def a_target_without_tags_of_a_rule_of_a_tenant(documents: Documents) -> None:
    rule = {
        "name": "globex-rule",
        "tags": {"tenant_id": G},
        "event_pattern": json.dumps({"source": ["custom.globex"]}),
    }
    add(documents, PLATFORM, "aws_cloudwatch_event_rule", "hole", rule)
    target = {
        "rule": "${aws_cloudwatch_event_rule.hole.name}",
        "arn": "${aws_ecs_cluster." + name_of(documents, PLATFORM, "aws_ecs_cluster") + ".arn}",
        "role_arn": _role(documents, "tenants_acme-corp_task_role"),
    }
    add(documents, PLATFORM, "aws_cloudwatch_event_target", "hole", target)


def a_schedule_that_starts_the_task_of_another_tenant(documents: Documents) -> None:
    definition = name_of(documents, PLATFORM, "aws_ecs_task_definition", "tenants_acme-corp")
    rule = {"name": "globex-rule", "tags": {"tenant_id": G}, "schedule_expression": "rate(1 day)"}
    add(documents, PLATFORM, "aws_cloudwatch_event_rule", "hole", rule)
    target = {
        "rule": "globex-rule",
        "arn": "${aws_ecs_cluster." + name_of(documents, PLATFORM, "aws_ecs_cluster") + ".arn}",
        "ecs_target": {"task_definition_arn": "${aws_ecs_task_definition." + definition + ".arn}"},
    }
    add(documents, PLATFORM, "aws_cloudwatch_event_target", "hole", target)


def a_pipe_with_the_role_of_another_tenant(documents: Documents) -> None:
    body = {"name": "pipe", "source": "x", "target": "y", "role_arn": _ACME_API_ROLE}
    add(documents, RETAIL, "aws_pipes_pipe", "hole", body)


def a_schedule_with_the_role_of_another_tenant(documents: Documents) -> None:
    body = {"name": "nightly", "target": [{"arn": "x", "role_arn": _ACME_API_ROLE}]}
    add(documents, RETAIL, "aws_scheduler_schedule", "hole", body)


def a_state_machine_with_the_role_of_another_tenant(documents: Documents) -> None:
    add(documents, RETAIL, "aws_sfn_state_machine", "hole", {"name": "m", "role_arn": _ACME_API_ROLE})


def a_build_with_the_role_of_another_tenant(documents: Documents) -> None:
    add(documents, RETAIL, "aws_codebuild_project", "hole", {"name": "b", "service_role": _ACME_API_ROLE})


def an_instance_with_the_profile_of_another_tenant(documents: Documents) -> None:
    profile = {"name": "acme", "role": _role(documents, "api_role", "name", ACME)}
    add(documents, ACME, "aws_iam_instance_profile", "profile", profile)
    add(documents, RETAIL, "aws_instance", "hole", {"iam_instance_profile": "acme"})


def a_role_of_the_platform_that_both_run_as(documents: Documents) -> None:
    """The role has no tag: whoever runs as it has what it may do."""
    group = name_of(documents, PLATFORM, "aws_cloudwatch_log_group", "tenants_acme-corp")
    log_group = "${aws_cloudwatch_log_group." + group + ".arn}"
    allowed = {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": f"{log_group}:*"}
    trusted = {"Service": "ecs-tasks.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}]}
    role = {"name": "shared-execution", "assume_role_policy": json.dumps(trust)}
    add(documents, PLATFORM, "aws_iam_role", "shared", role)
    policy = {"role": "${aws_iam_role.shared.name}", "policy": json.dumps({"Statement": [allowed]})}
    add(documents, PLATFORM, "aws_iam_role_policy", "shared", policy)
    for tenant in ("acme-corp", "globex-inc"):
        _task(documents, tenant)["execution_role_arn"] = "${aws_iam_role.shared.arn}"


def a_function_of_its_own_for_a_role_that_a_task_has_too(documents: Documents) -> None:
    """A denial to the function's own calls does not bind the task."""
    role = resource(documents, RETAIL, "aws_iam_role", "api_role")["name"]
    task = {"family": "retail", "task_role_arn": arn("iam", f"role/{role}"), "container_definitions": "[]"}
    add(documents, RETAIL, "aws_ecs_task_definition", "hole", task)


# Neighbours that are no holes


def the_own_task_role_as_the_own_execution_role(documents: Documents) -> None:
    _task(documents, "globex-inc")["execution_role_arn"] = _role(documents, "tenants_globex-inc_task_role")


def a_target_with_a_role_of_the_own(documents: Documents) -> None:
    trusted = {"Service": "events.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}]}
    role = {"name": "retail-events", "assume_role_policy": json.dumps(trust)}
    add(documents, RETAIL, "aws_iam_role", "events", role)
    resource(documents, RETAIL, "aws_cloudwatch_event_target")["role_arn"] = "${aws_iam_role.events.arn}"


def the_role_of_another_tenant_in_an_environment(documents: Documents) -> None:
    """A text: to act as the role, its trust policy must let the caller in."""
    function = resource(documents, RETAIL, "aws_lambda_function", "api")
    function["environment"]["variables"]["PARTNER"] = _ACME_API_ROLE


def the_credentials_of_whoever_calls(documents: Documents) -> None:
    resource(documents, RETAIL, "aws_apigatewayv2_integration")["credentials_arn"] = "arn:aws:iam::*:user/*"


SAFE = [
    the_own_task_role_as_the_own_execution_role,
    a_target_with_a_role_of_the_own,
    the_role_of_another_tenant_in_an_environment,
    the_credentials_of_whoever_calls,
]

HOLES = [
    Hole(a_task_with_the_task_role_of_another_tenant, G, A, "bucket", "s3:getobject", "task_role_arn"),
    Hole(
        a_task_with_the_execution_role_of_another_tenant,
        G,
        A,
        "secret",
        "secretsmanager:getsecretvalue",
        "execution_role_arn",
    ),
    *(
        Hole(hole, G, A, "bucket", "s3:getobject", "aws_ecs_task_definition.tenants_acme-corp")
        for hole in (
            a_service_that_runs_the_task_of_another_tenant,
            a_service_that_names_the_family_of_another_tenant,
            a_schedule_that_starts_the_task_of_another_tenant,
        )
    ),
    Hole(
        a_target_without_tags_of_a_rule_of_a_tenant,
        G,
        A,
        "bucket",
        "s3:getobject",
        "aws_cloudwatch_event_target.hole runs as",
    ),
    Hole(
        a_role_of_the_platform_that_both_run_as,
        G,
        A,
        "logs",
        "logs:getlogevents",
        "role/shared-execution",
    ),
    Hole(
        an_instance_with_the_profile_of_another_tenant,
        R,
        A,
        "table",
        "dynamodb:getitem",
        "aws_instance.hole runs as",
    ),
    Hole(
        a_function_of_its_own_for_a_role_that_a_task_has_too,
        R,
        A,
        "network",
        "ec2:",
        "aws_iam_role_policy.api_role",
    ),
    *(
        Hole(hole, R, A, "table", "dynamodb:getitem", " runs as arn:aws:iam::")
        for hole in (
            a_function_with_the_role_of_another_tenant,
            an_integration_with_the_credentials_of_another_tenant,
            a_target_with_the_role_of_another_tenant,
            a_pipe_with_the_role_of_another_tenant,
            a_schedule_with_the_role_of_another_tenant,
            a_state_machine_with_the_role_of_another_tenant,
            a_build_with_the_role_of_another_tenant,
        )
    ),
]
