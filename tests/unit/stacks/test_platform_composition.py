"""Who gets what on the platform: what each construct is told by the stack, the registry and the profile."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

import pytest

from tests.synthesis import (
    ACCOUNT,
    ADMINISTRATOR,
    PRODUCTION,
    THREE,
    StackDocument,
    SynthesizedStack,
    fargate_registry,
    platform,
    strings,
    synthesize,
)

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
KEYS = ("platform_key", *(f"tenants_{tenant}_tenant_key" for tenant in THREE))
ROOT_PRINCIPAL = [f"arn:aws:iam::{ACCOUNT}:root"]
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


def group_of(stack: SynthesizedStack, tenant: str) -> str:
    return stack.reference("aws_security_group", f"tenants_{tenant}_security_group", "id")


def logins(stack: SynthesizedStack, tenant: str) -> dict[str, dict[str, Any]]:
    """What the database provisioner is asked to do for a tenant, by the invocations' lifecycle scopes."""
    return {
        body["lifecycle_scope"]: json.loads(stack.resolved(body["input"]))
        for name, body in stack.all("aws_lambda_invocation").items()
        if name.startswith(f"tenants_{tenant}_database_login_")
    }


def erasable(stack: SynthesizedStack) -> str:
    """Whose data the database's function drops."""
    return str(stack.one("aws_lambda_function")["environment"]["variables"]["ERASABLE_TENANTS"])


def test_each_tenant_has_what_carries_its_own_name() -> None:
    stack = platform()
    names = {
        kind: {body[argument] for name, body in stack.all(kind).items() if name.startswith("tenants_")}
        for kind, argument in (
            ("aws_secretsmanager_secret", "name"),
            ("aws_s3_bucket", "bucket"),
            ("aws_kms_alias", "name"),
            ("aws_ecs_service", "name"),
        )
    }
    assert names == {
        "aws_secretsmanager_secret": {f"rds/tenant/{tenant}/test/password" for tenant in THREE},
        "aws_s3_bucket": {f"saas-platform-{tenant}-data-test" for tenant in THREE},
        "aws_kms_alias": {f"alias/saas-platform-{tenant}-test" for tenant in THREE},
        "aws_ecs_service": {f"saas-platform-{tenant}-service-test" for tenant in THREE},
    }
    for tenant in THREE:
        assert set(logins(stack, tenant)) == {"CREATE_ONLY", "CRUD"}
        for requested in logins(stack, tenant).values():
            assert requested["tenant"] == tenant
            assert f"rds/tenant/{tenant}/test/password" in requested["secret_arn"]


def test_the_tenants_and_the_provisioner_connect_to_the_database_and_nobody_else() -> None:
    stack = platform()
    database = stack.reference("aws_security_group", "database_security_group", "id")
    rules = [rule for rule in stack.all(INGRESS).values() if rule["security_group_id"] == database]
    provisioner = stack.reference("aws_security_group", "database_provisioner", "id")
    expected = sorted([provisioner, *(group_of(stack, tenant) for tenant in THREE)])
    assert sorted(rule["referenced_security_group_id"] for rule in rules) == expected
    for rule in rules:
        assert not {"cidr_ipv4", "cidr_ipv6", "prefix_list_id"} & set(rule)
    assert not [r for r in stack.all(EGRESS).values() if r["security_group_id"] == database]


def test_a_tenants_group_is_named_by_its_own_rules_and_the_databases_alone() -> None:
    """A rule between two tenants' groups would name two of them, one on each side."""
    stack = platform()
    groups = {group_of(stack, tenant): tenant for tenant in THREE}
    shared = {
        stack.reference("aws_security_group", role, "id")
        for role in ("database_security_group", "load_balancer")
    }
    for kind in (INGRESS, EGRESS):
        for name, rule in stack.all(kind).items():
            sides = {rule["security_group_id"], rule.get("referenced_security_group_id")} - {None}
            named = [groups[side] for side in sides if side in groups]
            if named:
                assert len(named) == 1, name
                assert name.startswith(f"tenants_{named[0]}_")
                assert sides - set(groups) <= shared


def test_no_policy_of_a_tenant_names_another() -> None:
    stack = platform("acme", "acme-eu")
    found = 0
    for kind in (
        "aws_iam_role_policy",
        "aws_s3_bucket_policy",
        "aws_secretsmanager_secret_policy",
        "aws_kms_key",
    ):
        for name, body in stack.all(kind).items():
            if name.startswith("tenants_acme_"):
                found += 1
                for text in strings(json.loads(stack.resolved(body["policy"]))):
                    assert "acme-eu" not in text
                    assert "acme-*" not in text
    assert found == 5


@pytest.mark.parametrize("key", KEYS)
def test_in_production_named_administrators_alone_use_the_deployers_rights(key: str) -> None:
    stack = platform(variables=PRODUCTION)
    statements = stack.statements("aws_kms_key", key)
    delegated = [s for s in statements.values() if s["Principal"].get("AWS") == ROOT_PRINCIPAL]
    assert len(delegated) > 1
    for statement in delegated:
        assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [ADMINISTRATOR]
    body = stack.one("aws_kms_key", key)
    assert body["lifecycle"]["prevent_destroy"] is True
    assert len(body["lifecycle"]["precondition"]) == 1
    assert body["deletion_window_in_days"] == 30


@pytest.mark.parametrize("key", KEYS)
def test_in_development_keys_go_in_a_week(key: str) -> None:
    assert platform().one("aws_kms_key", key)["deletion_window_in_days"] == 7
    assert "Condition" not in platform().statements("aws_kms_key", key)["AdministerWithoutUse"]


@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_the_platforms_key_names_the_log_groups_that_are_deployed(variables: dict[str, str]) -> None:
    stack = platform(variables=variables)
    assert stack.one("aws_kms_key", "platform_key")["description"] == (
        "Database and logs of the shared platform"
    )
    assert stack.one("aws_kms_alias", "platform_key")["name"] == "alias/shared-platform-test"
    logs = stack.statements("aws_kms_key", "platform_key")["EncryptLogGroups"]["Condition"]["ArnEquals"]
    groups = stack.all("aws_cloudwatch_log_group")
    deployed = [body for name, body in groups.items() if not name.startswith("tenants_")]
    key = stack.reference("aws_kms_key", "platform_key")
    assert [group["kms_key_id"] for group in deployed] == [key] * (5 if variables else 4)
    assert set(logs["kms:EncryptionContext:aws:logs:arn"]) == {
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group['name']}" for group in deployed
    }


def test_flow_logs_are_the_platforms() -> None:
    stack = platform()
    assert stack.one("aws_cloudwatch_log_group", "flow_logs")["name"] == (
        "/aws/vpc/shared-platform-flow-logs-test"
    )
    assert stack.one("aws_iam_role", "flow_logs")["name"] == "shared-platform-flow-logs-role-test"
    assert stack.one("aws_flow_log")["vpc_id"] == stack.reference("aws_vpc", attribute="id")


def test_the_provisioners_role_is_lambdas_and_its_rights_cover_every_tenants_secret() -> None:
    stack = platform()
    (trust,) = stack.statements("aws_iam_role", "provisioner_role", "assume_role_policy").values()
    assert trust["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    role = stack.one("aws_iam_role", "provisioner_role")
    assert role["name"] == "shared-platform-db-provisioner-role-test"
    assert stack.one("aws_lambda_function")["role"] == stack.reference("aws_iam_role", "provisioner_role")
    statements = stack.statements("aws_iam_role_policy", "provisioner_role")
    (pattern,) = statements["WriteTenantsSecrets"]["Resource"]
    for secret in stack.all("aws_secretsmanager_secret").values():
        arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{secret['name']}-AbCdEf"
        assert fnmatch.fnmatch(arn, pattern)
    (alias,) = statements["UseTenantsKeysForSecrets"]["Condition"]["ForAnyValue:StringLike"][
        "kms:ResourceAliases"
    ]
    aliases = stack.all("aws_kms_alias").items()
    matched = {name.split("_")[0] for name, body in aliases if fnmatch.fnmatch(body["name"], alias)}
    assert matched == {"tenants"}, "and not the platform's own"


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("aws_iam_role", "provisioner_role"),
        ("aws_iam_role_policy", "provisioner_role"),
        ("aws_lambda_function", "database_provisioner"),
        ("aws_kms_key", "platform_key"),
    ],
)
def test_a_tenant_that_comes_does_not_change_the_provisioner_and_its_key(kind: str, role: str) -> None:
    assert platform("acme-corp").one(kind, role) == platform().one(kind, role)


def test_three_zones_and_the_registrys_block_in_the_regions_letters() -> None:
    stack = platform("acme-corp", cidr="172.16.0.0/18", variables={"AWS_REGION": "eu-west-1"})
    assert stack.one("aws_vpc")["cidr_block"] == "172.16.0.0/18"
    zones = [f"eu-west-1{zone}" for zone in "abc"]
    subnets = stack.all("aws_subnet").values()
    assert sorted(subnet["availability_zone"] for subnet in subnets) == sorted(zones * 2)
    assert len(stack.all("aws_nat_gateway")) == len(stack.all("aws_eip")) == 3
    (out,) = (rule for name, rule in stack.all(EGRESS).items() if name.startswith("load_balancer"))
    assert out["cidr_ipv4"] == "172.16.0.0/18"


def test_development_is_small_and_torn_down() -> None:
    stack = platform()
    for kind in ("aws_vpc_endpoint", "aws_wafv2_web_acl", "aws_iam_role_policy_attachment"):
        assert not stack.all(kind)
    assert len(stack.all("aws_rds_cluster_instance")) == 1
    cluster = stack.one("aws_rds_cluster")
    assert (cluster["backup_retention_period"], cluster["deletion_protection"]) == (1, False)
    assert stack.one("aws_lb")["enable_deletion_protection"] is False
    tenant = "tenants_acme-corp"
    assert stack.one("aws_secretsmanager_secret", tenant)["recovery_window_in_days"] == 0
    assert stack.one("aws_s3_bucket", tenant)["force_destroy"] is True
    assert erasable(stack) == "*"


def test_production_has_endpoints_a_firewall_a_reader_and_keeps_data() -> None:
    stack = platform(variables=PRODUCTION)
    assert len(stack.all("aws_vpc_endpoint")) == 7
    assert stack.one("aws_wafv2_web_acl_association")["resource_arn"] == stack.reference("aws_lb")
    instances = stack.all("aws_rds_cluster_instance").values()
    assert [instance["performance_insights_enabled"] for instance in instances] == [True, True]
    cluster = stack.one("aws_rds_cluster")
    assert (cluster["backup_retention_period"], cluster["deletion_protection"]) == (35, True)
    assert stack.one("aws_lb")["enable_deletion_protection"] is True
    tenant = "tenants_acme-corp"
    assert stack.one("aws_secretsmanager_secret", tenant)["recovery_window_in_days"] == 30
    bucket = stack.one("aws_s3_bucket", tenant)
    assert (bucket["force_destroy"], bucket["lifecycle"]) == (False, {"prevent_destroy": True})
    assert erasable(stack) == ""


def test_in_production_tasks_reach_the_database_the_endpoints_and_what_is_listed() -> None:
    """And the database's function the database and the endpoints."""
    broker = {"cidr": "203.0.113.0/24", "port": 5671, "reason": "The tenant's broker is there."}
    first, second, _ = THREE
    stack = platform(first, second, settings={"egress": [broker]}, variables=PRODUCTION)
    own = [
        {"referenced_security_group_id": stack.reference("aws_security_group", "endpoints", "id")},
        {"prefix_list_id": stack.reference("aws_vpc_endpoint", "endpoints_s3", "prefix_list_id")},
        {"referenced_security_group_id": stack.reference("aws_security_group", "database_security", "id")},
    ]
    assert places(stack, f"tenants_{first}_") == [*own, {"cidr_ipv4": "203.0.113.0/24"}]
    assert places(stack, f"tenants_{second}_") == own
    assert places(stack, "database_provisioner") == [own[0], own[2]]
    assert places(platform(), f"tenants_{first}_") == [{"cidr_ipv4": "0.0.0.0/0"}]


def places(stack: StackDocument, role: str) -> list[dict[str, str]]:
    """What the group of `role` lets out to."""
    kinds = {"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"}
    rules = [rule for name, rule in stack.all(EGRESS).items() if name.startswith(role)]
    return [{kind: rule[kind] for kind in kinds & set(rule)} for rule in rules]


@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_no_password_is_in_terraform(variables: dict[str, str]) -> None:
    stack = platform(variables=variables)
    assert not {
        "aws_secretsmanager_secret_version",
        "aws_secretsmanager_secret_rotation",
        "random_password",
    } & set(stack.document["resource"])
    assert "random_password" not in stack.text


def test_tenants_rules_are_where_requests_are_encrypted() -> None:
    two = THREE[:2]
    stack = platform(*two, domain="saas.example.org", certificate_arn=CERTIFICATE)
    assert stack.one("aws_lb_listener", "load_balancer_https")["certificate_arn"] == CERTIFICATE
    for tenant in two:
        rule = stack.one("aws_lb_listener_rule", f"tenants_{tenant}_")
        assert rule["listener_arn"] == stack.reference("aws_lb_listener", "load_balancer_https")
        hosts = [f"{tenant}.saas.example.org", f"*.{tenant}.saas.example.org"]
        assert rule["condition"] == [{"host_header": {"values": hosts}}]
        group = stack.reference("aws_lb_target_group", f"tenants_{tenant}_")
        assert rule["action"] == [{"type": "forward", "target_group_arn": group}]


def test_a_tenants_settings_are_its_own() -> None:
    settings = {"log_retention_days": 7, "minimum_tasks": 3, "maximum_tasks": 20, "object_expiration_days": 5}
    stack = platform(*THREE[:2], settings=settings)
    own, other = "tenants_acme-corp", "tenants_globex-inc"
    kind = "aws_cloudwatch_log_group"
    assert [stack.one(kind, tenant)["retention_in_days"] for tenant in (own, other)] == [7, 30]
    targets = [stack.one("aws_appautoscaling_target", tenant) for tenant in (own, other)]
    assert [(t["min_capacity"], t["max_capacity"]) for t in targets] == [(3, 20), (2, 8)]
    assert stack.one("aws_ecs_service", own)["desired_count"] == 3
    rules = stack.one("aws_s3_bucket_lifecycle_configuration", own)["rule"]
    assert [rule["expiration"] for rule in rules if "expiration" in rule] == [[{"days": 5}]]


def test_the_default_image_is_nginx() -> None:
    from config.registry.tenants import Fargate

    assert Fargate(listener_priority=1).image == "nginx:latest"


def test_priorities_are_the_registrys_and_stay_when_a_tenant_leaves() -> None:
    registry = fargate_registry(*THREE)
    registry["tenants"]["initech-llc"]["fargate"]["listener_priority"] = 700
    before = synthesize(registry).platform().all("aws_lb_listener_rule")
    assert {rule["priority"] for rule in before.values()} == {1, 2, 700}
    del registry["tenants"]["globex-inc"]
    after = synthesize(registry).platform().all("aws_lb_listener_rule")
    assert after == {name: rule for name, rule in before.items() if "globex" not in name}


def test_policies_fit_with_the_longest_names() -> None:
    """Inline policies of 10,240 characters, bucket policies of 20 KiB, key policies of 32 KiB.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
    https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    """
    variables = {**PRODUCTION, "ENVIRONMENT_SUFFIX": "s" * 12}
    stack = platform("a" * 30, variables=variables)
    for kind, limit in (
        ("aws_iam_role_policy", 10_240),
        ("aws_s3_bucket_policy", 20 * 1024),
        ("aws_kms_key", 32 * 1024),
    ):
        assert stack.all(kind)
        for body in stack.all(kind).values():
            assert len(stack.resolved(body["policy"])) < limit


def test_in_production_port_80_redirects_and_no_rule_is_on_it() -> None:
    stack = platform(variables=PRODUCTION)
    plain = stack.one("aws_lb_listener", "load_balancer_http_listener")
    assert (plain["port"], [action["type"] for action in plain["default_action"]]) == (80, ["redirect"])
    assert set(stack.all("aws_lb_listener")) == {
        stack.address("aws_lb_listener", f"load_balancer_{role}_listener").partition(".")[2]
        for role in ("http", "https")
    }
    https = stack.reference("aws_lb_listener", "load_balancer_https_listener")
    assert {rule["listener_arn"] for rule in stack.all("aws_lb_listener_rule").values()} == {https}


def at_its_own_domain() -> SynthesizedStack:
    """A platform in production whose first tenant takes large bodies."""
    settings = {"large_bodies": "Its customers upload pictures."}
    return platform(
        *THREE[:2], variables=PRODUCTION, settings=settings, domain="example.org", requests_per_address=900
    )


def test_an_issued_certificate_is_the_listeners_once_it_is_validated() -> None:
    stack = at_its_own_domain()
    https = stack.one("aws_lb_listener", "load_balancer_https_listener")
    assert https["certificate_arn"] == stack.reference(
        "aws_acm_certificate_validation", attribute="certificate_arn"
    )
    assert stack.one("aws_acm_certificate")["domain_name"] == "example.org"
    given = platform("acme-corp", variables=PRODUCTION, certificate_arn=CERTIFICATE)
    assert given.one("aws_lb_listener", "load_balancer_https_listener")["certificate_arn"] == CERTIFICATE
    assert not given.all("aws_acm_certificate")


def test_an_erasure_is_recorded_in_the_registry_and_asked_for_once() -> None:
    reason = "Its contract has ended, and it asked for erasure."
    retired = {"gone": {"erase": reason}, "left": {}, "also-gone": {"erase": reason}}
    settings = {"returns": "It came back on the same contract."}
    registry = {**fargate_registry(*THREE[:2], settings=settings), "retired": retired}
    stack = synthesize(registry, **PRODUCTION).platform()
    assert erasable(stack) == "also-gone,gone"
    asked = [
        json.loads(body["input"])
        for name, body in stack.all("aws_lambda_invocation").items()
        if name.startswith("erasures_")
    ]
    assert asked == [{"action": "erase", "tenant": tenant} for tenant in ("also-gone", "gone")]
    assert logins(stack, "acme-corp")["CREATE_ONLY"]["returning"] is True
    assert "returning" not in logins(stack, "globex-inc")["CREATE_ONLY"]


def test_the_web_acl_is_told_who_takes_large_bodies_and_how_many_requests_are_too_many() -> None:
    stack = at_its_own_domain()
    first, *_, last = stack.one("aws_wafv2_web_acl")["rule"]
    assert first["statement"]["rate_based_statement"]["limit"] == 900
    assert r"(acme-corp)\\.example\\.org" in json.dumps(last["statement"])
    assert "globex" not in json.dumps(last)
    reason = "Its clients are tried against the rules for a week."
    counting = platform("acme-corp", settings={"web_acl_counts": reason}, variables=PRODUCTION)
    rules = counting.one("aws_wafv2_web_acl")["rule"]
    counted = [rule for rule in rules if rule.get("override_action") == {"count": {}}]
    assert len(counted) == 4
    assert all(r"(acme-corp)\\.example\\.com" in json.dumps(rule["statement"]) for rule in counted)


def test_in_production_tenants_buckets_keep_access_logs_where_no_tenant_reads_them() -> None:
    stack = platform(variables=PRODUCTION)
    for tenant in THREE:
        logging = stack.one("aws_s3_bucket_logging", f"tenants_{tenant}_")
        assert logging["bucket"] == stack.reference("aws_s3_bucket", f"tenants_{tenant}_", "id")
        assert logging["target_bucket"] == stack.reference("aws_s3_bucket", "log_bucket", "id")
        assert logging["target_prefix"] == f"buckets/saas-platform-{tenant}-data-test/"
    written = stack.statements("aws_s3_bucket_policy", "log_bucket")["WriteBucketAccessLogs"]
    assert written["Condition"] == {
        "ArnLike": {"aws:SourceArn": ["arn:aws:s3:::saas-platform-*-data-test"]},
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
    }
    for role in stack.all("aws_iam_role_policy"):
        assert "shared-platform-logs-test" not in json.dumps(stack.statements("aws_iam_role_policy", role))
    assert not platform().all("aws_s3_bucket_logging")
