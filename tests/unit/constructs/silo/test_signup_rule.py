"""The provisioning rule."""

from __future__ import annotations

import json
from functools import cache

from constructs.silo.dead_letter_queue import DeadLetterQueue, DeadLetterQueueProps
from constructs.silo.signup_rule import SignupRule, SignupRuleProps, grant_announce
from tests.construct import SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/tenant-acme-corp-signup-rule-test"


@cache
def signup_rule() -> StackDocument:
    def build(around: Surroundings) -> None:
        queue = DeadLetterQueueProps(name="a-queue", owner=SILO, key=around.key)
        props = SignupRuleProps(
            owner=SILO,
            account=around.account,
            function=around.function,
            dead_letters=DeadLetterQueue(around.stack, "queue", queue),
        )
        SignupRule(around.stack, "signup_rule", props)
        around.grant(lambda grantee: grant_announce(grantee, SILO, around.account))

    return alone(build)


def test_the_rule_is_for_this_tenants_signup_alone() -> None:
    rule = signup_rule().one("aws_cloudwatch_event_rule")
    assert rule["name"] == "tenant-acme-corp-signup-rule-test"
    assert rule["description"] == "Starts the provisioner when this tenant signs up"
    assert json.loads(rule["event_pattern"]) == {
        "source": ["custom.signup"],
        "detail-type": ["Tenant Signup"],
        "detail": {"tenantId": ["acme-corp"]},
    }


def test_the_pattern_is_serialised_canonically() -> None:
    text = signup_rule().one("aws_cloudwatch_event_rule")["event_pattern"]
    assert text == json.dumps(json.loads(text), sort_keys=True)


def test_the_target_is_the_function_with_retries_and_dead_letters_once_both_admit_the_rule() -> None:
    """EventBridge delivers as soon as there is a target."""
    stack = signup_rule()
    assert stack.one("aws_cloudwatch_event_target") == {
        "rule": stack.reference("aws_cloudwatch_event_rule", attribute="name"),
        "target_id": "tenant-acme-corp-lambda-target",
        "arn": stack.reference("aws_lambda_function"),
        "retry_policy": {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 8},
        "dead_letter_config": {"arn": stack.reference("aws_sqs_queue")},
        "depends_on": [stack.address("aws_sqs_queue_policy"), stack.address("aws_lambda_permission")],
    }


def test_eventbridge_invokes_for_this_rule_alone() -> None:
    permission = signup_rule().one("aws_lambda_permission")
    assert permission["statement_id"] == "AllowEventBridgeInvoke"
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["source_arn"] == signup_rule().reference("aws_cloudwatch_event_rule")


def test_eventbridge_sends_dead_letters_for_this_rule_alone() -> None:
    (statement,) = signup_rule().statements("aws_sqs_queue_policy").values()
    assert statement["Condition"]["ArnEquals"] == {"aws:SourceArn": [RULE]}


def test_the_provisioner_announces_under_its_own_source_only() -> None:
    """Otherwise it could send another tenant's signup."""
    assert signup_rule().granted() == {
        "AnnounceProvisioning": {
            "Sid": "AnnounceProvisioning",
            "Effect": "Allow",
            "Action": ["events:PutEvents"],
            "Resource": [f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"],
            "Condition": {
                "StringEquals": {
                    "aws:PrincipalTag/TenantId": ["acme-corp"],
                    "events:source": ["tenant-platform.provisioner"],
                }
            },
        }
    }
