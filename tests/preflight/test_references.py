"""What the registry names and the account does not have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.server import Emulator
from preflight.checks import references
from preflight.deployment import Deployment
from preflight.findings import Severity
from tests.preflight.conftest import deployment_of, stack_of

TOPIC = "arn:aws:sns:us-east-1:123456789012:pager"
ALARM = {"alarm_actions": [TOPIC]}
NOTICE = {"arn": TOPIC}
BUDGET = {"notification": [{"subscriber_sns_topic_arns": [TOPIC]}]}


def said(deployment: Deployment) -> list[str]:
    """What stops; nothing else is found by this check."""
    findings = list(references.check(deployment))
    assert {finding.severity for finding in findings} <= {Severity.STOPS}
    return [finding.what for finding in findings]


def allowing(principal: object, action: object = "sns:Publish") -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": TOPIC}


def test_a_topic_must_be_there_and_take_what_is_published(account: Emulator) -> None:
    everything = stack_of(
        aws_cloudwatch_metric_alarm=[ALARM], aws_cloudwatch_event_target=[NOTICE], aws_budgets_budget=[BUDGET]
    )
    assert said(deployment_of(everything)) == [f"the topic {TOPIC} does not exist."]
    account.client("sns").create_topic(Name="pager")
    # Its first policy admits the account, as which alarms publish, and no other service.
    assert said(deployment_of(stack_of(aws_cloudwatch_metric_alarm=[ALARM]))) == []
    refused = "publish: its notices are lost."
    assert said(deployment_of(everything)) == [
        f"the policy of the topic {TOPIC} does not let {service}.amazonaws.com {refused}"
        for service in ("budgets", "events")
    ]

    def given(*statements: dict[str, Any]) -> list[str]:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        account.client("sns").set_topic_attributes(
            TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy
        )
        return said(deployment_of(everything))

    services = [f"{service}.amazonaws.com" for service in ("budgets", "events", "cloudwatch")]
    assert given(allowing({"Service": services})) == []
    assert given(allowing("*", ["SNS:Publish"])) == []
    assert len(given(allowing({"Service": services[:2]}))) == 1
    assert len(given(allowing({"Service": services}, "sns:Subscribe"))) == 3
    assert len(given({**allowing({"Service": services}), "Effect": "Deny"})) == 3
    assert len(given(allowing({"AWS": "arn:aws:iam::999999999999:root"}))) == 3


@pytest.mark.parametrize("place", ["eu-west-1:123456789012", "us-east-1:999999999999"])
def test_a_topic_elsewhere_hears_no_alarm(place: str) -> None:
    alarm = {"alarm_actions": [f"arn:aws:sns:{place}:pager"]}
    (what,) = said(deployment_of(stack_of(aws_cloudwatch_metric_alarm=[alarm])))
    assert "is not of us-east-1 in the account 123456789012" in what


def test_roles_that_call_an_api_must_be_there(account: Emulator) -> None:
    def answering(callers: str) -> Deployment:
        return deployment_of(
            stack_of(aws_lambda_function=[{"environment": {"variables": {"API_CALLERS": callers}}}])
        )

    ours = answering("roles:billing reports/read")
    assert [what.partition(" answers the role ")[2].partition(",")[0] for what in said(ours)] == [
        "billing",
        "reports",
    ]
    for name in ("billing", "reports"):
        account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    assert said(ours) == []
    assert references.seen(ours) == "billing, reports"
    assert said(answering("users-by-group")) == []


def test_prefix_lists_must_be_there(account: Emulator) -> None:
    def reaching(id_: str) -> Deployment:
        return deployment_of(stack_of(aws_vpc_security_group_egress_rule=[{"prefix_list_id": id_}]))

    assert said(reaching("pl-0123456789abcdef0")) == [
        "the prefix list pl-0123456789abcdef0 is not in us-east-1, or is not shared with the account."
    ]
    made = account.client("ec2").create_managed_prefix_list(
        PrefixListName="partner", MaxEntries=1, AddressFamily="IPv4"
    )
    assert said(reaching(made["PrefixList"]["PrefixListId"])) == []
    assert said(reaching("${aws_vpc_endpoint.s3.prefix_list_id}")) == []
