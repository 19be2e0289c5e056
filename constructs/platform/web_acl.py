"""The web application firewall of the load balancer."""

from __future__ import annotations

from collections.abc import Mapping
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
from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import Wafv2WebAclLoggingConfiguration

from constructs import Construct
from constructs.common.customer_key import CustomerKey
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from tenancy.names.platform import PlatformNames
from tenancy.web_acl_hosts import MANAGED_RULES, patterns_of

COUNTED_RULES: Final = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}
"""Rules that count what they match instead of blocking it, by group. This one would answer 403 to every body over
8 KB, whoever takes it: `LARGE_BODIES` asks for the host as well
(https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html)."""
INSPECTED_BYTES: Final = 8192
"""Of a body that comes through a load balancer; what follows is not inspected
(https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html)."""
WINDOW_SECONDS: Final = 300
REDACTED: Final = ("authorization", "cookie")
"""Headers that the log leaves out."""
LOGGED_ACTIONS: Final = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
COUNT_SUFFIX: Final = "Count"
ADDRESS_LIMIT, LARGE_BODIES = "RequestsByAddress", "LargeBodies"
TOO_LARGE, TOO_MANY = 413, 429


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAclProps:
    """What it filters.

    Attributes:
        names: the platform's.
        load_balancer: the load balancer.
        requests_per_address: in five minutes; more are answered with 429.
        domain: that tenants' hosts are directly below.
        custom_hosts: further hosts of tenants, by their ids.
        key: encrypts the log.
        log_retention_days: as CloudWatch admits.
        large_bodies: ids of the tenants that take bodies whose end is not inspected; others' are answered with 413.
        counting: ids of the tenants whose requests the managed rules count instead of blocking them.
    """

    names: PlatformNames
    load_balancer: Lb
    requests_per_address: int
    domain: str
    custom_hosts: Mapping[str, tuple[str, ...]]
    key: CustomerKey
    log_retention_days: int
    large_bodies: tuple[str, ...]
    counting: tuple[str, ...]


class WebAcl(Construct):
    """A limit by address, AWS's managed rules, and a limit of bodies: what none of them blocks is let through.

    Attributes:
        resource: the web ACL.
    """

    def __init__(self, scope: Construct, id: str, props: WebAclProps) -> None:
        super().__init__(scope, id)
        name = props.names.web_acl
        acl = self.resource = Wafv2WebAcl(
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
        rules = [
            _own(ADDRESS_LIMIT, _too_many(props.requests_per_address), TOO_MANY),
            *_managed_rules(_patterns(props.counting, props)),
            _own(LARGE_BODIES, _too_large(_patterns(props.large_bodies, props)), TOO_LARGE),
        ]
        # As an override: the bindings type a statement's nesting as anything.
        acl.add_override("rule", [_rule(name, priority, settings) for priority, settings in enumerate(rules)])
        self._create_log(acl, props)
        Wafv2WebAclAssociation(self, "association", resource_arn=props.load_balancer.arn, web_acl_arn=acl.arn)

    def _create_log(self, acl: Wafv2WebAcl, props: WebAclProps) -> None:
        """Keep what a rule blocked or counted, without what signs clients in; the rest is in the access log.

        AWS WAF admits itself to the log group
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html, read 2026-11-27).
        """
        group = EncryptedLogGroup(
            self,
            "log_group",
            EncryptedLogGroupProps(
                name=props.names.web_acl_log_group,
                key=props.key,
                retention_days=props.log_retention_days,
            ),
        )
        logging = Wafv2WebAclLoggingConfiguration(
            self, "logging", resource_arn=acl.arn, log_destination_configs=[group.arn]
        )
        # As overrides, for the same reason.
        logging.add_override("redacted_fields", [{"single_header": {"name": name}} for name in REDACTED])
        logging.add_override(
            "logging_filter",
            {
                "default_behavior": "DROP",
                "filter": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "condition": [{"action_condition": {"action": action}} for action in LOGGED_ACTIONS],
                    }
                ],
            },
        )


def _rule(acl: str, priority: int, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the rule with `settings`, as the web ACL `acl` has it at `priority`."""
    return {
        **settings,
        "priority": priority,
        "visibility_config": {
            "cloudwatch_metrics_enabled": True,
            "metric_name": f"{acl}-{settings['name']}",
            "sampled_requests_enabled": True,
        },
    }


def _managed_rules(counting: list[str]) -> list[dict[str, Any]]:
    """Return what applies the managed groups, and to the hosts of the patterns `counting` what only counts.

    Each group is there twice then, for hosts that are not and for those that are to be counted: together some 2,300
    units of the 5,000 (`tenancy.web_acl_hosts.units`). What exceeds 1,500 is paid by the request
    (https://aws.amazon.com/waf/pricing/, read 2026-11-27).
    """
    if not counting:
        return [_managed(group) for group in MANAGED_RULES]
    matching = [_hosts(regex) for regex in counting]
    anyone = matching[0] if len(matching) == 1 else {"or_statement": {"statement": matching}}
    others = {"not_statement": {"statement": [anyone]}}
    return [
        *(_managed(group, scope=others) for group in MANAGED_RULES),
        *(_managed(group, scope=anyone, counts=True) for group in MANAGED_RULES),
    ]


def _managed(group: str, *, scope: dict[str, Any] | None = None, counts: bool = False) -> dict[str, Any]:
    """Return what applies a managed group, with the actions of its rules but for those that count.

    Args:
        group: its name.
        scope: the statement that requests match to be looked at; `None` looks at all.
        counts: whether no rule of it blocks.
    """
    statement: dict[str, Any] = {"name": group, "vendor_name": "AWS"}
    if scope:
        statement["scope_down_statement"] = scope
    if counted := COUNTED_RULES.get(group):
        statement["rule_action_override"] = [
            {"name": rule, "action_to_use": {"count": {}}} for rule in counted
        ]
    return {
        "name": f"{group}{COUNT_SUFFIX}" if counts else group,
        "override_action": {"count": {}} if counts else {"none": {}},
        "statement": {"managed_rule_group_statement": statement},
    }


def _own(name: str, statement: dict[str, Any], status: int) -> dict[str, Any]:
    """Return what answers requests that match `statement` with `status`."""
    return {
        "name": name,
        "action": {"block": {"custom_response": {"response_code": status}}},
        "statement": statement,
    }


def _too_many(requests: int) -> dict[str, Any]:
    """Return the statement that matches an address after its `requests` in the window."""
    limit = {"limit": requests, "evaluation_window_sec": WINDOW_SECONDS, "aggregate_key_type": "IP"}
    return {"rate_based_statement": limit}


def _too_large(taking: list[str]) -> dict[str, Any]:
    """Return the statement that matches a body whose end is not inspected, unless its host is of a pattern `taking`."""
    large = {
        "size_constraint_statement": {
            "comparison_operator": "GT",
            "size": INSPECTED_BYTES,
            "field_to_match": {"body": {"oversize_handling": "MATCH"}},
            "text_transformation": [{"priority": 0, "type": "NONE"}],
        }
    }
    others = [{"not_statement": {"statement": [_hosts(regex)]}} for regex in taking]
    return {"and_statement": {"statement": [large, *others]}} if others else large


def _hosts(regex: str) -> dict[str, Any]:
    return {
        "regex_match_statement": {
            "regex_string": regex,
            "field_to_match": {"single_header": {"name": "host"}},
            "text_transformation": [{"priority": 0, "type": "LOWERCASE"}],
        }
    }


def _patterns(tenants: tuple[str, ...], props: WebAclProps) -> list[str]:
    """Return patterns of all hosts of `tenants`."""
    return patterns_of(tenants, props.domain, props.custom_hosts)
