"""A tenant's way through the load balancer."""

from __future__ import annotations

from functools import cache

from config.registry.custom_hosts import MOST_HOSTS
from config.registry.fields import TENANT_ID_LENGTH
from config.registry.models import DOMAIN_LENGTH
from constructs.fargate.host_route import HostRoute, HostRouteProps
from tenancy.specifications.certificates import GivenCertificate, IssuedThrough
from tests.construct import Surroundings, alone
from tests.synthesis import ZONE, StackDocument

TAGS = {"tenant_id": "acme-corp"}
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"


@cache
def route(host: str = "acme-corp.example.org", *custom: str, zone: str | None = None) -> StackDocument:
    certificate = IssuedThrough(hosted_zone_id=zone) if zone else GivenCertificate(arn=CERTIFICATE)

    def build(around: Surroundings) -> None:
        props = HostRouteProps(
            name="acme-corp-test",
            host=host,
            custom_hosts=custom,
            custom_certificate=certificate if custom else None,
            priority=700,
            load_balancer=around.load_balancer,
            vpc=around.network.vpc,
            tags=TAGS,
        )
        HostRoute(around.stack, "route", props)

    return alone(build)


def test_a_tenants_hosts_go_to_its_own_target_group_at_the_registrys_priority() -> None:
    stack = route()
    hosts = ["acme-corp.example.org", "*.acme-corp.example.org"]
    assert stack.one("aws_lb_listener_rule") == {
        "listener_arn": stack.reference("aws_lb_listener"),
        "priority": 700,
        "condition": [{"host_header": {"values": hosts}}],
        "action": [{"type": "forward", "target_group_arn": stack.reference("aws_lb_target_group")}],
        "tags": TAGS,
    }


def test_hosts_of_its_own_are_in_the_same_rule_and_have_their_certificate() -> None:
    stack = route("acme-corp.example.org", "shop.acme.example", "www.acme.example")
    (condition,) = stack.one("aws_lb_listener_rule")["condition"]
    assert condition["host_header"]["values"][2:] == ["shop.acme.example", "www.acme.example"]
    assert stack.one("aws_lb_listener_certificate") == {
        "listener_arn": stack.reference("aws_lb_listener"),
        "certificate_arn": CERTIFICATE,
    }
    assert not route().all("aws_lb_listener_certificate")


def test_a_certificate_is_issued_for_each_host_where_its_zone_is_known() -> None:
    stack = route("acme-corp.example.org", "shop.acme.example", "www.acme.example", zone=ZONE)
    certificates = stack.all("aws_acm_certificate")
    assert [(body["domain_name"], body["tags"]) for body in certificates.values()] == [
        ("shop.acme.example", TAGS),
        ("www.acme.example", TAGS),
    ]
    assert {body["zone_id"] for body in stack.all("aws_route53_record").values()} == {ZONE}
    for host in ("shop_acme_example", "www_acme_example"):
        shown = stack.one("aws_lb_listener_certificate", f"route_certificate_{host}")
        validated = stack.reference(
            "aws_acm_certificate_validation", f"route_issued_{host}", "certificate_arn"
        )
        assert shown["certificate_arn"] == validated
    assert len(stack.all("aws_lb_listener_certificate")) == 2


def test_a_rule_stays_within_the_limits_of_a_load_balancer() -> None:
    """Five values of 128 characters, with the longest names that the registry admits.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html,
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html
    """
    host = "t" * TENANT_ID_LENGTH + "." + "a." * ((DOMAIN_LENGTH - 11) // 2) + "example.com"
    assert len(host) == TENANT_ID_LENGTH + 1 + DOMAIN_LENGTH
    own = [f"{number}.{'a' * 60}.{'b' * 60}.ex" for number in range(MOST_HOSTS)]
    (condition,) = route(host, *own).one("aws_lb_listener_rule")["condition"]
    values = condition["host_header"]["values"]
    assert len(values) <= 5
    assert max(map(len, values)) == 128


def test_the_target_group_takes_tasks_by_address_while_they_are_well() -> None:
    stack = route()
    assert stack.one("aws_lb_target_group") == {
        "name": "acme-corp-test",
        "port": 80,
        "protocol": "HTTP",
        "target_type": "ip",
        "vpc_id": stack.reference("aws_vpc", attribute="id"),
        "deregistration_delay": "30",
        "health_check": {"enabled": True, "path": "/", "protocol": "HTTP", "matcher": "200-399"},
        "tags": TAGS,
    }
