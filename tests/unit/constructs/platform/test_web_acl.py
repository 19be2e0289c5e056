"""The web application firewall."""

from __future__ import annotations

from functools import cache

from constructs.platform.web_acl import WebAcl, WebAclProps
from tests.construct import PLATFORM, Surroundings, alone
from tests.synthesis import StackDocument

# Blocking, it answers 403 to each body over 8 KB.
SIZE_IS_COUNTED = {"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}
NAME = "shared-platform-waf-test"


@cache
def web_acl() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = WebAclProps(names=PLATFORM, load_balancer=around.load_balancer.resource)
        WebAcl(around.stack, "web_acl", props)

    return alone(build)


def test_it_lets_through_what_no_rule_blocks() -> None:
    acl = web_acl().one("aws_wafv2_web_acl")
    del acl["rule"]
    assert acl == {
        "name": NAME,
        "description": "Before the load balancer of the platform",
        "scope": "REGIONAL",
        "default_action": {"allow": {}},
        "visibility_config": {
            "cloudwatch_metrics_enabled": True,
            "metric_name": NAME,
            "sampled_requests_enabled": True,
        },
    }


def test_awss_managed_rules_block_in_the_order_of_their_priorities() -> None:
    """A rule group takes `override_action`; `action` is refused."""
    assert web_acl().one("aws_wafv2_web_acl")["rule"] == [
        {
            "name": group,
            "priority": priority,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {"name": group, "vendor_name": "AWS"} | counted},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True,
                "metric_name": f"{NAME}-{group}",
                "sampled_requests_enabled": True,
            },
        }
        for priority, (group, counted) in enumerate(
            (
                ("AWSManagedRulesAmazonIpReputationList", {}),
                ("AWSManagedRulesCommonRuleSet", {"rule_action_override": [SIZE_IS_COUNTED]}),
                ("AWSManagedRulesKnownBadInputsRuleSet", {}),
                ("AWSManagedRulesSQLiRuleSet", {}),
            )
        )
    ]


def test_the_load_balancer_is_behind_it() -> None:
    assert web_acl().one("aws_wafv2_web_acl_association") == {
        "resource_arn": web_acl().reference("aws_lb"),
        "web_acl_arn": web_acl().reference("aws_wafv2_web_acl"),
    }
