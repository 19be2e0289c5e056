"""The stack that rolls releases out: there where the environment asks for it, and what each part may do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.loading import load
from config.problems import ConfigurationError
from tests.synthesis import ACCOUNT, ADMINISTRATOR, StackDocument, synthesize

REGION = "us-east-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/deployer@sha256:{'0' * 64}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"
DELIVERY = {"image": IMAGE, "deployer_role_arn": ROLE}
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:pager"
SILO = {"acme-corp": {"silo": {"cidr": "10.1.0.0/16"}}}


def registry(profile: str, **entry: Any) -> dict[str, Any]:
    declared = {
        "profile": profile,
        "account": ACCOUNT,
        "region": REGION,
        "state_bucket": "states",
        "alarm_topic_arn": TOPIC,
        "delivery": DELIVERY,
        **entry,
    }
    return {"created_at": "2026-01-01T00:00:00Z", "environments": {"test": declared}, "tenants": SILO}


def delivery(profile: str = "development") -> StackDocument:
    variables = {"PROFILE": profile}
    if profile == "production":
        variables["KEY_ADMINISTRATOR_ARNS"] = ADMINISTRATOR
    return synthesize(registry(profile), **variables).stacks["delivery-test"]


def test_an_environment_that_does_not_ask_for_it_has_none() -> None:
    assert list(synthesize(registry("development", delivery=None)).stacks) == ["tenant-acme-corp-test"]


def test_nothing_in_the_bucket_is_written_over_and_tenants_have_nothing_to_do_with_it() -> None:
    statements = delivery("production").statements("aws_s3_bucket_policy", "releases")
    assert set(statements) == {
        "DenyDeletion",
        "DenyFargateTenants",
        "DenyPlainHttp",
        "DenySiloTenants",
        "DenyWritingOver",
    }
    assert statements["DenyWritingOver"]["Condition"] == {"Null": {"s3:if-none-match": ["true"]}}
    assert {one["Effect"] for one in statements.values()} == {"Deny"}
    assert "DenyDeletion" not in delivery().statements("aws_s3_bucket_policy", "releases")


def test_the_state_machine_starts_builds_and_cannot_stop_one() -> None:
    stack = delivery()
    statements = stack.statements("aws_iam_role_policy", "state_machine_role")
    actions = {action for one in statements.values() for action in one["Action"]}
    assert {action for action in actions if action.startswith("codebuild:")} == {
        "codebuild:BatchGetBuilds",
        "codebuild:StartBuild",
    }
    assert statements["ReadListsOfStacks"]["Action"] == ["s3:GetObject"]
    (lists,) = statements["ReadListsOfStacks"]["Resource"]
    assert lists.endswith("/rollouts/*")
    assert statements["WriteRollouts"]["Action"] == ["dynamodb:UpdateItem"]
    assert statements["WriteRollouts"]["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["rollout"]}
    }
    everywhere = {sid for sid, one in statements.items() if one["Resource"] == ["*"]}
    assert everywhere == {"ManageLogDelivery", "SendTraces"}
    trust = json.loads(stack.resolved(stack.one("aws_iam_role")["assume_role_policy"]))
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": ["states.amazonaws.com"]}
    assert statement["Condition"]["ArnEquals"] == {
        "aws:SourceArn": [f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:delivery-rollouts-test"]
    }


def test_a_build_runs_the_worker_in_the_given_image_as_whoever_deploys() -> None:
    stack = delivery()
    project = stack.one("aws_codebuild_project")
    (environment,) = [project["environment"]]
    assert (project["service_role"], environment["image"]) == (ROLE, IMAGE)
    assert environment["image_pull_credentials_type"] == "SERVICE_ROLE"
    assert environment["privileged_mode"] is False
    assert "concurrent_build_limit" not in project
    names = {one["name"]: stack.resolved(one["value"]) for one in environment["environment_variable"]}
    assert names == {
        "RECORD_TABLE": "delivery-records-test",
        "RELEASE_BUCKET": f"delivery-releases-{ACCOUNT}-test",
    }
    commands = json.loads(project["source"]["buildspec"])["phases"]["build"]["commands"]
    assert commands[0] == "cd /opt/fleet"
    assert commands[1].endswith(
        'fleet.rollout.worker "s3://$RELEASE_BUCKET/$RELEASE" "$STACK" --folder "dynamodb://$RECORD_TABLE"'
    )
    assert project["build_timeout"] == 60


def test_logs_records_and_releases_are_encrypted_under_the_deliverys_own_key() -> None:
    stack = delivery()
    key = stack.reference("aws_kms_key")
    assert {group["kms_key_id"] for group in stack.all("aws_cloudwatch_log_group").values()} == {key}
    assert stack.one("aws_dynamodb_table")["server_side_encryption"]["kms_key_arn"] == key
    statements = stack.statements("aws_kms_key")
    assert statements["UseReleasesAndRecords"]["Condition"]["ArnEquals"] == {"aws:PrincipalArn": [ROLE]}
    assert statements["ReadRollouts"]["Action"] == ["kms:Decrypt"]


def test_production_protects_it_watches_it_and_logs_who_reads_releases() -> None:
    stack = delivery("production")
    assert stack.one("aws_dynamodb_table")["deletion_protection_enabled"] is True
    assert stack.one("aws_s3_bucket", "releases")["lifecycle"]["prevent_destroy"] is True
    assert stack.one("aws_s3_bucket_logging")["bucket"] == stack.reference(
        "aws_s3_bucket", "releases", attribute="id"
    )
    alarms = {body["alarm_name"] for body in stack.all("aws_cloudwatch_metric_alarm").values()}
    assert alarms == {
        f"delivery-{role}-test"
        for role in (
            "key-notice-failures",
            "rollout-halted",
            "table-read-throttles",
            "table-write-throttles",
        )
    }
    assert not delivery().all("aws_cloudwatch_metric_alarm")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"delivery": {**DELIVERY, "image": IMAGE.replace(ACCOUNT, "210987654321")}},
            "environments.test.delivery.image: received '210987654321.dkr.ecr",
        ),
        (
            {"delivery": {**DELIVERY, "deployer_role_arn": ROLE.replace(ACCOUNT, "210987654321")}},
            f"'arn:aws:iam::{ACCOUNT}:role/...'",
        ),
        ({"delivery": {**DELIVERY, "image": "deployer:latest"}}, "environments.test.delivery.image"),
        ({"state_bucket": None}, "STATE_BUCKET: received nothing"),
    ],
)
def test_what_cannot_be_used_is_refused(entry: dict[str, Any], said: str, tmp_path: Path) -> None:
    (tmp_path / "tenants.yaml").write_text(json.dumps(registry("development", **entry)))
    with pytest.raises(ConfigurationError) as caught:
        load({}, root=tmp_path)
    assert said in str(caught.value)
