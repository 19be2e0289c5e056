"""Changes whose danger is in an argument: of a resource, of a rule's pattern, or of a request that a right allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.isolation.holes.editing import (
    ACME,
    RETAIL,
    Documents,
    add,
    arn,
    resource,
)
from tests.isolation.holes.hole import A, Hole, R
from tests.isolation.holes.moved import named, of, reference

Edit = Callable[[Documents], None]


def _rule(documents: Documents, pattern: dict[str, Any]) -> None:
    add(
        documents,
        RETAIL,
        "aws_cloudwatch_event_rule",
        "hole",
        {"name": "hole", "event_pattern": json.dumps(pattern)},
    )
    queue = reference(documents, RETAIL, "aws_sqs_queue", "arn")
    body = {"rule": "${aws_cloudwatch_event_rule.hole.name}", "arn": queue}
    add(documents, RETAIL, "aws_cloudwatch_event_target", "hole", body)


def what_aws_says_of_everybody_is_heard(documents: Documents) -> None:
    _rule(documents, {"source": ["aws.ecs"]})


def calls_of_everybody_are_heard(documents: Documents) -> None:
    calls = {"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventName": ["GetSecretValue"]}}
    _rule(documents, {"source": [{"prefix": "aws."}], **calls})


def sign_ups_of_everybody_are_heard(documents: Documents) -> None:
    rule = resource(documents, RETAIL, "aws_cloudwatch_event_rule", "signup")
    rule["event_pattern"] = json.dumps({"source": json.loads(rule["event_pattern"])["source"]})


def sign_ups_of_another_are_heard(documents: Documents) -> None:
    rule = resource(documents, RETAIL, "aws_cloudwatch_event_rule", "signup")
    rule["event_pattern"] = rule["event_pattern"].replace("retail-co", "acme-corp")


def what_is_said_of_the_own_queue_is_heard(documents: Documents) -> None:
    queue = reference(documents, RETAIL, "aws_sqs_queue", "arn")
    _rule(documents, {"source": ["aws.sqs"], "resources": [queue]})


def one_of_two_is_of_everybody(documents: Documents) -> None:
    queue = reference(documents, RETAIL, "aws_sqs_queue", "arn")
    _rule(documents, {"source": ["aws.sqs"], "detail": {"$or": [{"queue": [queue]}, {"state": ["GONE"]}]}})


def another_function_lets_users_in(documents: Documents) -> None:
    function = arn("lambda", f"function:{named(documents, RETAIL, 'aws_lambda_function', 'function_name')}")
    pool = resource(documents, ACME, "aws_cognito_user_pool")
    pool["lambda_config"] = [{"verify_auth_challenge_response": function}]


def _alarm(documents: Documents, stack: str) -> None:
    body = {
        "alarm_name": "retail-messages",
        "comparison_operator": "GreaterThanThreshold",
        "dimensions": {"QueueName": named(documents, stack, "aws_sqs_queue", "name")},
        "evaluation_periods": 1,
        "metric_name": "NumberOfMessagesSent",
        "namespace": "AWS/SQS",
    }
    add(documents, RETAIL, "aws_cloudwatch_metric_alarm", "hole", body)


def a_figure_of_another_is_watched(documents: Documents) -> None:
    _alarm(documents, ACME)


def a_figure_of_its_own_is_watched(documents: Documents) -> None:
    _alarm(documents, RETAIL)


def _key(documents: Documents, key: str) -> None:
    resource(documents, ACME, "aws_sqs_queue")["kms_master_key_id"] = key


def a_key_of_another_by_its_alias(documents: Documents) -> None:
    _key(documents, named(documents, RETAIL, "aws_kms_alias", "name"))


def a_key_by_its_id(documents: Documents) -> None:
    _key(documents, "1234abcd-12ab-34cd-56ef-1234567890ab")


def a_key_that_aws_manages(documents: Documents) -> None:
    _key(documents, "alias/aws/sqs")


def a_login_of_another(documents: Documents) -> None:
    invocation = of(documents, "aws_lambda_invocation", "globex-inc")
    invocation["input"] = invocation["input"].replace('"globex-inc"', '"acme-corp"')


def an_image_by_another_name_of_the_registry(documents: Documents) -> None:
    task = of(documents, "aws_ecs_task_definition", "acme-corp")
    (container, *_) = containers = json.loads(task["container_definitions"])
    container["image"] = "123456789012.dkr-ecr.us-east-1.on.aws/somebodys:latest"
    task["container_definitions"] = json.dumps(containers)


def tokens_are_sent_somewhere(documents: Documents) -> None:
    client = resource(documents, ACME, "aws_cognito_user_pool_client")
    client["callback_urls"] = ["https://retail.example/callback"]


def clients_are_sent_somewhere(documents: Documents) -> None:
    resource(documents, ACME, "aws_s3_bucket")["website"] = [
        {"redirect_all_requests_to": "https://retail.example"}
    ]


def everything_is_backed_up(documents: Documents) -> None:
    selection = documents[ACME]["resource"].setdefault("aws_backup_selection", {})
    selection["hole"] = {
        "name": "x",
        "iam_role_arn": reference(documents, ACME, "aws_iam_role", "arn"),
        "plan_id": "x",
    }


HOLES = [
    Hole(sign_ups_of_another_are_heard, R, A, "events", "", "takes the events that are about"),
    Hole(another_function_lets_users_in, R, A, "users", "", "lets users in as decided by"),
]
"""Found as VIOLATED."""

DOUBTS = [
    (what_aws_says_of_everybody_is_heard, "asks for nothing of its owner's"),
    (calls_of_everybody_are_heard, "asks for nothing of its owner's"),
    (one_of_two_is_of_everybody, "asks for nothing of its owner's"),
    (sign_ups_of_everybody_are_heard, "asks for nothing of its owner's"),
    (a_figure_of_another_is_watched, "argument dimensions names"),
    (a_key_of_another_by_its_alias, "argument kms_master_key_id names"),
    (a_key_by_its_id, "argument kms_master_key_id names"),
    (a_login_of_another, "argument input is about acme-corp and globex-inc"),
    (an_image_by_another_name_of_the_registry, "names somebodys"),
    (tokens_are_sent_somewhere, "argument callback_urls is not modelled"),
    (clients_are_sent_somewhere, "argument website.redirect_all_requests_to is not modelled"),
    (everything_is_backed_up, "no argument resources"),
]
"""Each with what a gap says."""

SAFE = [
    what_is_said_of_the_own_queue_is_heard,
    a_figure_of_its_own_is_watched,
    a_key_that_aws_manages,
]
