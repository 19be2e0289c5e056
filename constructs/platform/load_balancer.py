"""The load balancer in front of all Fargate tenants."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionFixedResponse,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from constructs import Construct
from constructs.common.log_bucket import LogBucket
from constructs.common.vpc import ANYWHERE, HTTP, HTTPS, NamedSecurityGroup, NamedSecurityGroupProps
from constructs.platform.shared_network import SharedNetwork
from tenancy.names.platform import PlatformNames
from tenancy.protection import Protection

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3, and 1.2 with forward secrecy and authenticated encryption only; key exchange that a quantum computer cannot
undo later, with clients that can. What AWS recommends
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html, read 2026-11-27)."""
STRICT_TRANSPORT_SECURITY: Final = "max-age=31536000; includeSubDomains"
"""Browsers ask by HTTPS alone for a year, for the tenant's host and those below it
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html, read 2026-11-27). The
header is of the tenant's host: it says nothing of another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerProps:
    """Where it is and what it speaks.

    Attributes:
        names: the platform's.
        network: whose public subnets it is in.
        block: the network's addresses, where the tasks are.
        certificate_arn: of an ACM certificate that is issued; `None` serves plain HTTP. A certificate for
            `*.example.com` covers `tenant.example.com` and not `www.tenant.example.com`: tenants' own subdomains need
            names of their own on it
            (https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html).
        logs: bucket of its access log; `None` keeps none.
        protection: whether it may be deleted with its stack.
    """

    names: PlatformNames
    network: SharedNetwork
    block: IPv4Network
    certificate_arn: str | None
    logs: LogBucket | None
    protection: Protection


class LoadBalancer(Construct):
    """An internet-facing load balancer that knows no host of its own: a request for no tenant's host gets a 404.

    Attributes:
        resource: the load balancer.
        listener: where tenants' rules are: HTTPS with a certificate, else HTTP.
        security_group: that tasks admit.
    """

    def __init__(self, scope: Construct, id: str, props: LoadBalancerProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.security_group = self._create_security_group()
        self.resource = Lb(
            self,
            "load_balancer",
            name=props.names.load_balancer,
            load_balancer_type="application",
            internal=False,
            subnets=[subnet.id for subnet in props.network.public_subnets.values()],
            security_groups=[self.security_group.id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=props.protection.protected,
            access_logs=LbAccessLogs(bucket=props.logs.name, enabled=True) if props.logs else None,
            # An internet-facing load balancer needs the route to the internet first, and one that keeps a log the right
            # to write it.
            depends_on=[props.network.internet, *([props.logs.policy] if props.logs else [])],
        )
        self.listener = self._create_listeners()

    def _create_security_group(self) -> NamedSecurityGroup:
        group = NamedSecurityGroup(
            self,
            "security_group",
            NamedSecurityGroupProps(
                name=self._props.names.load_balancer_security_group,
                description="Load balancer of the platform",
                vpc=self._props.network.vpc,
            ),
        )
        for role, port in (("http", HTTP), ("https", HTTPS)):
            if port == HTTP or self._props.certificate_arn:
                VpcSecurityGroupIngressRule(
                    self,
                    f"{role}_from_anywhere",
                    security_group_id=group.id,
                    description=f"{role.upper()} from anywhere",
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_ipv4=ANYWHERE,
                )
        # To the VPC and not to each tenant's group: a tenant that comes or leaves changes nothing here.
        VpcSecurityGroupEgressRule(
            self,
            "http_to_tasks",
            security_group_id=group.id,
            description="HTTP to the tasks",
            ip_protocol="tcp",
            from_port=HTTP,
            to_port=HTTP,
            cidr_ipv4=str(self._props.block),
        )
        return group

    def _create_listeners(self) -> LbListener:
        unknown_host = LbListenerDefaultAction(
            type="fixed-response",
            fixed_response=LbListenerDefaultActionFixedResponse(
                content_type="text/plain", message_body="Invalid tenant", status_code="404"
            ),
        )
        if self._props.certificate_arn is None:
            return self._listener("http", HTTP, unknown_host)
        redirect = LbListenerDefaultActionRedirect(port=str(HTTPS), protocol="HTTPS", status_code="HTTP_301")
        self._listener("http", HTTP, LbListenerDefaultAction(type="redirect", redirect=redirect))
        return self._listener("https", HTTPS, unknown_host)

    def _listener(self, role: str, port: int, action: LbListenerDefaultAction) -> LbListener:
        encrypted = port == HTTPS
        return LbListener(
            self,
            f"{role}_listener",
            load_balancer_arn=self.resource.arn,
            port=port,
            protocol="HTTPS" if encrypted else "HTTP",
            ssl_policy=TLS_POLICY if encrypted else None,
            certificate_arn=self._props.certificate_arn if encrypted else None,
            routing_http_response_strict_transport_security_header_value=(
                STRICT_TRANSPORT_SECURITY if encrypted else None
            ),
            default_action=[action],
        )
