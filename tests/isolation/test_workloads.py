"""Whom workloads run as, and where they run, as far as that is not known: never PROVED."""

from __future__ import annotations

import pytest

from isolation.inventory.employments import Employments
from isolation.inventory.names import Names
from isolation.synthesized.reading import build_stacks
from isolation.verdict.analysis import analyse
from isolation.verdict.report import Report
from tests.isolation.holes.editing import (
    ACME,
    PLATFORM,
    RETAIL,
    add,
    allow,
    arn,
    name_of,
    resource,
    retail_policy,
)
from tests.isolation.stacks import Documents, documents

SERVICE_LINKED = "role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"


def _with_credentials(role: str) -> Report:
    stacks = documents()
    resource(stacks, RETAIL, "aws_apigatewayv2_integration")["credentials_arn"] = role
    return analyse(stacks)


@pytest.mark.parametrize(
    "role", [arn("iam", "role/elsewhere"), "${data.aws_iam_role.other.arn}", "${var.role}"]
)
def test_a_role_that_no_stack_declares_may_do_anything(role: str) -> None:
    report = _with_credentials(role)
    finding = report.findings["retail-co", "acme-corp", "table"]
    assert finding.verdict == "UNKNOWN"
    assert "aws_apigatewayv2_integration" in finding.steps[0]
    assert ("acme-corp", "retail-co", "table") not in report.findings


def test_a_service_linked_role_is_nobodys() -> None:
    assert _with_credentials(arn("iam", SERVICE_LINKED)).verdict == "PROVED"


def _functions_of(stacks: Documents, start: str) -> tuple[str, ...] | None:
    built = build_stacks(stacks, "123456789012")
    employments = Employments(built, Names(built))
    stack = next(stack for stack in built if stack.id == RETAIL)
    role = stack.resources["aws_iam_role", name_of(stacks, RETAIL, "aws_iam_role", start)]
    return employments.functions_of(stack.arn(role))


def test_the_credentials_of_a_function_are_only_its_own_while_nothing_else_has_them() -> None:
    stacks = documents()
    function = "arn:aws:lambda:us-east-1:123456789012:function:tenant-retail-co-api-test"
    assert _functions_of(stacks, "api_role") == (function,)
    role = resource(stacks, RETAIL, "aws_iam_role", "api_role")["name"]
    add(stacks, RETAIL, "aws_pipes_pipe", "more", {"name": "more", "role_arn": arn("iam", f"role/{role}")})
    assert _functions_of(stacks, "api_role") is None


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("prefix_list_id", "pl-0123456789abcdef0"),
        ("cidr_ipv4", "${var.offices}"),
        ("referenced_security_group_id", "sg-0123456789abcdef0"),
    ],
)
def test_a_rule_whose_other_end_is_not_known_may_admit_anybody(argument: str, value: str) -> None:
    stacks = documents()
    group = "${aws_security_group." + name_of(stacks, PLATFORM, "aws_security_group", "tenants_acme") + ".id}"
    body = {"security_group_id": group, "ip_protocol": "${var.protocol}", argument: value}
    add(stacks, PLATFORM, "aws_vpc_security_group_ingress_rule", "more", body)
    assert analyse(stacks).findings["globex-inc", "acme-corp", "network"].verdict == "UNKNOWN"


def test_a_rule_of_a_group_that_is_not_known_may_be_anybodys() -> None:
    stacks = documents()
    body = {"security_group_id": "sg-0123456789abcdef0", "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"}
    add(stacks, PLATFORM, "aws_vpc_security_group_ingress_rule", "more", body)
    assert analyse(stacks).findings["globex-inc", "acme-corp", "network"].verdict == "UNKNOWN"


def test_ports_by_an_expression_are_all_ports() -> None:
    stacks = documents()
    rules = stacks[PLATFORM]["resource"]["aws_vpc_security_group_ingress_rule"]
    start = "tenants_acme-corp"
    rule = next(body for name, body in rules.items() if name.startswith(start))
    rule |= {"from_port": "${var.port}", "to_port": "${var.port}"}
    assert analyse(stacks).verdict == "PROVED"


@pytest.mark.parametrize(
    "service", ["com.amazonaws.vpce.us-east-1.vpce-svc-0123", "${var.service}", "com.amazonaws.us-east-1.new"]
)
def test_an_endpoint_of_a_service_that_is_not_known_may_lead_anywhere(service: str) -> None:
    stacks = documents()
    resource(stacks, RETAIL, "aws_vpc_endpoint", "network_events")["service_name"] = service
    assert analyse(stacks).findings["retail-co", "acme-corp", "network"].verdict == "UNKNOWN"


def test_an_alias_by_an_expression_may_be_any() -> None:
    stacks = documents()
    resource(stacks, ACME, "aws_kms_alias")["name"] = "${var.alias}"
    key = resource(stacks, ACME, "aws_kms_key")
    allow(key, "kms:Decrypt", Principal={"AWS": arn("iam", "root")}, Sid="Delegate")
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/tenant-retail-co"}}
    allow(retail_policy(stacks), "kms:Decrypt", Condition=condition)
    assert analyse(stacks).findings["retail-co", "acme-corp", "key"].verdict == "UNKNOWN"
