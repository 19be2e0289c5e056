"""The load balancer: open to the internet, closed to hosts that are no tenant's."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from constructs.common.log_bucket import LogBucket, LogBucketProps
from constructs.platform.load_balancer import LoadBalancer, LoadBalancerProps
from tenancy.protection import Protection
from tests.construct import ADDRESSES, DISPOSABLE, PLATFORM, PROTECTED, Surroundings, alone
from tests.synthesis import StackDocument

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
NOT_FOUND = {
    "type": "fixed-response",
    "fixed_response": {"content_type": "text/plain", "message_body": "Invalid tenant", "status_code": "404"},
}
REDIRECT = {
    "type": "redirect",
    "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"},
}
GROUP = "shared-platform-alb-sg-test"


@cache
def load_balancer(
    certificate: str | None = None, protection: Protection = DISPOSABLE, *, logged: bool = False
) -> StackDocument:
    def build(around: Surroundings) -> None:
        of_logs = LogBucketProps(
            name="some-logs",
            account=around.account,
            retention_days=400,
            protection=protection,
            load_balancers=True,
            buckets="some-*",
        )
        props = LoadBalancerProps(
            names=PLATFORM,
            network=around.network,
            block=ADDRESSES.block,
            certificate_arn=certificate,
            logs=LogBucket(around.stack, "logs", of_logs) if logged else None,
            protection=protection,
        )
        created = LoadBalancer(around.stack, "load_balancer", props)
        around.output("listener", created.listener.arn)

    return alone(build)


def rule(port: int, cidr: str, description: str) -> dict[str, Any]:
    return {
        "security_group_id": load_balancer().reference("aws_security_group", attribute="id"),
        "description": description,
        "ip_protocol": "tcp",
        "from_port": port,
        "to_port": port,
        "cidr_ipv4": cidr,
    }


def test_it_faces_the_internet_in_the_public_subnets_once_there_is_a_way_to_it() -> None:
    stack = load_balancer()
    assert stack.one("aws_lb") == {
        "name": "shared-platform-test",
        "load_balancer_type": "application",
        "internal": False,
        "subnets": [stack.reference("aws_subnet", f"network_public_subnet_{z}", "id") for z in "ab"],
        "security_groups": [stack.reference("aws_security_group", attribute="id")],
        "drop_invalid_header_fields": True,
        "enable_deletion_protection": False,
        "depends_on": [stack.address("aws_route", "network_public_default_route")],
    }


def test_it_keeps_an_access_log_once_it_may_write_it() -> None:
    stack = load_balancer(logged=True)
    balancer = stack.one("aws_lb")
    assert balancer["access_logs"] == {
        "bucket": stack.reference("aws_s3_bucket", attribute="bucket"),
        "enabled": True,
    }
    assert stack.address("aws_s3_bucket_policy") in balancer["depends_on"]


def test_it_is_not_deleted_where_it_is_protected() -> None:
    assert load_balancer(protection=PROTECTED).one("aws_lb")["enable_deletion_protection"] is True


@pytest.mark.parametrize("certificate", [None, CERTIFICATE], ids=["http", "https"])
def test_its_group_admits_http_from_anywhere_and_https_with_a_certificate(certificate: str | None) -> None:
    stack = load_balancer(certificate)
    assert stack.one("aws_security_group") == {
        "name": GROUP,
        "description": "Load balancer of the platform",
        "vpc_id": stack.reference("aws_vpc", attribute="id"),
        "tags": {"Name": GROUP},
    }
    http = rule(80, "0.0.0.0/0", "HTTP from anywhere")
    https = rule(443, "0.0.0.0/0", "HTTPS from anywhere")
    rules = list(stack.all("aws_vpc_security_group_ingress_rule").values())
    assert rules == ([http, https] if certificate else [http])


def test_it_reaches_the_tasks_and_nothing_else() -> None:
    (egress,) = load_balancer().all("aws_vpc_security_group_egress_rule").values()
    assert egress == rule(80, "10.0.0.0/16", "HTTP to the tasks")


def test_an_unknown_host_gets_a_404() -> None:
    stack = load_balancer()
    assert stack.one("aws_lb_listener") == {
        "load_balancer_arn": stack.reference("aws_lb"),
        "port": 80,
        "protocol": "HTTP",
        "default_action": [NOT_FOUND],
    }
    assert stack.document["output"]["listener"]["value"] == stack.reference("aws_lb_listener")


def test_with_a_certificate_it_speaks_tls_and_redirects_the_rest() -> None:
    stack = load_balancer(CERTIFICATE)
    https = stack.one("aws_lb_listener", "load_balancer_https_listener")
    assert https == {
        "load_balancer_arn": stack.reference("aws_lb"),
        "port": 443,
        "protocol": "HTTPS",
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "certificate_arn": CERTIFICATE,
        "routing_http_response_strict_transport_security_header_value": "max-age=31536000; includeSubDomains",
        "default_action": [NOT_FOUND],
    }
    http = stack.one("aws_lb_listener", "load_balancer_http_listener")
    assert (http["port"], http["protocol"], http["default_action"]) == (80, "HTTP", [REDIRECT])
    assert set(http) == {"load_balancer_arn", "port", "protocol", "default_action"}, "no header without TLS"
    listener = stack.reference("aws_lb_listener", "load_balancer_https_listener")
    assert stack.document["output"]["listener"]["value"] == listener, "where tenants' rules are"
