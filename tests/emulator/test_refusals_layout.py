"""Sizes and layouts that AWS refuses: key policies, web ACLs, internet gateways and subnets."""

from __future__ import annotations

from typing import Any

from emulator.server import Emulator
from tests.emulator import gaps
from tests.emulator.refused import MANAGEMENT, outcome, policy, statement

ROLE = "arn:aws:iam::123456789012:role/administrator-{:04}"
SHOWN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "x"}


def test_a_key_policy_has_its_size(shimmed: Emulator, bare: Emulator) -> None:
    def of(size: int) -> str:
        condition = {"ArnEquals": {"aws:PrincipalArn": [""]}}
        short = policy([statement(*MANAGEMENT, condition=condition)])
        condition["ArnEquals"]["aws:PrincipalArn"] = ["x" * (size - len(short))]
        return policy([statement(*MANAGEMENT, condition=condition)])

    for emulator, refused in ((shimmed, "LimitExceededException"), (bare, "accepted")):
        kms = emulator.client("kms")
        assert outcome(kms.create_key, Policy=of(32_768)) == "accepted"
        assert outcome(kms.create_key, Policy=of(32_769)) == refused
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        assert outcome(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=of(32_769)) == refused


def test_a_web_acl_has_its_capacity(shimmed: Emulator, bare: Emulator) -> None:
    regex = {
        "RegexMatchStatement": {
            "RegexString": "x",
            "FieldToMatch": {"SingleHeader": {"Name": "host"}},
            "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
        }
    }

    def rule(number: int) -> dict[str, Any]:
        group = {
            "VendorName": "AWS",
            "Name": "AWSManagedRulesCommonRuleSet",
            "ScopeDownStatement": {"OrStatement": {"Statements": [regex, regex]}},
        }
        return {
            "Name": f"rule-{number}",
            "Priority": number,
            "Statement": {"ManagedRuleGroupStatement": group},
            "OverrideAction": {"None": {}},
            "VisibilityConfig": SHOWN,
        }

    for emulator, refused in ((shimmed, "WAFLimitsExceededException"), (bare, "accepted")):
        waf = emulator.client("wafv2")
        given: dict[str, Any] = {
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": SHOWN,
        }
        # Each takes 726 of the 5,000 units.
        assert (
            outcome(waf.create_web_acl, Name=gaps.name(), Rules=[*map(rule, range(6))], **given) == "accepted"
        )
        assert outcome(waf.create_web_acl, Name=gaps.name(), Rules=[*map(rule, range(7))], **given) == refused


def test_a_vpc_has_one_internet_gateway(shimmed: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((shimmed, "InvalidParameterValue"), (bare, "accepted")):
        ec2 = emulator.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
        first, second = (
            ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"] for _ in range(2)
        )
        assert outcome(ec2.attach_internet_gateway, VpcId=vpc, InternetGatewayId=first) == "accepted"
        assert outcome(ec2.attach_internet_gateway, VpcId=vpc, InternetGatewayId=second) == refused
        if refused != "accepted":
            ec2.detach_internet_gateway(VpcId=vpc, InternetGatewayId=first)
            assert outcome(ec2.attach_internet_gateway, VpcId=vpc, InternetGatewayId=second) == "accepted"


def test_a_subnet_lies_in_its_vpc(shimmed: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((shimmed, "InvalidSubnet.Range"), (bare, "accepted")):
        ec2 = emulator.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
        assert outcome(ec2.create_subnet, VpcId=vpc, CidrBlock="10.79.0.0/24") == refused
        assert outcome(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/8") == refused
        assert outcome(ec2.create_subnet, VpcId=vpc, CidrBlock="10.78.1.0/24") == "accepted"
