"""The web application firewall."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from constructs.platform.web_acl import WebAcl, WebAclProps
from facts.web_acl_units import capacity
from tenancy.web_acl_hosts import host_patterns, units
from tests.construct import PLATFORM, Surroundings, alone
from tests.synthesis import StackDocument

# Blocking, it answers 403 to each body over 8 KB, whoever takes it.
SIZE_IS_COUNTED = {"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}
NAME = "shared-platform-waf-test"


@cache
def web_acl(*large_bodies: str, counting: tuple[str, ...] = ()) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = WebAclProps(
            names=PLATFORM,
            load_balancer=around.load_balancer.resource,
            requests_per_address=700,
            domain="example.com",
            custom_hosts={"own": ("shop.acme.example",)},
            key=around.key,
            log_retention_days=400,
            large_bodies=large_bodies,
            counting=counting,
        )
        WebAcl(around.stack, "web_acl", props)

    return alone(build)


def rules(*large_bodies: str, counting: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web_acl(*large_bodies, counting=counting).one("aws_wafv2_web_acl")["rule"]
    return found


def shown(name: str) -> dict[str, Any]:
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": f"{NAME}-{name}",
        "sampled_requests_enabled": True,
    }


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
    assert [rule["priority"] for rule in rules()] == list(range(6))
    assert rules()[1:5] == [
        {
            "name": group,
            "priority": priority,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {"name": group, "vendor_name": "AWS"} | counted},
            "visibility_config": shown(group),
        }
        for priority, (group, counted) in enumerate(
            (
                ("AWSManagedRulesAmazonIpReputationList", {}),
                ("AWSManagedRulesCommonRuleSet", {"rule_action_override": [SIZE_IS_COUNTED]}),
                ("AWSManagedRulesKnownBadInputsRuleSet", {}),
                ("AWSManagedRulesSQLiRuleSet", {}),
            ),
            start=1,
        )
    ]


def test_an_address_is_answered_429_after_its_requests() -> None:
    assert rules()[0] == {
        "name": "RequestsByAddress",
        "priority": 0,
        "action": {"block": {"custom_response": {"response_code": 429}}},
        "statement": {
            "rate_based_statement": {"limit": 700, "evaluation_window_sec": 300, "aggregate_key_type": "IP"}
        },
        "visibility_config": shown("RequestsByAddress"),
    }


LARGE = {
    "size_constraint_statement": {
        "comparison_operator": "GT",
        "size": 8192,
        "field_to_match": {"body": {"oversize_handling": "MATCH"}},
        "text_transformation": [{"priority": 0, "type": "NONE"}],
    }
}


def test_a_body_whose_end_nobody_inspects_is_answered_413() -> None:
    assert rules()[5] == {
        "name": "LargeBodies",
        "priority": 5,
        "action": {"block": {"custom_response": {"response_code": 413}}},
        "statement": LARGE,
        "visibility_config": shown("LargeBodies"),
    }


def test_a_tenant_may_take_large_bodies() -> None:
    large, admitted = rules("acme", "acme-eu")[5]["statement"]["and_statement"]["statement"]
    assert large == LARGE
    assert admitted == {
        "not_statement": {
            "statement": [
                {
                    "regex_match_statement": {
                        "regex_string": r"^([^.]+\.)*(acme|acme-eu)\.example\.com(:[0-9]+)?$",
                        "field_to_match": {"single_header": {"name": "host"}},
                        "text_transformation": [{"priority": 0, "type": "LOWERCASE"}],
                    }
                }
            ]
        }
    }


@pytest.mark.parametrize(
    ("host", "admitted"),
    [
        *((host, True) for host in ("acme.example.com", "www.acme.example.com", "acme.example.com:443")),
        *((host, False) for host in ("x-acme.example.com", "acme.example.com.evil.org", "acmeXexample.com")),
        *((host, False) for host in ("example.com", "globex.example.com", "acme.example.com:443:1", "")),
    ],
)
def test_a_host_is_the_tenants_own(host: str, *, admitted: bool) -> None:
    (pattern,) = host_patterns(("acme", "initech"), "example.com")
    assert bool(re.search(pattern, host)) is admitted


def test_patterns_are_as_short_as_aws_takes_them_and_hold_every_tenant() -> None:
    tenants = tuple(f"{number:02}{'x' * 28}" for number in range(59))
    patterns = host_patterns(tenants, f"{'d' * 60}.example.com")
    assert max(map(len, patterns)) <= 512
    # A web ACL of 1,500 units has 370 left for them, of 13 each.
    assert 1 < len(patterns) <= 28
    for tenant in tenants:
        host = f"{tenant}.{'d' * 60}.example.com"
        assert sum(bool(re.search(pattern, host)) for pattern in patterns) == 1
    assert host_patterns((), "example.com") == []


def test_what_it_blocks_or_counts_is_logged_without_what_signs_clients_in() -> None:
    stack = web_acl()
    group = stack.one("aws_cloudwatch_log_group")
    assert (group["name"], group["retention_in_days"]) == (f"aws-waf-logs-{NAME}", 400)
    assert group["kms_key_id"] == stack.reference("aws_kms_key")
    actions = [{"action_condition": {"action": name}} for name in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")]
    assert stack.one("aws_wafv2_web_acl_logging_configuration") == {
        "resource_arn": stack.reference("aws_wafv2_web_acl"),
        "log_destination_configs": [stack.reference("aws_cloudwatch_log_group")],
        "redacted_fields": [{"single_header": {"name": name}} for name in ("authorization", "cookie")],
        "logging_filter": {
            "default_behavior": "DROP",
            "filter": [{"behavior": "KEEP", "requirement": "MEETS_ANY", "condition": actions}],
        },
    }


def test_the_load_balancer_is_behind_it() -> None:
    assert web_acl().one("aws_wafv2_web_acl_association") == {
        "resource_arn": web_acl().reference("aws_lb"),
        "web_acl_arn": web_acl().reference("aws_wafv2_web_acl"),
    }


def scope(rule: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = rule["statement"]["managed_rule_group_statement"]["scope_down_statement"]
    return found


def test_a_tenants_requests_are_counted_by_the_managed_rules_and_nobody_elses() -> None:
    blocking, counting = rules()[1:-1], rules(counting=("acme-corp",))
    assert [rule["priority"] for rule in counting] == list(range(10))
    others, own = counting[1:5], counting[5:9]
    assert counting[0] == rules()[0], "its addresses are limited like others"
    assert counting[9]["statement"] == rules()[-1]["statement"], "and so are its bodies"
    (hosts,) = host_patterns(("acme-corp",), "example.com")
    match = {
        "regex_match_statement": {
            "regex_string": hosts,
            "field_to_match": {"single_header": {"name": "host"}},
            "text_transformation": [{"priority": 0, "type": "LOWERCASE"}],
        }
    }
    for before, rule, counted in zip(blocking, others, own, strict=True):
        assert scope(rule) == {"not_statement": {"statement": [match]}}
        assert scope(counted) == match
        assert (rule["name"], counted["name"]) == (before["name"], f"{before['name']}Count")
        assert (rule["override_action"], counted["override_action"]) == ({"none": {}}, {"count": {}})
        for changed in (rule, counted):
            group = dict(changed["statement"]["managed_rule_group_statement"])
            del group["scope_down_statement"]
            assert group == before["statement"]["managed_rule_group_statement"]


def test_tenants_that_fit_into_no_pattern_together_are_counted_by_several() -> None:
    many = tuple(f"{'x' * 25}-{number:02}" for number in range(30))
    statement = scope(rules(counting=many)[5])["or_statement"]["statement"]
    assert len(statement) > 1
    for tenant in many:
        found = [one["regex_match_statement"]["regex_string"] for one in statement]
        assert sum(re.fullmatch(regex, f"{tenant}.example.com") is not None for regex in found) == 1


def test_hosts_of_a_tenants_own_are_the_tenants_too() -> None:
    statement = scope(rules(counting=("own",))[5])["or_statement"]["statement"]
    below, exactly = (one["regex_match_statement"]["regex_string"] for one in statement)
    assert re.fullmatch(below, "own.example.com")
    assert re.fullmatch(exactly, "shop.acme.example:443")
    for other in ("shop.acme.example.org", "xshop.acme.example", "shopXacme.example", "a.shop.acme.example"):
        assert not re.fullmatch(exactly, other)


@pytest.mark.parametrize(
    ("large", "counting", "patterns"),
    [((), (), (0, 0)), (("own",), (), (2, 0)), (("acme",), ("own",), (1, 2)), ((), ("acme-corp",), (0, 1))],
)
def test_its_capacity_is_known_before_it_has_rules(
    large: tuple[str, ...], counting: tuple[str, ...], patterns: tuple[int, int]
) -> None:
    for_large, for_counting = patterns
    assert capacity(rules(*large, counting=counting)) == units(counting=for_counting, large_bodies=for_large)


def test_capacity_is_what_aws_documents() -> None:
    assert capacity(rules()) == 2 + 25 + 700 + 200 + 200 + 1
    # As the API writes it.
    regex = {"RegexMatchStatement": {"TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}]}}
    group = {
        "VendorName": "AWS",
        "Name": "AWSManagedRulesCommonRuleSet",
        "ScopeDownStatement": {
            "NotStatement": {"Statement": {"OrStatement": {"Statements": [regex, regex]}}}
        },
    }
    assert capacity([{"Statement": {"ManagedRuleGroupStatement": group}}]) == 700 + 2 * 13
    with pytest.raises(LookupError):
        capacity([{"Statement": {"GeoMatchStatement": {"CountryCodes": ["CH"]}}}])
