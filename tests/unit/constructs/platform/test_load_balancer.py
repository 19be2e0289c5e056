"""The load balancer: open to the internet, closed to hosts that are no tenant's."""

from __future__ import annotations

from tests.synthesis import PRODUCTION, SynthesizedStack, platform

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
NOT_FOUND = {
    "type": "fixed-response",
    "fixed_response": {"content_type": "text/plain", "message_body": "Invalid tenant", "status_code": "404"},
}


def encrypted() -> SynthesizedStack:
    return platform(certificate_arn=CERTIFICATE)


def ingress(stack: SynthesizedStack) -> set[tuple[int, int, str]]:
    group = f"${{{stack.address('aws_security_group', 'load_balancer')}.id}}"
    return {
        (rule["from_port"], rule["to_port"], rule["cidr_ipv4"])
        for rule in stack.all("aws_vpc_security_group_ingress_rule").values()
        if rule["security_group_id"] == group
    }


def test_it_faces_the_internet_in_the_three_public_subnets() -> None:
    stack = platform()
    balancer = stack.one("aws_lb")
    assert (balancer["load_balancer_type"], balancer["internal"]) == ("application", False)
    assert balancer["subnets"] == [
        f"${{{stack.address('aws_subnet', f'network_public_subnet_{zone}')}.id}}" for zone in "abc"
    ]
    assert balancer["drop_invalid_header_fields"] is True
    assert balancer["depends_on"] == [stack.address("aws_route", "network_public_default_route")]


def test_it_is_protected_in_production() -> None:
    assert platform().one("aws_lb")["enable_deletion_protection"] is False
    assert platform(variables=PRODUCTION).one("aws_lb")["enable_deletion_protection"] is True


def test_its_group_admits_http_from_anywhere_and_https_with_a_certificate() -> None:
    assert ingress(platform()) == {(80, 80, "0.0.0.0/0")}
    assert ingress(encrypted()) == {(80, 80, "0.0.0.0/0"), (443, 443, "0.0.0.0/0")}


def test_it_reaches_the_tasks_and_nothing_else() -> None:
    stack = platform()
    rule = stack.one("aws_vpc_security_group_egress_rule", "load_balancer")
    assert (rule["from_port"], rule["to_port"], rule["cidr_ipv4"]) == (80, 80, "10.0.0.0/16")


def test_an_unknown_host_gets_a_404() -> None:
    listener = platform().one("aws_lb_listener")
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert listener["default_action"] == [NOT_FOUND]


def test_with_a_certificate_it_speaks_tls_and_redirects_the_rest() -> None:
    stack = encrypted()
    https = stack.one("aws_lb_listener", "load_balancer_https")
    assert (https["port"], https["protocol"], https["certificate_arn"]) == (443, "HTTPS", CERTIFICATE)
    assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    assert https["default_action"] == [NOT_FOUND]
    http = stack.one("aws_lb_listener", "load_balancer_http_listener")
    assert http["default_action"] == [
        {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}}
    ]
    for rule in stack.all("aws_lb_listener_rule").values():
        assert rule["listener_arn"] == f"${{{stack.address('aws_lb_listener', 'load_balancer_https')}.arn}}"


def test_a_web_acl_stands_before_it_in_production() -> None:
    assert not platform().all("aws_wafv2_web_acl")
    stack = platform(variables=PRODUCTION)
    acl = stack.one("aws_wafv2_web_acl")
    assert (acl["scope"], acl["default_action"]) == ("REGIONAL", {"allow": {}})
    groups = {rule["priority"]: rule["statement"]["managed_rule_group_statement"] for rule in acl["rule"]}
    assert [groups[priority]["name"] for priority in sorted(groups)] == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    ]
    # A rule group takes `override_action`; `action` is refused.
    assert all(rule["override_action"] == {"none": {}} and "action" not in rule for rule in acl["rule"])
    association = stack.one("aws_wafv2_web_acl_association")
    assert association["resource_arn"] == f"${{{stack.address('aws_lb')}.arn}}"
    assert association["web_acl_arn"] == f"${{{stack.address('aws_wafv2_web_acl')}.arn}}"
