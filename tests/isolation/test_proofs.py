"""The project's own stacks are proved, and the tool says so in the same bytes each time."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from isolation.rendering.letters import letter_of
from isolation.rendering.machine import as_json
from isolation.rendering.matrix import as_svg
from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import (
    ACCOUNT,
    ACME,
    PLATFORM,
    acme_key,
    acme_queue_policy,
    allow,
    arn,
    retail_policy,
    statement,
)
from tests.isolation.holes.keys import anybody_with_the_tag_may_use_the_key
from tests.isolation.holes.unlisted import any_event_source_mapping
from tests.isolation.stacks import documents

PROFILES = ("development", "production")


@pytest.mark.parametrize("profile", PROFILES)
def test_no_tenant_of_the_project_reaches_another(profile: str) -> None:
    report = analyse(documents(profile))
    assert report.verdict == "PROVED", as_text(report)
    assert not report.findings
    assert not report.gaps
    assert {"acme-corp", "globex-inc", "initech-llc", "retail-co", "tech-startup"} <= set(report.tenants)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_owner_can_what_others_cannot(profile: str) -> None:
    report = analyse(documents(profile))
    for owner, kinds in report.kinds.items():
        assert {found.kind for found in report.companions if found.owner == owner} == set(kinds)
    assert all(companion.satisfiable for companion in report.companions)
    data = {"bucket", "table", "key", "secret", "logs", "queue"}
    by_itself = [found for found in report.companions if found.kind in data and found.owner != "(platform)"]
    assert by_itself
    assert all("administrator" not in companion.who for companion in by_itself)


def test_a_proof_that_nobody_could_fail_is_not_one() -> None:
    stacks = documents()
    key = stacks[ACME]["resource"]["aws_kms_key"]
    allow(next(iter(key.values())), "kms:*", Effect="Deny", Principal={"AWS": "*"})
    del stacks[PLATFORM]
    report = analyse(stacks)
    vacuous = [(found.owner, found.kind) for found in report.companions if not found.satisfiable]
    assert vacuous == [("acme-corp", "key")]
    assert report.verdict == "UNKNOWN"


@pytest.mark.parametrize("render", [as_text, as_json, as_svg])
def test_the_same_stacks_give_the_same_bytes(render: object) -> None:
    assert callable(render)
    first, second = documents(), dict(reversed(documents().items()))
    anybody_with_the_tag_may_use_the_key(first)
    anybody_with_the_tag_may_use_the_key(second)
    assert render(analyse(first)) == render(analyse(second))


def test_the_picture_and_the_json_agree_with_the_findings() -> None:
    stacks = documents()
    anybody_with_the_tag_may_use_the_key(stacks)
    report = analyse(stacks)
    document = json.loads(as_json(report))
    assert document["verdict"] == "VIOLATED"
    row = document["verdicts"]["key"]["(foreign account)"]
    assert row[document["owners"].index("acme-corp")] == "V"
    assert row == "".join(letter_of(report, "(foreign account)", owner, "key") for owner in report.owners)
    (finding,) = (found for found in document["findings"] if found["attacker"] == "(foreign account)")
    assert finding["context"]["aws:principaltag/tenantid"] == "acme-corp"
    colours = [cell.get("fill") for cell in ET.fromstring(as_svg(report)).iter() if cell.tag.endswith("rect")]
    assert colours.count("#c62828") == 1 + 1  # the cell and the legend


# Safe neighbours of holes stay PROVED


def test_a_key_may_ask_for_the_queue_and_for_the_rule() -> None:
    """More than is asked for today, and what is asked for in other words."""
    stacks = documents()
    rule = arn("events", "rule/tenant-acme-corp-signup-rule-test")
    with statement(acme_key(stacks), "EncryptDeadLettersOfRule") as found:
        found["Condition"]["ArnLike"] = {"aws:SourceArn": rule}
    assert analyse(stacks).verdict == "PROVED"
    stacks = documents()
    with statement(acme_key(stacks), "EncryptDeadLettersOfRule") as found:
        queue = found["Condition"].pop("ArnEquals")
        found["Condition"] = {"StringLike": queue, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert analyse(stacks).verdict == "PROVED"


def test_a_queue_that_asks_for_the_rule_in_other_words_keeps_its_key_closed() -> None:
    stacks = documents()
    with statement(acme_queue_policy(stacks), "SendDeadLettersOfRule") as found:
        rule = found["Condition"].pop("ArnEquals")
        found["Condition"]["StringEquals"] = {**found["Condition"].get("StringEquals", {}), **rule}
    assert analyse(stacks).verdict == "PROVED"


def test_who_only_describes_what_holds_no_data_stays_proved() -> None:
    stacks = documents()
    harmless = ["elasticloadbalancing:Describe*", "ecs:DescribeClusters", "ecs:ListTasks", "lambda:ListTags"]
    allow(retail_policy(stacks), harmless)
    assert analyse(stacks).verdict == "PROVED"


def test_a_mapping_of_ones_own_queue_stays_proved() -> None:
    stacks = documents()
    any_event_source_mapping(stacks)
    retail_policy(stacks)["policy"] = retail_policy(documents())["policy"]
    assert analyse(stacks).verdict == "PROVED"


# What is not modelled is never PROVED


def test_a_doubtful_allow_is_unknown() -> None:
    for condition in (
        {"NumericLessThan": {"s3:max-keys": "10"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    ):
        stacks = documents()
        allow(retail_policy(stacks), "dynamodb:GetItem", Condition=condition)
        report = analyse(stacks)
        assert report.findings["retail-co", "acme-corp", "table"].verdict == "UNKNOWN", condition
        assert report.verdict == "UNKNOWN"


def test_a_doubtful_deny_protects_nobody() -> None:
    stacks = documents()
    allow(retail_policy(stacks), "dynamodb:GetItem")
    condition = {"NumericLessThan": {"s3:max-keys": "10"}}
    allow(retail_policy(stacks), "dynamodb:*", Effect="Deny", Sid="Deny", Condition=condition)
    report = analyse(stacks)
    assert report.findings["retail-co", "acme-corp", "table"].verdict == "UNKNOWN"


def test_a_reference_that_cannot_be_resolved_is_unknown() -> None:
    stacks = documents()
    allow(retail_policy(stacks), "dynamodb:GetItem", "${data.terraform_remote_state.other.outputs.table}")
    report = analyse(stacks)
    assert report.findings["retail-co", "acme-corp", "table"].verdict == "UNKNOWN"


def test_an_id_that_aws_made_up_may_be_anybodys() -> None:
    stacks = documents()
    pool = "arn:aws:cognito-idp:us-east-1:*:userpool/us-east-1_AbCdEf123"
    allow(retail_policy(stacks), "cognito-idp:AdminCreateUser", pool)
    assert analyse(stacks).findings["retail-co", "acme-corp", "users"].verdict == "UNKNOWN"


@pytest.mark.parametrize("argument", ["count", "for_each"])
def test_repeated_resources_are_unknown(argument: str) -> None:
    stacks = documents()
    next(iter(stacks[ACME]["resource"]["aws_iam_role"].values()))[argument] = 2
    assert analyse(stacks).verdict == "UNKNOWN"


def test_what_only_the_deployment_knows_is_unknown() -> None:
    stacks = documents()
    stacks[ACME]["module"] = {"hidden": {"source": "./elsewhere"}}
    assert ("acme-corp", f"{ACME}/module.hidden: resource type module") in analyse(stacks).gaps
    stacks = documents()
    next(iter(stacks[ACME]["resource"]["aws_iam_role"].values()))["tags"] = {"TenantId": "${var.tenant}"}
    assert analyse(stacks).verdict == "UNKNOWN"


def test_an_account_number_that_may_be_the_own_is_read_both_ways() -> None:
    stacks = documents()
    body = next(iter(stacks[ACME]["resource"]["aws_sqs_queue_policy"].values()))
    allow(body, "sqs:SendMessage", Principal={"AWS": "arn:aws:iam::123456789012:root"})
    assert ("(foreign account)", "acme-corp", "queue") in analyse(stacks).findings
    assert analyse(stacks, account="123456789012").verdict == "PROVED"
    allow(retail_policy(stacks), "sqs:SendMessage", "arn:aws:sqs:*:123456789012:*")
    assert ("retail-co", "acme-corp", "queue") in analyse(stacks).findings
