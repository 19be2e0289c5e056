"""The web application firewall of the load balancer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclVisibilityConfig,
)
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation

from constructs import Construct
from tenancy.names.platform import PlatformNames

MANAGED_RULES: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
)
"""25, 700, 200 and 200 units of the 1,500 that a web ACL has at no extra cost
(https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html)."""

COUNTED_RULES: Final = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}
"""Rules that count what they match instead of blocking it, by group. This one would answer 403 to every body over
8 KB, and so to uploads and to larger JSON documents
(https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAclProps:
    """What it filters.

    Attributes:
        names: the platform's.
        load_balancer: the load balancer.
    """

    names: PlatformNames
    load_balancer: Lb


class WebAcl(Construct):
    """A web ACL with AWS's managed rules, in the order of their priorities; what none of them blocks is let through."""

    def __init__(self, scope: Construct, id: str, props: WebAclProps) -> None:
        super().__init__(scope, id)
        name = props.names.web_acl
        acl = Wafv2WebAcl(
            self,
            "web_acl",
            name=name,
            # No apostrophe: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
            description="Before the load balancer of the platform",
            scope="REGIONAL",
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            visibility_config=Wafv2WebAclVisibilityConfig(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
            ),
        )
        # As an override: the bindings type a statement's nesting as anything.
        acl.add_override(
            "rule",
            [_rule(name, priority, group) for priority, group in enumerate(MANAGED_RULES)],
        )
        Wafv2WebAclAssociation(self, "association", resource_arn=props.load_balancer.arn, web_acl_arn=acl.arn)


def _rule(acl: str, priority: int, group: str) -> dict[str, Any]:
    """Return the rule that applies a managed group, with the actions of its rules but for those that count."""
    statement: dict[str, Any] = {"name": group, "vendor_name": "AWS"}
    if counted := COUNTED_RULES.get(group):
        statement["rule_action_override"] = [
            {"name": rule, "action_to_use": {"count": {}}} for rule in counted
        ]
    return {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": statement},
        "visibility_config": {
            "cloudwatch_metrics_enabled": True,
            "metric_name": f"{acl}-{group}",
            "sampled_requests_enabled": True,
        },
    }
