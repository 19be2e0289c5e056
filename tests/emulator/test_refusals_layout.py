"""Sizes, layouts and names that AWS refuses: key policies, web ACLs, gateways, subnets and certificates."""

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
        others = statement("kms:DescribeKey", condition=condition)
        short = policy([statement(*MANAGEMENT), others])
        condition["ArnEquals"]["aws:PrincipalArn"] = ["x" * (size - len(short))]
        return policy([statement(*MANAGEMENT), others])

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


def test_a_certificate_is_of_a_public_domain_of_ones_own(shimmed: Emulator, bare: Emulator) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html (`FailureReason`)."""
    failed = {
        "saas.internal": "INVALID_PUBLIC_DOMAIN",
        "*.saas.internal": "INVALID_PUBLIC_DOMAIN",
        "x.eu-west-1.elb.amazonaws.com": "DOMAIN_NOT_ALLOWED",
    }
    for emulator in (shimmed, bare):
        acm = emulator.client("acm")

        def status(domain: str, *others: str, acm: Any = acm) -> tuple[str, str | None]:
            names = {"SubjectAlternativeNames": [domain, *others]} if others else {}
            arn = acm.request_certificate(DomainName=domain, ValidationMethod="DNS", **names)[
                "CertificateArn"
            ]
            found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
            return found["Status"], found.get("FailureReason")

        assert status("saas.example.com", "*.saas.example.com") == ("ISSUED", None)
        for domain, reason in failed.items():
            expected = ("FAILED", reason) if emulator is shimmed else ("ISSUED", None)
            assert status(domain) == status("saas.example.com", domain) == expected


def test_whoever_writes_a_keys_policy_may_write_it_again(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html (`Policy`)."""
    everything = [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]

    def administered(*arns: str) -> str:
        condition = {"ArnEquals": {"aws:PrincipalArn": list(arns)}}
        return policy([statement(*MANAGEMENT, condition=condition)])

    for emulator in (shimmed_with_iam, bare_with_iam):
        refused = "MalformedPolicyDocumentException" if emulator is shimmed_with_iam else "accepted"
        keys = gaps.assumed(emulator, everything)
        kms = emulator.client("kms", **keys)
        arn = emulator.client("sts", **keys).get_caller_identity()["Arn"]
        own = f"arn:aws:iam::{arn.split(':')[4]}:role/{arn.split('/')[1]}"
        other = ROLE.format(1)
        assert outcome(kms.create_key, Policy=administered(own, other)) == "accepted"
        assert outcome(kms.create_key, Policy=administered(other)) == refused
        bypassing = {"Policy": administered(other), "BypassPolicyLockoutSafetyCheck": True}
        assert outcome(kms.create_key, **bypassing) == "accepted"
        assert outcome(kms.create_key) == "accepted"
        tagged = {"StringEquals": {"aws:ResourceTag/Environment": "test"}}
        by_tag: list[dict[str, Any]] = [
            {"Effect": "Allow", "Action": ["kms:CreateKey", "kms:TagResource"], "Resource": "*"},
            {"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*", "Condition": tagged},
        ]
        others = emulator.client("kms", **gaps.assumed(emulator, by_tag))
        for value, result in (("test", "accepted"), ("prod", refused)):
            tags = [{"TagKey": "Environment", "TagValue": value}]
            assert outcome(others.create_key, Policy=policy([statement(*MANAGEMENT)]), Tags=tags) == result
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        named = {"KeyId": key, "PolicyName": "default"}
        assert outcome(kms.put_key_policy, **named, Policy=administered(other)) == refused
