"""Rights on what requests to the shared platform pass: its load balancer, certificate and web ACL.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
lists each service's actions and resource types.
"""

from __future__ import annotations

from typing import Final

from deployer.applications import service_linked_role
from deployer.place import Place
from deployer.rights import Right, Table, belonging_to, in_region, made_for
from policies.statements import Condition


def _elb(*actions: str) -> tuple[str, ...]:
    return tuple(f"elasticloadbalancing:{action}" for action in actions)


TAGGING: Final = _elb("AddTags", "RemoveTags")


def _load_balancer(place: Place) -> tuple[Right, ...]:
    balancers = _balancers(place, "loadbalancer", "/*")
    return (
        Right(
            actions=(
                *_elb("CreateLoadBalancer", "DeleteLoadBalancer", "ModifyLoadBalancerAttributes"),
                *_elb("SetIpAddressType", "SetSecurityGroups", "SetSubnets"),
                *TAGGING,
            ),
            resources=balancers,
        ),
        Right(
            actions=_elb(
                *("DescribeCapacityReservation", "DescribeLoadBalancerAttributes", "DescribeLoadBalancers"),
                "DescribeTags",
            ),
            conditions=(in_region(place),),
        ),
        service_linked_role(place, "elasticloadbalancing.amazonaws.com"),
    )


def _balancers(place: Place, kind: str, end: str) -> tuple[str, ...]:
    return place.arns("elasticloadbalancing", f"{kind}/app/", place.platform.load_balancer, suffix=end)


def _listener(place: Place) -> tuple[Right, ...]:
    return (
        Right(actions=_elb("CreateListener"), resources=_balancers(place, "loadbalancer", "/*")),
        Right(
            actions=(*_elb("DeleteListener", "ModifyListener", "ModifyListenerAttributes"), *TAGGING),
            resources=_balancers(place, "listener", "/*/*"),
        ),
        Right(
            actions=_elb("DescribeListenerAttributes", "DescribeListeners", "DescribeTags"),
            conditions=(in_region(place),),
        ),
    )


def _listener_certificate(place: Place) -> tuple[Right, ...]:
    actions = _elb("AddListenerCertificates", "RemoveListenerCertificates")
    return (
        Right(actions=actions, resources=_balancers(place, "listener", "/*/*")),
        Right(actions=_elb("DescribeListenerCertificates"), conditions=(in_region(place),)),
    )


def _listener_rule(place: Place) -> tuple[Right, ...]:
    return (
        Right(actions=_elb("CreateRule"), resources=_balancers(place, "listener", "/*/*")),
        Right(
            actions=(*_elb("DeleteRule", "ModifyRule", "SetRulePriorities"), *TAGGING),
            resources=_balancers(place, "listener-rule", "/*/*/*"),
        ),
        Right(actions=_elb("DescribeRules", "DescribeTags"), conditions=(in_region(place),)),
    )


def _target_group(place: Place) -> tuple[Right, ...]:
    """The groups, whose names begin with the tenant's id: the tag says which environment owns them."""
    groups = place.arns(
        "elasticloadbalancing", "targetgroup/", *place.fargate(lambda n: n.target_group), suffix="/*"
    )
    return (
        Right(actions=_elb("AddTags", "CreateTargetGroup"), resources=groups, conditions=(made_for(place),)),
        Right(
            actions=(
                *_elb("DeleteTargetGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes"),
                *TAGGING,
            ),
            resources=groups,
            conditions=(belonging_to(place),),
        ),
        Right(
            actions=_elb("DescribeTags", "DescribeTargetGroupAttributes", "DescribeTargetGroups"),
            conditions=(in_region(place),),
        ),
    )


def _certificate(place: Place) -> tuple[Right, ...]:
    """The certificate, whose id AWS chooses: the tag says which environment owns it.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html (read 2026-11-27)
    """
    certificates = place.arns("acm", "certificate/", "*")
    return (
        Right(actions=("acm:RequestCertificate",), conditions=(in_region(place), made_for(place))),
        Right(actions=("acm:AddTagsToCertificate",), resources=certificates, conditions=(made_for(place),)),
        Right(
            actions=("acm:DeleteCertificate", "acm:RemoveTagsFromCertificate"),
            resources=certificates,
            conditions=(belonging_to(place),),
        ),
        Right(actions=("acm:DescribeCertificate", "acm:ListTagsForCertificate"), resources=certificates),
    )


def _validation(place: Place) -> tuple[Right, ...]:
    return (Right(actions=("acm:DescribeCertificate",), resources=place.arns("acm", "certificate/", "*")),)


def _record(place: Place) -> tuple[Right, ...]:
    """The record that validates the certificate, and no other: a CNAME whose name begins with an underscore.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html and
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html (read 2026-11-27)
    """
    zones = (f"arn:{place.partition}:route53:::hostedzone/*",)
    validation = (
        Condition(
            operator="ForAllValues:StringLike",
            key="route53:ChangeResourceRecordSetsNormalizedRecordNames",
            values=("_*",),
        ),
        Condition(
            operator="ForAllValues:StringEquals",
            key="route53:ChangeResourceRecordSetsRecordTypes",
            values=("CNAME",),
        ),
    )
    return (
        Right(actions=("route53:ChangeResourceRecordSets",), resources=zones, conditions=validation),
        Right(actions=("route53:GetHostedZone", "route53:ListResourceRecordSets"), resources=zones),
        Right(actions=("route53:GetChange",), resources=(f"arn:{place.partition}:route53:::change/*",)),
    )


def _web_acls(place: Place) -> tuple[str, ...]:
    return place.arns("wafv2", "regional/webacl/", place.platform.web_acl, suffix="/*")


def _web_acl(place: Place) -> tuple[Right, ...]:
    """The web ACL; creating and changing it is checked on the rule groups that it names, too, which are AWS's."""
    groups = place.arns("wafv2", "regional/managedruleset/", "*")
    actions = (
        *("CreateWebACL", "DeleteWebACL", "GetWebACL", "ListTagsForResource", "TagResource", "UntagResource"),
        "UpdateWebACL",
    )
    return (
        Right(actions=tuple(f"wafv2:{action}" for action in actions), resources=_web_acls(place)),
        Right(actions=("wafv2:CreateWebACL", "wafv2:UpdateWebACL"), resources=groups),
    )


def _web_acl_association(place: Place) -> tuple[Right, ...]:
    """The association, checked on both sides.

    https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
    """
    balancers = _balancers(place, "loadbalancer", "/*")
    actions = ("wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACLForResource")
    return (
        Right(actions=actions, resources=(*_web_acls(place), *balancers)),
        Right(actions=_elb("SetWebAcl"), resources=balancers),
    )


def _web_acl_logging(place: Place) -> tuple[Right, ...]:
    """The web ACL's log, which AWS WAF has delivered with the caller's rights.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html (read 2026-11-27)
    """
    logging = tuple(f"wafv2:{verb}LoggingConfiguration" for verb in ("Delete", "Get", "Put"))
    delivery = ("CreateLogDelivery", "DeleteLogDelivery", "DescribeResourcePolicies", "PutResourcePolicy")
    return (
        Right(actions=logging, resources=_web_acls(place)),
        Right(actions=tuple(f"logs:{action}" for action in delivery), conditions=(in_region(place),)),
    )


ROWS: Final[Table] = {
    "aws_acm_certificate": _certificate,
    "aws_acm_certificate_validation": _validation,
    "aws_lb": _load_balancer,
    "aws_lb_listener": _listener,
    "aws_lb_listener_certificate": _listener_certificate,
    "aws_lb_listener_rule": _listener_rule,
    "aws_lb_target_group": _target_group,
    "aws_route53_record": _record,
    "aws_wafv2_web_acl": _web_acl,
    "aws_wafv2_web_acl_association": _web_acl_association,
    "aws_wafv2_web_acl_logging_configuration": _web_acl_logging,
}
"""By Terraform type."""
