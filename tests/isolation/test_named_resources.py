"""A right names resources of types that are targets, or it is in doubt: whatever AWS calls its resources."""

from __future__ import annotations

import json

import pytest

from isolation.catalogue.kinds import KINDS
from isolation.iam.parsing import parse_policy
from isolation.inventory.forms import FORMS
from isolation.inventory.named import unknown_resources
from isolation.inventory.reading import take_inventory
from isolation.model.caller import Caller
from isolation.verdict.analysis import analyse
from tests.isolation.holes import unlisted
from tests.isolation.holes.editing import allow, retail_policy
from tests.isolation.holes.hole import Hole
from tests.isolation.stacks import documents

A = "123456789012"


def doubts(action: object, *resources: str, **more: object) -> list[str]:
    statement = {"Effect": "Allow", "Action": action, "Resource": list(resources), **more}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = parse_policy(text, "stack/aws_iam_role_policy.x", resource_policy=False)
    who = Caller(
        type="role", name="x", owner="acme", arn=f"arn:aws:iam::{A}:role/x", account=A, identity=policy
    )
    return [text for _, text in unknown_resources([who])]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("rds:*", f"arn:aws:rds:us-east-1:{A}:db-proxy:*"),
        ("rds:RestoreDBInstanceFromDBSnapshot", f"arn:aws:rds:us-east-1:{A}:snapshot:*"),
        ("lambda:*", f"arn:aws:lambda:us-east-1:{A}:layer:*"),
        ("logs:CreateDelivery", f"arn:aws:logs:*:{A}:delivery-source:*"),
        ("s3:*", f"arn:aws:s3:us-east-1:{A}:job/*"),
        ("ssm:SendCommand", f"arn:aws:ec2:*:{A}:instance/*"),
        ("iam:DeletePolicyVersion", f"arn:aws:iam::{A}:policy/*"),
        ("ec2:ModifySecurityGroupRules", f"arn:aws:ec2:*:{A}:security-group-rule/*"),
        ("backup:CreateReportPlan", f"arn:aws:backup:*:{A}:report-plan:*"),
        ("events:StartReplay", f"arn:aws:events:*:{A}:replay/*"),
        ("route53:*", "arn:aws:route53:::healthcheck/*"),
        ("apigateway:PUT", "arn:aws:apigateway:us-east-1::/tags/*"),
        ("cloudwatch:DeleteMetricStream", f"arn:aws:cloudwatch:*:{A}:metric-stream/*"),
        ("wafv2:UpdateIPSet", f"arn:aws:wafv2:*:{A}:regional/ipset/*"),
        ("wafv2:DisassociateWebACL", f"arn:aws:sqs:*:{A}:x"),
    ],
)
def test_a_right_on_a_type_that_is_no_target_is_in_doubt(action: str, resource: str) -> None:
    assert doubts(action, resource)
    # It is in doubt beside a right that is not, too.
    both = doubts(["s3:GetObject", action], "arn:aws:s3:::x/*", resource)
    assert any(resource in text or action.lower() in text for text in both)


@pytest.mark.parametrize(
    ("action", "resources"),
    [
        (["s3:GetObject", "kms:Decrypt"], ["arn:aws:s3:::x/*", f"arn:aws:kms:us-east-1:{A}:key/x"]),
        ("dynamodb:Query", [f"arn:aws:dynamodb:us-east-1:{A}:table/x/index/*"]),
        ("logs:PutLogEvents", [f"arn:aws:logs:us-east-1:{A}:log-group:x:log-stream:*"]),
        ("rds-db:connect", [f"arn:aws:rds-db:us-east-1:{A}:dbuser:*/x"]),
        ("sts:TagSession", [f"arn:aws:sts::{A}:assumed-role/x/*"]),
        ("ecs:ExecuteCommand", [f"arn:aws:ecs:us-east-1:{A}:task/x/*"]),
        ("execute-api:Invoke", [f"arn:aws:execute-api:us-east-1:{A}:abc/*"]),
        ("wafv2:DisassociateWebACL", [f"arn:aws:elasticloadbalancing:*:{A}:loadbalancer/app/*"]),
        ("cloudtrail:PutEventSelectors", [f"arn:aws:cloudtrail:us-east-1:{A}:trail/x"]),
        ("ssmmessages:OpenDataChannel", [f"arn:aws:ssmmessages:us-east-1:{A}:x"]),
        ("s3:*", ["arn:aws:s3:::*"]),
        ("*", ["*"]),
    ],
)
def test_a_right_on_targets_is_in_no_doubt(action: object, resources: list[str]) -> None:
    assert not doubts(action, *resources)


def test_a_denial_and_what_names_everything_else_are_in_no_doubt() -> None:
    assert not doubts("rds:*", f"arn:aws:rds:us-east-1:{A}:db-proxy:*", Effect="Deny")


def test_every_kind_has_forms() -> None:
    assert set(FORMS) == set(KINDS) - {"other"}
    assert all(FORMS.values())


def test_a_right_on_a_type_in_no_list_costs_the_proof() -> None:
    stacks = documents()
    allow(retail_policy(stacks), "s3:UpdateJobStatus", f"arn:aws:s3:us-east-1:{A}:job/*")
    assert any("job/*" in text for _, text in take_inventory(stacks, A).gaps)
    assert analyse(stacks).verdict == "UNKNOWN"


@pytest.mark.parametrize("hole", unlisted.ARNS_OF_THEIR_OWN, ids=str)
def test_a_part_with_an_arn_of_its_own_is_found_in_production_as_well(hole: Hole) -> None:
    stacks = documents("production")
    hole.open(stacks)
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert finding.verdict == "VIOLATED", finding
    assert finding.action == hole.action
