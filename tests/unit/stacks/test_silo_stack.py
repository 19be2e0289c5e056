"""The tenant stack as a whole: its addresses, names, tags and outputs, and two tenants side by side."""

from __future__ import annotations

import base64
import copy
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.snapshot import assert_matches
from tests.synthesis import (
    ADMINISTRATOR,
    ONE_SILO,
    PRODUCTION,
    SynthesizedStack,
    registry_with,
    silo,
    strings,
    synthesize,
)

TWO_TENANTS = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}}, acme_eu={"silo": {"cidr": "10.2.0.0/16"}})

# What a deployed environment would lose if one of these changed.
STATEFUL_ADDRESSES = {
    "aws_cloudwatch_log_group.api_function_log_group_EF8DA543",
    "aws_cloudwatch_log_group.flow_logs_log_group_C58EF5F0",
    "aws_cloudwatch_log_group.http_api_access_log_1B2FF96F",
    "aws_cloudwatch_log_group.provisioner_function_log_group_A1E515AC",
    "aws_cognito_user_pool.http_api_user_pool_D7B7B646",
    "aws_cognito_user_pool_client.http_api_user_pool_client_8B529DD6",
    "aws_dynamodb_table.metadata_table_EE1DF6E2",
    "aws_kms_key.tenant_key_E5F8FD05",
    "aws_s3_bucket.data_bucket_51E298BF",
    "aws_sqs_queue.events_dlq_queue_ECD272FE",
    "aws_sqs_queue.functions_dlq_queue_8094507F",
    "aws_vpc.network_vpc_4E8F0223",
}
STATEFUL_KINDS = {address.split(".")[0] for address in STATEFUL_ADDRESSES}


def test_snapshot() -> None:
    assert_matches("tenant", silo())


def test_snapshot_of_production() -> None:
    assert_matches("tenant-production", silo(**PRODUCTION))


def stateful(stack: SynthesizedStack) -> set[str]:
    return {address for address in stack.addresses if address.split(".")[0] in STATEFUL_KINDS}


def test_the_addresses_of_stateful_resources_are_pinned() -> None:
    """A change here destroys a customer's data: it needs a `moved` block and a line in the CHANGELOG."""
    assert stateful(silo()) == STATEFUL_ADDRESSES
    assert stateful(silo(**PRODUCTION)) == STATEFUL_ADDRESSES | {"aws_s3_bucket.log_bucket_BB8B1AF7"}


def test_two_tenants_have_the_same_addresses() -> None:
    """So do two environments: one can be compared with the other."""
    synthesis = synthesize(TWO_TENANTS)
    assert synthesis.tenant("acme").addresses == synthesis.tenant("acme-eu").addresses
    other = synthesize(TWO_TENANTS, ENVIRONMENT_SUFFIX="dev").tenant("acme", "dev")
    assert other.addresses == synthesis.tenant("acme").addresses
    assert not [address for address in other.addresses if "acme" in address or "dev_" in address]


def test_no_tenants_stack_names_another() -> None:
    registry = registry_with(
        acme_corp={"silo": {"cidr": "10.1.0.0/16"}}, retail_co={"silo": {"cidr": "10.2.0.0/16"}}
    )
    synthesis = synthesize(registry)
    assert not re.search(r"retail-co|10\.2\.", synthesis.tenant("acme-corp").text)
    assert not re.search(r"acme-corp|10\.1\.", synthesis.tenant("retail-co").text)


def test_a_stack_reads_nothing_of_another_stacks_state() -> None:
    for stack in synthesize(TWO_TENANTS).stacks.values():
        assert set(stack.document["data"]) <= {
            "aws_caller_identity",
            "aws_partition",
            "aws_iam_session_context",
        }


def policies(stack: SynthesizedStack) -> Iterator[dict[str, Any]]:
    """Every policy document of a stack, references resolved."""
    for found in stack.document["resource"].values():
        for body in found.values():
            for field in ("policy", "assume_role_policy"):
                if field in body:
                    yield json.loads(stack.resolved(body[field]))


def arns(stack: SynthesizedStack) -> set[str]:
    """The ARNs of a stack's resources, and of what lies in them."""
    found = set()
    for kind, named in stack.document["resource"].items():
        for name in named:
            try:
                arn = stack.resolved(f"${{{kind}.{name}.arn}}")
            except KeyError:
                continue
            found |= {arn, f"{arn}/key", f"{arn}:log-stream:stream", f"{arn}:*"}
    return found


def test_no_pattern_of_a_tenant_matches_a_resource_of_one_whose_name_begins_alike() -> None:
    """Hole 4: `tenant-acme-*` matches what is `acme-eu`'s."""
    synthesis = synthesize(TWO_TENANTS)
    theirs = arns(synthesis.tenant("acme-eu"))
    assert len(theirs) > 40
    for policy in policies(synthesis.tenant("acme")):
        for statement in policy["Statement"]:
            for pattern in statement.get("Resource", []):
                if pattern != "*" and statement["Effect"] == "Allow":
                    assert not fnmatch.filter(theirs, pattern), pattern


@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_no_wildcard_follows_a_tenants_id(variables: dict[str, str]) -> None:
    for policy in policies(silo(**variables)):
        for text in strings(policy):
            assert not re.search(r"acme-corp[^:/]*[*?]", text), text


def test_changing_one_tenant_changes_its_stack_and_no_other() -> None:
    before = synthesize(TWO_TENANTS)
    changed = registry_with(
        acme={"silo": {"cidr": "10.1.0.0/16", "log_retention_days": 7, "reserved_concurrency": 2}},
        acme_eu={"silo": {"cidr": "10.2.0.0/16"}},
    )
    after = synthesize(changed)
    assert after.tenant("acme-eu").text == before.tenant("acme-eu").text
    assert after.tenant("acme").text != before.tenant("acme").text


def test_a_tenant_that_comes_or_leaves_changes_no_other() -> None:
    alone = synthesize(registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}}))
    assert synthesize(TWO_TENANTS).tenant("acme").text == alone.tenant("acme").text


def test_everything_carries_the_baseline_tags() -> None:
    stack = silo(
        ENVIRONMENT_SUFFIX="dev",
        REPOSITORY="acme/platform",
        COMMIT_AUTHOR="dev@example.com",
        PR_NUMBER="7",
        TEAM="platform",
        CREATED_AT="2026-02-03T04:05:06Z",
    )
    assert stack.tags == {
        "Author": "dev@example.com",
        "CreatedAt": "2026-02-03T04:05:06Z",
        "Environment": "dev",
        "ManagedBy": "CDKTF",
        "PRNumber": "7",
        "Repository": "acme/platform",
        "Team": "platform",
        "TenantId": "acme-corp",
        "cost_center": "acme-corp",
    }
    for kind, found in stack.document["resource"].items():
        for body in found.values():
            assert set(body.get("tags", {})) <= {"Name"}, f"{kind} overrides a baseline tag"


def test_the_creation_time_is_the_environments_the_tenants_or_the_registrys() -> None:
    own = registry_with(
        acme={"created_at": "2026-03-01T00:00:00Z", "silo": {"cidr": "10.1.0.0/16"}},
        globex={"silo": {"cidr": "10.2.0.0/16"}},
    )
    given = {"CREATED_AT": "2026-04-01T00:00:00Z"}
    assert synthesize(own).tenant("acme").tags["CreatedAt"] == "2026-03-01T00:00:00Z"
    assert synthesize(own).tenant("globex").tags["CreatedAt"] == "2026-01-01T00:00:00Z"
    assert synthesize(own, **given).tenant("acme").tags["CreatedAt"] == "2026-04-01T00:00:00Z"


def test_the_outputs_have_the_contracts_names() -> None:
    stack = silo()
    assert {name: body["value"] for name, body in stack.document["output"].items()} == {
        "tenant-endpoint-acme-corp-test": f"${{{stack.address('aws_apigatewayv2_stage')}.invoke_url}}",
        "bucket-name-acme-corp-test": f"${{{stack.address('aws_s3_bucket')}.bucket}}",
        "table-arn-acme-corp-test": f"${{{stack.address('aws_dynamodb_table')}.arn}}",
        "vpc-id-acme-corp-test": f"${{{stack.address('aws_vpc')}.id}}",
    }


def test_state_is_a_local_file_of_the_stack() -> None:
    assert silo().document["terraform"]["backend"] == {
        "local": {"path": "../../../state/tenant-acme-corp-test.tfstate"}
    }
    assert silo(STATE_DIRECTORY="/var/state").document["terraform"]["backend"] == {
        "local": {"path": "/var/state/tenant-acme-corp-test.tfstate"}
    }


def test_with_a_bucket_of_packages_functions_differ_in_where_their_code_is_and_nothing_else() -> None:
    shared = silo(PACKAGE_BUCKET="our-packages")
    # Stacks are synthesized once for all tests: these are changed, so they are copies.
    ours, theirs = copy.deepcopy(silo().document), copy.deepcopy(shared.document)
    functions = theirs["resource"]["aws_lambda_function"]
    assert len(functions) == 2
    for name, function in functions.items():
        digest = base64.b64decode(function["source_code_hash"]).hex()
        assert function["s3_bucket"] == "our-packages"
        assert function["s3_key"] == f"packages/{digest}.zip"
        # What is published is beside the stacks, once, and is what the digest says.
        content = (shared.folder.parents[1] / function["s3_key"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        del function["s3_bucket"], function["s3_key"]
        del ours["resource"]["aws_lambda_function"][name]["filename"]
    assert not (shared.folder / "assets").exists()
    assert theirs == ours


def test_with_a_state_bucket_each_stack_has_an_encrypted_locked_object() -> None:
    backend = silo(STATE_BUCKET="acme-state", AWS_REGION="eu-west-1").document["terraform"]["backend"]
    assert backend == {
        "s3": {
            "bucket": "acme-state",
            "key": "tenant-acme-corp-test/terraform.tfstate",
            "region": "eu-west-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }
    elsewhere = silo(STATE_BUCKET="acme-state", STATE_BUCKET_REGION="us-west-2").document["terraform"][
        "backend"
    ]
    assert elsewhere["s3"]["region"] == "us-west-2"


def test_the_provider_and_terraform_are_pinned() -> None:
    stack = silo(AWS_REGION="eu-west-1")
    assert stack.document["terraform"]["required_version"] == ">= 1.10"
    assert stack.document["terraform"]["required_providers"] == {
        "aws": {"source": "aws", "version": "5.100.0"}
    }
    assert stack.provider["region"] == "eu-west-1"


def test_only_an_endpoint_of_ones_own_changes_the_provider() -> None:
    at_aws, local = silo(), silo(AWS_ENDPOINT_URL="http://127.0.0.1:4566")
    assert "s3_use_path_style" not in at_aws.provider
    assert local.provider == {**at_aws.provider, "s3_use_path_style": True}
    assert local.document["resource"] == at_aws.document["resource"]


def test_no_secret_and_no_path_of_this_machine_stands_in_a_stack() -> None:
    stack = silo(**PRODUCTION)
    for text in strings(stack.document):
        assert not re.search(r"(?i)aws_secret_access_key|BEGIN [A-Z ]*PRIVATE KEY", text)
        assert str(stack.folder) not in text
    assert ADMINISTRATOR in stack.text


def test_a_declared_environment_plans_with_its_account_and_destroys_what_is_lifted() -> None:
    lifted = {
        "tenant": "acme-corp",
        "stack": "silo",
        "resource": "table",
        "reason": "The tenant has left, with its data.",
        "until": "2026-12-31",
    }
    entry = {
        "profile": "production",
        "account": "123456789012",
        "region": "eu-west-1",
        "alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:pager",
        "unprotected": [lifted],
    }
    registry = {**ONE_SILO, "environments": {"test": entry}}
    stack = synthesize(registry, KEY_ADMINISTRATOR_ARNS=ADMINISTRATOR).tenant("acme-corp")
    assert stack.provider["allowed_account_ids"] == ["123456789012"]
    assert stack.provider["region"] == "eu-west-1"
    path = "../../../state/123456789012/eu-west-1/tenant-acme-corp-test.tfstate"
    assert stack.document["terraform"]["backend"] == {"local": {"path": path}}
    table = stack.one("aws_dynamodb_table")
    assert table["deletion_protection_enabled"] is False
    assert set(table["lifecycle"]) == {"precondition"}
    for kind in ("aws_s3_bucket", "aws_kms_key", "aws_cognito_user_pool"):
        for name, body in stack.all(kind).items():
            assert body["lifecycle"]["prevent_destroy"] is True, name
    assert "allowed_account_ids" not in silo().provider
