"""The provisioning rule and its dead letters."""

from __future__ import annotations

import json

from tests.synthesis import ACCOUNT, silo


def test_the_rule_is_for_this_tenants_signup_alone() -> None:
    rule = silo().one("aws_cloudwatch_event_rule")
    assert rule["name"] == "tenant-acme-corp-signup-rule-test"
    assert json.loads(rule["event_pattern"]) == {
        "source": ["custom.signup"],
        "detail-type": ["Tenant Signup"],
        "detail": {"tenantId": ["acme-corp"]},
    }


def test_the_target_is_the_provisioner_with_retries_and_dead_letters() -> None:
    stack = silo()
    target = stack.one("aws_cloudwatch_event_target")
    assert target["target_id"] == "tenant-acme-corp-lambda-target"
    assert target["arn"] == f"${{{stack.address('aws_lambda_function', 'provisioner')}.arn}}"
    assert target["retry_policy"] == {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 8}
    assert target["dead_letter_config"] == {"arn": f"${{{stack.address('aws_sqs_queue', 'events')}.arn}}"}


def test_eventbridge_invokes_for_this_rule_alone() -> None:
    stack = silo()
    permission = stack.one("aws_lambda_permission", "provisioner")
    assert permission["statement_id"] == "AllowEventBridgeInvoke"
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["source_arn"] == f"${{{stack.address('aws_cloudwatch_event_rule')}.arn}}"


def test_eventbridge_sends_dead_letters_for_this_rule_alone() -> None:
    (statement,) = silo().statements("aws_sqs_queue_policy").values()
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == [f"arn:aws:sqs:us-east-1:{ACCOUNT}:tenant-acme-corp-events-dlq-test"]
    assert statement["Condition"] == {
        "ArnEquals": {
            "aws:SourceArn": [f"arn:aws:events:us-east-1:{ACCOUNT}:rule/tenant-acme-corp-signup-rule-test"]
        },
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
    }


def test_dead_letters_are_encrypted_and_kept_for_14_days() -> None:
    stack = silo()
    queues = stack.all("aws_sqs_queue")
    assert len(queues) == 2
    for queue in queues.values():
        assert queue["kms_master_key_id"] == f"${{{stack.address('aws_kms_key')}.arn}}"
        assert queue["message_retention_seconds"] == 1_209_600
