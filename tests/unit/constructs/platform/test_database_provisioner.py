"""The function that makes the tenants' logins: what it may, and when it runs."""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, THREE, SynthesizedStack, platform

ROLE = "provisioner_role"
MASTER = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:rds!cluster-01234567-89ab-cdef-0123-456789abcdef-AbCdEf"


def request(stack: SynthesizedStack, tenant: str = "acme-corp") -> dict[str, Any]:
    invocation = stack.one("aws_lambda_invocation", f"tenants_{tenant}")
    found: dict[str, Any] = json.loads(stack.resolved(invocation["input"]))
    return found


def test_it_runs_in_the_private_subnets_on_its_own_security_group() -> None:
    stack = platform()
    vpc = stack.one("aws_lambda_function")["vpc_config"]
    assert vpc["subnet_ids"] == [
        f"${{{stack.address('aws_subnet', f'network_private_subnet_{zone}')}.id}}" for zone in "abc"
    ]
    group = f"${{{stack.address('aws_security_group', 'database_provisioner')}.id}}"
    assert vpc["security_group_ids"] == [group]
    egress = {
        (rule["from_port"], rule.get("referenced_security_group_id") or rule["cidr_ipv4"])
        for rule in stack.all("aws_vpc_security_group_egress_rule").values()
        if rule["security_group_id"] == group
    }
    database = f"${{{stack.address('aws_security_group', 'database_security_group')}.id}}"
    assert egress == {(5432, database), (443, "0.0.0.0/0")}
    assert not [
        rule
        for rule in stack.all("aws_vpc_security_group_ingress_rule").values()
        if rule["security_group_id"] == group
    ]


def test_it_is_told_where_the_database_and_the_masters_secret_are() -> None:
    stack = platform()
    function = stack.one("aws_lambda_function")
    assert function["handler"] == "database_provisioner.handler.handler"
    variables = {name: stack.resolved(value) for name, value in function["environment"]["variables"].items()}
    assert variables == {
        "DATABASE_HOST": "shared-platform-db-test.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com",
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "saasdb",
        "MASTER_SECRET_ARN": MASTER,
        "POWERTOOLS_SERVICE_NAME": "database_provisioner",
        "POWERTOOLS_METRICS_NAMESPACE": "TenantPlatform",
    }
    assert function["timeout"] > 70
    assert "dead_letter_config" not in function


def test_the_function_accepts_its_environment_and_its_requests() -> None:
    """Both sides of the contract, held together."""
    from database_provisioner.request import read_request
    from database_provisioner.settings import read_settings

    stack = platform()
    variables = stack.one("aws_lambda_function")["environment"]["variables"]
    settings = read_settings({name: stack.resolved(value) for name, value in variables.items()})
    assert (settings.database, settings.port, settings.master_secret) == ("saasdb", 5432, MASTER)
    for tenant in THREE:
        for action in ("create", "update", "delete"):
            read = read_request({**request(stack, tenant), "tf": {"action": action, "prev_input": None}})
            assert read.tenant == tenant
            assert read.role == f"tenant_{tenant.replace('-', '_')}"


def test_terraform_runs_it_for_each_tenant_through_its_life() -> None:
    stack = platform()
    invocations = stack.all("aws_lambda_invocation")
    assert len(invocations) == 3
    for invocation in invocations.values():
        assert invocation["lifecycle_scope"] == "CRUD"
        assert invocation["function_name"] == f"${{{stack.address('aws_lambda_function')}.function_name}}"
        # A change of triggers replaces the invocation, and the tenant would be taken away first.
        assert "triggers" not in invocation
    assert request(stack) == {
        "tenant": "acme-corp",
        "secret_arn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:rds/tenant/acme-corp/test/password-AbCdEf",
        "drop_schema": True,
        "cluster": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    }


def test_a_new_cluster_or_profile_runs_it_again() -> None:
    stack = platform()
    raw = stack.one("aws_lambda_invocation", "tenants_acme-corp")["input"]
    assert f"${{{stack.address('aws_rds_cluster')}.cluster_resource_id}}" in raw
    assert request(platform(variables=PRODUCTION))["drop_schema"] is False


def test_it_runs_while_the_database_and_the_way_to_it_stand() -> None:
    stack = platform()
    needed = set(stack.one("aws_lambda_invocation", "tenants_acme-corp")["depends_on"])
    assert {
        stack.address("aws_rds_cluster_instance", "database_writer"),
        stack.address("aws_vpc_security_group_ingress_rule", "database_provisioner"),
        stack.address("aws_vpc_security_group_egress_rule", "database_provisioner_postgresql"),
        stack.address("aws_vpc_security_group_egress_rule", "database_provisioner_https"),
        stack.address("aws_secretsmanager_secret_policy", "tenants_acme-corp"),
        *(stack.address("aws_route", f"network_private_default_route_{zone}") for zone in "abc"),
    } <= needed
    assert stack.one("aws_lambda_function")["depends_on"] == [stack.address("aws_iam_role_policy", ROLE)]


def test_it_reads_the_masters_secret_and_writes_those_of_this_environments_tenants() -> None:
    stack = platform()
    statements = stack.statements("aws_iam_role_policy", ROLE)
    assert statements["ReadMasterSecret"]["Resource"] == [MASTER]
    assert statements["ReadMasterSecret"]["Action"] == ["secretsmanager:GetSecretValue"]
    write = statements["WriteTenantsSecrets"]
    assert write["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    (pattern,) = write["Resource"]
    for secret in stack.all("aws_secretsmanager_secret").values():
        arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{secret['name']}-AbCdEf"
        assert fnmatch.fnmatch(arn, pattern)
    for other in (
        "rds/tenant/acme-corp/prod/password-AbCdEf",
        "rds!cluster-x-AbCdEf",
        "test/password-AbCdEf",
    ):
        assert not fnmatch.fnmatch(f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{other}", pattern)


def test_it_uses_the_tenants_keys_through_secrets_manager_alone() -> None:
    keys = platform().statements("aws_iam_role_policy", ROLE)["UseTenantsKeysForSecrets"]
    assert keys["Condition"] == {
        "StringEquals": {"kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"]},
        "ForAnyValue:StringLike": {"kms:ResourceAliases": ["alias/saas-platform-*-test"]},
    }


@pytest.mark.parametrize("kind", ["aws_iam_role", "aws_iam_role_policy", "aws_lambda_function"])
def test_a_tenant_that_comes_does_not_change_it(kind: str) -> None:
    one, three = platform("acme-corp"), platform()
    prefix = "provisioner_role" if kind.startswith("aws_iam") else "database_provisioner"
    assert one.one(kind, prefix) == three.one(kind, prefix)


def test_its_logs_are_encrypted_and_its_own() -> None:
    stack = platform()
    group = stack.one("aws_cloudwatch_log_group", "database_provisioner")
    assert group["name"] == "/aws/lambda/shared-platform-db-provisioner-test"
    write = stack.statements("aws_iam_role_policy", ROLE)["WriteOwnLogGroup"]
    assert write["Resource"] == [f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group['name']}:log-stream:*"]
    assert not re.search(r"PrincipalTag/TenantId", stack.one("aws_iam_role_policy", ROLE)["policy"])
