"""References to what is one's own, or the platform's for a reason, stay PROVED; all others are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from isolation.catalogue.arguments.listed import LISTED
from isolation.catalogue.arguments.uses import Use
from isolation.catalogue.edges import HARMLESS, RUNS, SENDS, TAKES
from isolation.inventory.edges import Edges
from isolation.inventory.reading import take_inventory
from isolation.synthesized.reading import build_stacks
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import ACME, PLATFORM, Documents, add, allow, resource
from tests.isolation.holes.moved import named, of, reference, retail_queue
from tests.isolation.stacks import documents


def own_queue(stacks: Documents) -> None:
    add(stacks, ACME, "aws_sqs_queue", "second", {"name": "tenant-acme-corp-second-test"})
    policy = {"deadLetterTargetArn": "${aws_sqs_queue.second.arn}", "maxReceiveCount": 3}
    resource(stacks, ACME, "aws_sqs_queue")["redrive_policy"] = json.dumps(policy)


def own_bucket_by_its_name(stacks: Documents) -> None:
    bucket = named(stacks, ACME, "aws_s3_bucket", "bucket")
    add(
        stacks,
        ACME,
        "aws_s3_bucket_logging",
        "own",
        {"bucket": bucket, "target_bucket": bucket, "target_prefix": "x"},
    )


def own_table_restored(stacks: Documents) -> None:
    source = named(stacks, ACME, "aws_dynamodb_table", "name")
    body = {
        "name": "tenant-acme-corp-restored-test",
        "restore_source_name": source,
        "restore_to_latest_time": True,
    }
    add(stacks, ACME, "aws_dynamodb_table", "restored", body)


def an_image_by_digest(stacks: Documents) -> None:
    definition = of(stacks, "aws_ecs_task_definition", "acme-corp")
    containers = json.loads(definition["container_definitions"])
    containers[0]["image"] = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{'0' * 64}"
    definition["container_definitions"] = json.dumps(containers)


def tuning(stacks: Documents) -> None:
    resource(stacks, ACME, "aws_lambda_function")["memory_size"] = 1024
    resource(stacks, ACME, "aws_sqs_queue")["visibility_timeout_seconds"] = 60
    resource(stacks, ACME, "aws_dynamodb_table")["stream_enabled"] = True


@pytest.mark.parametrize(
    "change", [own_queue, own_bucket_by_its_name, own_table_restored, an_image_by_digest, tuning]
)
def test_what_is_ones_own_stays_proved(change: Callable[[Documents], None]) -> None:
    stacks = documents()
    change(stacks)
    # The account is known: an account number in a text may otherwise be another one's.
    report = analyse(stacks, "999999999998")
    assert report.verdict == "PROVED", (report.gaps, report.findings)


def layers_of_nobody(stacks: Documents) -> None:
    layer = "arn:aws:lambda:us-east-1:210987654321:layer:x:1"
    resource(stacks, ACME, "aws_lambda_function")["layers"] = [layer]


def a_file_system_of_nobody(stacks: Documents) -> None:
    volume = {"name": "v", "efs_volume_configuration": [{"file_system_id": "fs-0123456789abcdef0"}]}
    of(stacks, "aws_ecs_task_definition", "acme-corp")["volume"] = [volume]


def anothers_key(stacks: Documents) -> None:
    of(stacks, "aws_secretsmanager_secret", "acme-corp")["kms_key_id"] = next(
        body["kms_key_id"]
        for name, body in stacks[PLATFORM]["resource"]["aws_secretsmanager_secret"].items()
        if name.startswith("tenants_globex-inc")
    )


def anothers_queue_in_the_environment(stacks: Documents) -> None:
    body = resource(stacks, ACME, "aws_lambda_function")
    body["environment"] = [{"variables": {"QUEUE": retail_queue(stacks)}}]


PAGER = "arn:aws:sns:us-east-1:999999999998:pager"


def an_alarm_heard_in_the_account(stacks: Documents) -> None:
    add(stacks, ACME, "aws_cloudwatch_metric_alarm", "x", {"alarm_name": "x", "alarm_actions": [PAGER]})


def test_who_hears_of_alarms_is_trusted_and_named() -> None:
    stacks = documents()
    an_alarm_heard_in_the_account(stacks)
    report = analyse(stacks, "999999999998")
    assert report.verdict == "PROVED", report.gaps
    told = f"whoever hears of alarms through {PAGER}: their names and figures, and events of AWS's that are sent there"
    assert told in report.trusted


PACKAGES = "our-packages"


def packages_in_a_bucket(stacks: Documents) -> None:
    for document in stacks.values():
        for function in document["resource"].get("aws_lambda_function", {}).values():
            del function["filename"]
            function |= {"s3_bucket": PACKAGES, "s3_key": "packages/a.zip"}


def test_who_writes_packages_is_trusted_and_named() -> None:
    stacks = documents()
    packages_in_a_bucket(stacks)
    report = analyse(stacks, "999999999998")
    assert report.verdict == "PROVED", report.gaps
    assert (
        f"whoever may write to the bucket {PACKAGES}, and its policy, which no stack declares: "
        "functions run code from it"
    ) in report.trusted


def test_a_tenant_that_may_write_packages_reaches_everybody() -> None:
    stacks = documents()
    packages_in_a_bucket(stacks)
    allow(
        resource(stacks, ACME, "aws_iam_role_policy", "api_role"),
        "s3:PutObject",
        f"arn:aws:s3:::{PACKAGES}/*",
    )
    report = analyse(stacks, "999999999998")
    assert report.verdict == "VIOLATED"


def a_package_by_variable(stacks: Documents) -> None:
    resource(stacks, ACME, "aws_lambda_function")["s3_bucket"] = "${var.bucket}"


def a_package_of_anothers(stacks: Documents) -> None:
    bucket = stacks["tenant-retail-co-test"]["resource"]["aws_s3_bucket"]
    (found,) = bucket.values()
    resource(stacks, ACME, "aws_lambda_function")["s3_bucket"] = found["bucket"]


def test_a_package_in_another_tenants_bucket_runs_that_tenants_code() -> None:
    stacks = documents()
    a_package_of_anothers(stacks)
    edges = take_inventory(stacks, "9" * 12).edges
    assert any(edge.attacker == "retail-co" and " runs code from " in edge.story for edge in edges)


def an_alarm_that_calls_a_function(stacks: Documents) -> None:
    body = {"alarm_name": "x", "alarm_actions": ["arn:aws:lambda:us-east-1:999999999998:function:x"]}
    add(stacks, ACME, "aws_cloudwatch_metric_alarm", "x", body)


def an_alarm_to_a_topic_by_variable(stacks: Documents) -> None:
    add(stacks, ACME, "aws_cloudwatch_metric_alarm", "x", {"alarm_name": "x", "ok_actions": ["${var.topic}"]})


def a_bucket_by_variable(stacks: Documents) -> None:
    bucket = reference(stacks, ACME, "aws_s3_bucket", "id")
    add(stacks, ACME, "aws_s3_bucket_logging", "x", {"bucket": bucket, "target_bucket": "${var.logs}"})


def an_image_by_tag_of_nobody(stacks: Documents) -> None:
    definition = of(stacks, "aws_ecs_task_definition", "acme-corp")
    containers = json.loads(definition["container_definitions"])
    containers[0]["image"] = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest"
    definition["container_definitions"] = json.dumps(containers)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (layers_of_nobody, "layers"),
        (a_file_system_of_nobody, "volume.efs_volume_configuration.file_system_id"),
        (anothers_key, "kms_key_id"),
        (anothers_queue_in_the_environment, "environment.variables"),
        (an_alarm_that_calls_a_function, "alarm_actions"),
        (an_alarm_to_a_topic_by_variable, "ok_actions"),
        (a_bucket_by_variable, "target_bucket"),
        (a_package_by_variable, "s3_bucket"),
        (an_image_by_tag_of_nobody, "container_definitions"),
    ],
)
def test_what_is_not_known_to_be_harmless_is_a_gap(change: Callable[[Documents], None], path: str) -> None:
    stacks = documents()
    change(stacks)
    gaps = take_inventory(stacks, "9" * 12).gaps
    assert any(owner == "acme-corp" and f": argument {path} names " in text for owner, text in gaps), gaps
    if change is layers_of_nobody:
        report = analyse(stacks)
        assert report.findings["retail-co", "acme-corp", "other"].verdict == "UNKNOWN"
        assert report.findings["acme-corp", "retail-co", "other"].verdict == "UNKNOWN"


def test_every_edge_of_the_catalogue_is_an_argument_that_is_looked_at() -> None:
    # References in keys and in what is measured are judged as well, though texts in them name nothing.
    looked_at = {Use.LINK, Use.PART, Use.READ, Use.CONTENT, Use.MEASURED, Use.KEY}
    for type_, path, *_ in (*SENDS, *TAKES, *RUNS, *HARMLESS):
        assert LISTED[type_][path] in looked_at, (type_, path)


def test_no_reason_of_the_catalogue_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reason to be harmless is one without which the project's own stacks are not proved."""
    stacks = build_stacks(documents("production"), "9" * 12)
    assert Edges(stacks).gaps == []
    for where in list(HARMLESS):
        with monkeypatch.context() as patch:
            patch.delitem(HARMLESS, where)
            assert Edges(stacks).gaps, where


def crossing(type_: str, path: str) -> tuple[Edges, str]:
    """The edges of a resource of acme's whose argument names a queue of retail's, and the queue's address."""
    body: Any = "${aws_sqs_queue.other.arn}"
    for name in reversed(path.split(".")):
        body = {name: body}
    document = {
        "resource": {
            type_: {"one": {**body, "tags": {"TenantId": "acme"}}},
            "aws_sqs_queue": {"other": {"name": "other", "tags": {"TenantId": "retail"}}},
        }
    }
    if type_ == "aws_sqs_queue":
        document["resource"][type_]["other"] = {"name": "other", "tags": {"TenantId": "retail"}}
        document["resource"][type_]["one"] = {**body, "name": "one", "tags": {"TenantId": "acme"}}
    return Edges(build_stacks({"stack": document}, "9" * 12)), "stack/aws_sqs_queue.other"


@pytest.mark.parametrize("table", [SENDS, TAKES, RUNS], ids=["sends", "takes", "runs"])
def test_each_edge_moves_something_and_is_unknown_without_its_entry(
    table: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for (type_, path), story in list(table.items()):
        edges, other = crossing(type_, path)
        assert [edge.story for edge in edges.found] == [f"stack/{type_}.one {story} {other}"]
        monkeypatch.delitem(table, (type_, path))
        edges, other = crossing(type_, path)
        assert edges.found == []
        assert any(f"argument {path} names {other}" in text for _, text in edges.gaps), (type_, path)
