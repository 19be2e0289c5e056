"""The shared platform as a whole: addresses, tags, outputs, and tenants that come and leave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.snapshot import assert_matches
from tests.synthesis import (
    ACCOUNT,
    PRODUCTION,
    THREE,
    SynthesizedStack,
    fargate_registry,
    platform,
    strings,
    synthesize,
)

# What a deployed environment would lose if one of these changed.
SHARED_STATEFUL_ADDRESSES = {
    "aws_cloudwatch_log_group.database_log_group_45F1A691",
    "aws_cloudwatch_log_group.database_provisioner_function_log_group_91EA9758",
    "aws_cloudwatch_log_group.ecs_log_group_4178CF96",
    "aws_cloudwatch_log_group.flow_logs_log_group_C58EF5F0",
    "aws_kms_key.platform_key_E02BB579",
    "aws_rds_cluster.database_cluster_FAF2FB92",
    "aws_rds_cluster_instance.database_writer_36AD03F8",
    "aws_vpc.network_vpc_4E8F0223",
}
TENANT_STATEFUL_ADDRESSES = {
    "aws_cloudwatch_log_group.tenants_acme-corp_log_group_14CAE659",
    "aws_kms_key.tenants_acme-corp_tenant_key_541A338A",
    # Its end drops the tenant's login, and its schema where the profile says so.
    "aws_lambda_invocation.tenants_acme-corp_database_login_7E6EB136",
    "aws_lambda_invocation.tenants_acme-corp_database_login_setup_DCCA7288",
    "aws_s3_bucket.tenants_acme-corp_data_bucket_39A1EDB8",
    "aws_secretsmanager_secret.tenants_acme-corp_secret_8EA090CB",
}
STATEFUL_KINDS = {address.split(".")[0] for address in SHARED_STATEFUL_ADDRESSES | TENANT_STATEFUL_ADDRESSES}
OF_A_PULL_REQUEST = {
    "ENVIRONMENT_SUFFIX": "dev",
    "REPOSITORY": "acme/platform",
    "COMMIT_AUTHOR": "dev@example.com",
    "PR_NUMBER": "7",
    "TEAM": "platform",
    "CREATED_AT": "2026-02-03T04:05:06Z",
}


def resources(stack: SynthesizedStack) -> dict[str, Any]:
    """Every resource by address."""
    return {
        f"{kind}.{name}": body
        for kind, found in stack.document["resource"].items()
        for name, body in found.items()
    }


def test_snapshot() -> None:
    assert_matches("shared-platform", platform())


def test_snapshot_of_production() -> None:
    assert_matches("shared-platform-production", platform("acme-corp", variables=PRODUCTION))


def test_the_addresses_of_stateful_resources_are_pinned() -> None:
    """A change here destroys data: it needs a `moved` block and a line in the CHANGELOG."""
    found = {
        address for address in platform("acme-corp").addresses if address.split(".")[0] in STATEFUL_KINDS
    }
    assert found == SHARED_STATEFUL_ADDRESSES | TENANT_STATEFUL_ADDRESSES
    production = {
        address
        for address in platform("acme-corp", variables=PRODUCTION).addresses
        if address.split(".")[0] in STATEFUL_KINDS
    }
    assert production - found == {
        "aws_cloudwatch_log_group.web_acl_log_group_3AA9B055",
        "aws_rds_cluster_instance.database_reader_665D6E24",
        "aws_s3_bucket.log_bucket_BB8B1AF7",
    }
    assert found <= production


def test_two_environments_have_the_same_addresses() -> None:
    assert platform("acme-corp", variables=OF_A_PULL_REQUEST).addresses == platform("acme-corp").addresses


def test_it_is_there_when_the_registry_has_a_platform() -> None:
    registry = fargate_registry("acme-corp")
    assert set(synthesize(registry).stacks) == {"shared-platform-test"}
    silo = {"created_at": registry["created_at"], "tenants": {"acme-corp": {"silo": {"cidr": "10.1.0.0/16"}}}}
    assert set(synthesize(silo).stacks) == {"tenant-acme-corp-test"}


@pytest.mark.parametrize("position", range(3))
def test_a_tenant_that_leaves_takes_what_is_its_own_and_changes_nothing_else(position: int) -> None:
    leaving = THREE[position]
    registry = fargate_registry(*THREE)
    before = resources(synthesize(registry).platform())
    del registry["tenants"][leaving]
    after = resources(synthesize(registry).platform())
    gone = before.keys() - after.keys()
    assert gone
    assert all(address.split(".")[1].startswith(f"tenants_{leaving}_") for address in gone)
    assert not after.keys() - before.keys()
    assert {address: body for address, body in before.items() if address not in gone} == after


def test_a_tenant_that_comes_adds_what_is_its_own_and_its_rule_on_the_cluster() -> None:
    before, after = platform("acme-corp"), platform("acme-corp", "umbrella")
    added = resources(after).keys() - resources(before).keys()
    assert all(address.split(".")[1].startswith("tenants_umbrella_") for address in added)
    assert {address: body for address, body in resources(after).items() if address not in added} == (
        resources(before)
    )
    cluster_group = f"${{{after.address('aws_security_group', 'database_security_group')}.id}}"
    on_what_is_shared = [
        address
        for address in added
        if cluster_group in resources(after)[address].values() and "security_group_rule" not in address
    ]
    assert [address.split(".")[0] for address in on_what_is_shared] == ["aws_vpc_security_group_ingress_rule"]
    assert before.document["data"] == after.document["data"]


def test_a_tenant_may_be_called_like_a_part_of_the_platform() -> None:
    stack = platform("network", "database", "tenants", "load-balancer")
    assert len(stack.all("aws_ecs_service")) == 4


@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_a_platform_may_have_no_tenant(variables: dict[str, str]) -> None:
    stack = synthesize(fargate_registry(), **variables).platform()
    assert not stack.all("aws_ecs_service")
    assert len(stack.all("aws_rds_cluster")) == 1


def test_forty_tenants_stay_within_what_aws_gives_by_default() -> None:
    """In production, which has more of everything. The first limit is the cluster's group's: 59 and the provisioner.

    Each tenant adds as much as the next, so three tell what forty have. The deployment tests validate all forty.
    https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html,
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    """
    one, two, three = (platform(*THREE[:number], variables=PRODUCTION) for number in (1, 2, 3))

    def with_forty(count: Callable[[SynthesizedStack], int]) -> int:
        added = count(two) - count(one)
        assert count(three) - count(two) == added
        return count(one) + 39 * added

    def rules_of_the_cluster(stack: SynthesizedStack) -> int:
        group = f"${{{stack.address('aws_security_group', 'database_security_group')}.id}}"
        rules = stack.all("aws_vpc_security_group_ingress_rule").values()
        return len([rule for rule in rules if rule["security_group_id"] == group])

    def number_of(kind: str) -> int:
        return with_forty(lambda stack: len(stack.all(kind)))

    assert number_of("aws_ecs_service") == 40
    assert with_forty(rules_of_the_cluster) == 1 + 40
    assert number_of("aws_lb_listener_rule") <= 100
    assert number_of("aws_lb_target_group") <= 100
    assert number_of("aws_eip") <= 5
    for name, body in three.all("aws_iam_role_policy").items():
        assert len(three.resolved(body["policy"])) < 10_240
        if not name.startswith("tenants_"):
            assert one.all("aws_iam_role_policy")[name] == body, "it does not grow with the tenants"
    priorities = [rule["priority"] for rule in three.all("aws_lb_listener_rule").values()]
    assert sorted(priorities) == [1, 2, 3]


def test_everything_carries_the_baseline_tags() -> None:
    stack = platform("acme-corp", variables=OF_A_PULL_REQUEST)
    assert stack.tags == {
        "Author": "dev@example.com",
        "CreatedAt": "2026-02-03T04:05:06Z",
        "Environment": "dev",
        "ManagedBy": "CDKTF",
        "PRNumber": "7",
        "Repository": "acme/platform",
        "Team": "platform",
    }
    for address, body in resources(stack).items():
        assert not set(body.get("tags", {})) & set(stack.tags), f"{address} overrides a baseline tag"


def test_the_outputs_have_the_contracts_names() -> None:
    stack = platform("acme-corp")
    cluster = stack.address("aws_rds_cluster")
    assert {name: body["value"] for name, body in stack.document["output"].items()} == {
        "vpc_id": f"${{{stack.address('aws_vpc')}.id}}",
        "alb_dns_name": f"${{{stack.address('aws_lb')}.dns_name}}",
        "aurora_cluster_endpoint": f"${{{cluster}.endpoint}}",
        "aurora_cluster_reader_endpoint": f"${{{cluster}.reader_endpoint}}",
        "acme-corp_endpoint": "acme-corp.example.com",
        "acme-corp_bucket": f"${{{stack.address('aws_s3_bucket')}.bucket}}",
        "acme-corp_db_connection": (
            f"postgresql://tenant_acme_corp@${{{cluster}.endpoint}}/saasdb?secret=rds/tenant/acme-corp/test/password"
        ),
    }


def test_the_platform_reads_nothing_of_another_stacks_state() -> None:
    assert set(platform(variables=PRODUCTION).document["data"]) <= {
        "aws_caller_identity",
        "aws_partition",
        "aws_iam_session_context",
    }


def test_every_log_group_is_encrypted_and_ends() -> None:
    for body in platform(variables=PRODUCTION).all("aws_cloudwatch_log_group").values():
        assert body["retention_in_days"] == 365
        assert body["kms_key_id"].startswith("${aws_kms_key.")


SECURITY_GROUP_TEXT = r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"
DESCRIPTIONS = {
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    "aws_security_group": SECURITY_GROUP_TEXT,
    "aws_vpc_security_group_egress_rule": SECURITY_GROUP_TEXT,
    "aws_vpc_security_group_ingress_rule": SECURITY_GROUP_TEXT,
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
    "aws_wafv2_web_acl": r"[\w+=:#@/\-,.][\w+=:#@/\-,.\s]{1,254}[\w+=:#@/\-,.]",
}


def test_descriptions_hold_only_what_their_services_admit() -> None:
    variables = {**PRODUCTION, "ENVIRONMENT_SUFFIX": "s" * 12}
    stack = platform("a" * 30, variables=variables)
    for kind, pattern in DESCRIPTIONS.items():
        assert stack.all(kind)
        for body in stack.all(kind).values():
            assert re.fullmatch(pattern, body["description"]), body["description"]


def test_no_statement_allows_a_whole_service_or_everything() -> None:
    stack = platform(variables=PRODUCTION)
    for kind in ("aws_iam_role_policy", "aws_kms_key"):
        for body in stack.all(kind).values():
            for statement in json.loads(stack.resolved(body["policy"]))["Statement"]:
                if statement["Effect"] == "Allow":
                    assert not [a for a in statement["Action"] if a.endswith(":*") or a == "*"]


def test_no_wildcard_follows_a_tenants_id() -> None:
    stack = platform()
    for kind in (
        "aws_iam_role_policy",
        "aws_s3_bucket_policy",
        "aws_kms_key",
        "aws_secretsmanager_secret_policy",
    ):
        for body in stack.all(kind).values():
            for text in strings(json.loads(stack.resolved(body["policy"]))):
                assert not re.search(r"(acme-corp|globex-inc|initech-llc)[^:/]*[*?]", text), text
    assert ACCOUNT not in stack.text
