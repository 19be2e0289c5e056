"""The route of one tenant's requests through the shared load balancer, by host name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.lb_listener_certificate import LbListenerCertificate
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleCondition,
    LbListenerRuleConditionHostHeader,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck

from constructs import Construct
from constructs.common.vpc import HTTP, ClosedVpc
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.validated_certificate import ValidatedCertificate, ValidatedCertificateProps
from tenancy.specifications.certificates import GivenCertificate, IssuedThrough

HEALTHY: Final = "200-399"
DRAIN_SECONDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRouteProps:
    """Whose requests go where.

    Attributes:
        name: physical name of the target group.
        host: the tenant's host; names below it are the tenant's as well.
        custom_hosts: further hosts, without those below them.
        custom_certificate: for the further hosts: the ARN of one that is there, or the hosted zone that one for each of
            them is issued through; `None` where there are none.
        priority: of the rule, pinned in the registry: it never moves when another tenant leaves.
        load_balancer: in front of the tasks.
        vpc: where the tasks are.
        tags: of all of it.
    """

    name: str
    host: str
    custom_hosts: tuple[str, ...]
    custom_certificate: GivenCertificate | IssuedThrough | None
    priority: int
    load_balancer: LoadBalancer
    vpc: ClosedVpc
    tags: Mapping[str, str]


class HostRoute(Construct):
    """A target group and the listener's rule that forwards to it.

    Attributes:
        target_group: that a service registers its tasks with.
        rule: to depend on: ECS refuses a target group that no listener uses.
    """

    def __init__(self, scope: Construct, id: str, props: HostRouteProps) -> None:
        super().__init__(scope, id)
        self.target_group = LbTargetGroup(
            self,
            "target_group",
            name=props.name,
            port=HTTP,
            protocol="HTTP",
            target_type="ip",
            vpc_id=props.vpc.identifier,
            deregistration_delay=str(DRAIN_SECONDS),
            health_check=LbTargetGroupHealthCheck(enabled=True, path="/", protocol="HTTP", matcher=HEALTHY),
            tags=dict(props.tags),
        )
        # Two of the five condition values that a rule takes, and up to three more
        # (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
        hosts = LbListenerRuleConditionHostHeader(values=[props.host, f"*.{props.host}", *props.custom_hosts])
        self._create_certificates(props)
        self.rule = LbListenerRule(
            self,
            "rule",
            listener_arn=props.load_balancer.listener.arn,
            priority=props.priority,
            condition=[LbListenerRuleCondition(host_header=hosts)],
            action=[LbListenerRuleAction(type="forward", target_group_arn=self.target_group.arn)],
            tags=dict(props.tags),
        )

    def _create_certificates(self, props: HostRouteProps) -> None:
        """Add the certificates of the further hosts to the listener, which shows the one that names the requested host.

        One is issued for each host, so that a host that comes or leaves, or whose zone does not answer, replaces no
        other's (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html).
        """
        match props.custom_certificate:
            case GivenCertificate(arn=arn):
                self._show("certificate", props, arn)
            case IssuedThrough(hosted_zone_id=zone):
                for host in props.custom_hosts:
                    key = re.sub("[^a-z0-9]", "_", host)
                    issued = ValidatedCertificateProps(
                        domain=host, wildcard=False, hosted_zone_id=zone, tags=props.tags
                    )
                    certificate = ValidatedCertificate(self, f"issued_{key}", issued)
                    self._show(f"certificate_{key}", props, certificate.arn)

    def _show(self, id: str, props: HostRouteProps, arn: str) -> None:
        LbListenerCertificate(self, id, listener_arn=props.load_balancer.listener.arn, certificate_arn=arn)
