"""Each weakness, planted in a stack of production, is found; the stack without it has none of our own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.synthesis import platform, silo
from tests.unit.tools.scanned import (
    Damage,
    added,
    changed,
    production_platform,
    production_silo,
    removed,
    scanned,
    stated,
)
from tools.scan.checks import CHECKS
from tools.scan.definitions import Definitions, read_definitions
from tools.scan.findings import ScanError
from tools.scan.scanning import own_findings
from tools.scan.stacks import ScannedStack

ROLE = "aws_iam_role_policy"
ROOT = "arn:aws:iam::123456789012:root"
SOURCE = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
EVERYONE = {"AWS": "*"}


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return read_definitions()


def rule(**arguments: Any) -> Damage:
    """One more rule for what comes into the silo's security group."""
    return added(
        "aws_vpc_security_group_ingress_rule",
        "planted",
        **{
            "security_group_id": "${aws_security_group.network_security_group_DCCBCE09.id}",
            "ip_protocol": "tcp",
            "from_port": 5432,
            "to_port": 5432,
            **arguments,
        },
    )


def queue(**elements: Any) -> Damage:
    return stated("aws_sqs_queue_policy", Resource="*", **elements)


def trust(**elements: Any) -> Damage:
    return stated(
        "aws_iam_role", "api_role", argument="assume_role_policy", Action="sts:AssumeRole", **elements
    )


def key(**elements: Any) -> Damage:
    return stated("aws_kms_key", Resource="*", **elements)


def endpoint(**elements: Any) -> Damage:
    return stated("aws_vpc_endpoint", "network_s3", Principal=EVERYONE, **elements)


def identity(action: str | list[str], resource: str | list[str] = "*", **elements: Any) -> Damage:
    return stated(ROLE, "api_role", Action=action, Resource=resource, **elements)


BUCKET = "${aws_s3_bucket.data_bucket_51E298BF.arn}"
PLANTED: list[tuple[str, Damage, str]] = [
    ("INT-201", stated(ROLE, "api_role", NotAction="iam:*", Resource="*"), "NotAction"),
    ("INT-201", stated(ROLE, "api_role", Action="sqs:SendMessage", NotResource="*"), "NotResource"),
    ("INT-201", queue(Action="sqs:SendMessage", NotPrincipal={"AWS": ROOT}), "NotPrincipal"),
    ("INT-202", queue(Action="sqs:SendMessage", Principal="*"), "admits everyone"),
    ("INT-202", queue(Action="sqs:SendMessage", Principal={"AWS": ["*"]}), "admits everyone"),
    (
        "INT-202",
        key(
            Action="kms:Decrypt",
            Principal="*",
            Condition={"StringEquals": {"aws:PrincipalTag/TenantId": "acme-corp"}},
        ),
        "admits everyone",
    ),
    (
        "INT-202",
        queue(
            Action="sqs:SendMessage",
            Principal="*",
            Condition={"StringNotEquals": {"aws:PrincipalAccount": "1"}},
        ),
        "admits everyone",
    ),
    (
        "INT-202",
        queue(
            Action="sqs:SendMessage", Principal="*", Condition={"StringLike": {"aws:PrincipalAccount": "*"}}
        ),
        "admits everyone",
    ),
    (
        "INT-202",
        queue(
            Action="sqs:SendMessage",
            Principal="*",
            Condition={"StringEqualsIfExists": {"aws:PrincipalAccount": "123456789012"}},
        ),
        "admits everyone",
    ),
    ("INT-202", trust(Principal="*"), "admits everyone"),
    ("INT-203", endpoint(Action="s3:GetObject", Resource="*"), "everyone's"),
    ("INT-204", trust(Principal={"Service": "ecs-tasks.amazonaws.com"}), "ecs-tasks.amazonaws.com"),
    ("INT-204", trust(Principal={"AWS": ROOT}), ROOT),
    ("INT-204", trust(Principal={"Federated": "cognito-identity.amazonaws.com"}), "cognito-identity"),
    (
        "INT-205",
        queue(Action="sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"}),
        "sns.amazonaws.com",
    ),
    ("INT-205", key(Action="kms:Decrypt", Principal={"Service": "sns.amazonaws.com"}), "sns.amazonaws.com"),
    ("INT-206", key(Action="kms:*", Principal={"AWS": ROOT}), "all of the account"),
    ("INT-206", key(Action="*", Principal={"AWS": ROOT}), "all of the account"),
    ("INT-206", key(Action="kms:CreateGrant", Principal={"AWS": "123456789012"}), "all of the account"),
    ("INT-206", key(Action="kms:GenerateDataKey*", Principal={"AWS": ROOT}), "all of the account"),
    ("INT-207", identity("*"), r"allows \*"),
    ("INT-207", identity("s3:*", BUCKET), r"allows s3:\*"),
    ("INT-208", identity("s3:GetObject", "arn:aws:s3:::tenant-acme-corp-*"), "acme-corp"),
    ("INT-208", identity("s3:GetObject", "arn:aws:s3:::tenant-acme-corp*/x"), "acme-corp"),
    (
        "INT-208",
        identity("kms:Decrypt", Condition={"StringLike": {"kms:RequestAlias": "alias/tenant-acme-corp-*"}}),
        "acme-corp",
    ),
    ("INT-301", rule(cidr_ipv4="0.0.0.0/0"), "port 5432"),
    ("INT-301", rule(cidr_ipv6="::/0"), "port 5432"),
    ("INT-301", rule(cidr_ipv4="10.0.0.0/99"), "port 5432"),
    ("INT-301", rule(cidr_ipv4="0.0.0.0/1", from_port=0, to_port=65535), "ports 0 to 65535"),
    ("INT-301", rule(cidr_ipv4="0.0.0.0/0", from_port=443, to_port=443), "port 443"),
    ("INT-301", rule(cidr_ipv4="0.0.0.0/0", ip_protocol="-1", from_port=None, to_port=None), "every port"),
    (
        "INT-301",
        changed(
            "aws_security_group",
            ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
        ),
        "port 22",
    ),
    ("INT-401", removed("aws_cloudwatch_metric_alarm", "alarms_http_5xx"), "5xx"),
    (
        "INT-401",
        removed("aws_cloudwatch_metric_alarm", "alarms_events_dead_letters"),
        "ApproximateNumberOfMessagesVisible",
    ),
    ("INT-401", removed("aws_cloudwatch_metric_alarm", "backups_alarm"), "NumberOfBackupJobsFailed"),
    ("INT-401", removed("aws_cloudwatch_metric_alarm", "key_notice_unheard"), "FailedInvocations"),
    ("INT-403", removed("aws_cloudwatch_event_rule", "key_notice_rule"), "its deletion was scheduled"),
    (
        "INT-403",
        changed("aws_cloudwatch_event_rule", "key_notice_rule", event_pattern='{"source": ["aws.kms"]}'),
        "its deletion was scheduled",
    ),
    ("INT-404", removed("aws_cloudwatch_event_rule", "backups_notice_rule"), "a copy of a backup failed"),
    (
        "INT-404",
        changed(
            "aws_cloudwatch_event_rule",
            "backups_notice_rule",
            event_pattern='{"detail-type": ["Backup Job State Change"]}',
        ),
        "a copy of a backup failed",
    ),
    (
        "INT-402",
        changed("aws_cloudwatch_metric_alarm", "alarms_http_5xx", alarm_actions=None),
        "tells nobody",
    ),
    (
        "INT-402",
        changed("aws_cloudwatch_metric_alarm", "alarms_http_5xx", actions_enabled=False),
        "tells nobody",
    ),
    (
        "IAM-101",
        changed("aws_sqs_queue_policy", policy="${data.aws_iam_policy_document.queue.json}"),
        "expression",
    ),
    ("IAM-102", changed("aws_sqs_queue_policy", policy='{"Statement": []}'), "None"),
    ("IAM-103", stated(ROLE, "api_role", Action="s3:ListBucket"), "no resource"),
    ("IAM-103", identity("s3:ListAllMyBuckets", Principal="*"), "names a principal"),
    ("IAM-103", queue(Action="sqs:SendMessage"), "names no principal"),
    ("IAM-103", identity("s3:ListAllMyBuckets", Effect="allow"), "effect 'allow'"),
    ("IAM-103", identity("s3:ListAllMyBuckets", Conditions={}), "Conditions"),
    ("IAM-103", identity("s3:ListAllMyBuckets", Sid="SendTraces"), "same Sid"),
    ("IAM-104", identity("s3:GetObjects", BUCKET), "s3:GetObjects"),
    ("IAM-104", identity("nosuchservice:Get", BUCKET), "nosuchservice:Get"),
    ("IAM-105", identity("s3:GetObject", BUCKET), "s3:GetObject"),
    ("IAM-105", identity("sqs:SendMessage", f"{BUCKET}/*"), "sqs:SendMessage"),
    ("IAM-105", identity("s3:ListAllMyBuckets", BUCKET), "s3:ListAllMyBuckets"),
    ("IAM-106", identity("sqs:SendMessage", Condition={"StringEquals": {"s3:prefix": "x"}}), "s3:prefix"),
    (
        "IAM-106",
        identity("sqs:SendMessage", Condition={"StringEquals": {"aws:PrincipalTags/x": "x"}}),
        "PrincipalTags",
    ),
]


@pytest.mark.parametrize(
    ("check", "damage", "says"),
    PLANTED,
    ids=[f"{check}-{number}" for number, (check, _, _) in enumerate(PLANTED)],
)
def test_what_is_planted_is_found(definitions: Definitions, check: str, damage: Damage, says: str) -> None:
    found = own_findings([production_silo(damage)], definitions)
    assert any(f.check == check and re.search(says, f.message) for f in found), found


@pytest.mark.parametrize(
    "elements",
    [
        {"Principal": ["*"], "Action": "sqs:SendMessage"},
        {"Principal": "*", "Action": "sqs:SendMessage", "Condition": ["StringEquals"]},
        {"Principal": "*", "Action": "sqs:SendMessage", "Condition": {"StringEquals": "x"}},
    ],
)
def test_a_policy_that_iam_could_not_parse_ends_the_scan(
    definitions: Definitions, elements: dict[str, Any]
) -> None:
    with pytest.raises(
        ScanError, match=r"aws_sqs_queue_policy\..*: received a policy in `policy` whose elements"
    ):
        own_findings([production_silo(queue(**elements))], definitions)


def test_a_policy_in_a_place_that_nobody_listed_ends_the_scan(definitions: Definitions) -> None:
    damage = changed("aws_cloudwatch_event_rule", description='{"Statement": []}')
    with pytest.raises(ScanError, match=r"aws_cloudwatch_event_rule\..*: received a policy in `description`"):
        own_findings([production_silo(damage)], definitions)


def test_a_stack_without_any_policy_ends_the_scan(definitions: Definitions) -> None:
    stack = ScannedStack(id="empty", document={"resource": {"aws_vpc": {"vpc": {}}}})
    with pytest.raises(ScanError, match="empty: received no IAM document, expected one at least"):
        own_findings([stack], definitions)


def test_every_check_of_our_own_is_planted() -> None:
    assert {check for check, _, _ in PLANTED} == set(CHECKS)


def test_the_projects_own_stacks_have_none_of_them(definitions: Definitions) -> None:
    stacks = [
        production_silo(),
        production_platform(),
        scanned(silo()),
        scanned(
            silo(
                api_authorization="iam",
                api_callers=["web-client"],
                interface_endpoints=["logs", "events", "kms"],
            )
        ),
        scanned(platform()),
    ]
    assert own_findings(stacks, definitions) == []
