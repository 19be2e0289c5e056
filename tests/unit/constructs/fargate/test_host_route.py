"""A tenant's way through the load balancer."""

from __future__ import annotations

from config.registry.models import DOMAIN_LENGTH, TENANT_ID_LENGTH
from tests.synthesis import THREE, fargate_registry, platform, synthesize


def test_a_tenants_hosts_go_to_its_own_target_group() -> None:
    stack = platform(domain="saas.example.org")
    for tenant in THREE:
        rule = stack.one("aws_lb_listener_rule", f"tenants_{tenant}_")
        assert rule["condition"] == [
            {"host_header": {"values": [f"{tenant}.saas.example.org", f"*.{tenant}.saas.example.org"]}}
        ]
        group = stack.address("aws_lb_target_group", f"tenants_{tenant}_")
        assert rule["action"] == [{"type": "forward", "target_group_arn": f"${{{group}.arn}}"}]


def test_a_rule_stays_within_the_limits_of_a_load_balancer() -> None:
    """Five values of 128 characters, with the longest names that the registry admits.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html,
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html
    """
    domain = "a." * 42 + "example.com"
    assert len(domain) == DOMAIN_LENGTH
    rule = platform("t" * TENANT_ID_LENGTH, domain=domain).one("aws_lb_listener_rule")
    (condition,) = rule["condition"]
    values = condition["host_header"]["values"]
    assert len(values) <= 5
    assert max(map(len, values)) == 128


def test_the_target_group() -> None:
    group = platform().one("aws_lb_target_group", "tenants_acme-corp_")
    assert (group["port"], group["protocol"], group["target_type"]) == (80, "HTTP", "ip")
    assert group["health_check"] == {
        "enabled": True,
        "path": "/",
        "protocol": "HTTP",
        "matcher": "200-399",
    }
    assert group["name"] == "acme-corp-test"


def test_priorities_are_the_registrys_and_stay_when_a_tenant_leaves() -> None:
    registry = fargate_registry(*THREE)
    registry["tenants"]["initech-llc"]["fargate"]["listener_priority"] = 700
    before = synthesize(registry).platform().all("aws_lb_listener_rule")
    assert {rule["priority"] for rule in before.values()} == {1, 2, 700}
    del registry["tenants"]["globex-inc"]
    after = synthesize(registry).platform().all("aws_lb_listener_rule")
    assert after == {name: rule for name, rule in before.items() if "globex" not in name}
