"""Rights on what only the shared platform has: its database, services, load balancer, certificate, web ACL.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
lists each service's actions and resource types.
"""

from __future__ import annotations

from typing import Final

from deployer.applications import service_linked_role
from deployer.place import ANY, Place
from deployer.rights import Right, Table, belonging_to, in_region, made_for, passed_to
from policies.statements import Condition


def _rds(*actions: str, resources: tuple[str, ...]) -> Right:
    return Right(actions=tuple(f"rds:{action}" for action in actions), resources=resources)


def _cluster(place: Place) -> tuple[Right, ...]:
    """The cluster; RDS keeps its master's password in a secret that it creates with the caller's rights.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
    """
    names = place.platform
    snapshots = place.arns("rds", "cluster-snapshot:", names.database_final_snapshot)
    clusters = place.arns("rds", "cluster:", names.database_cluster)
    return (
        _rds(
            *("AddTagsToResource", "CreateDBCluster", "DeleteDBCluster", "DescribeDBClusters"),
            *("ListTagsForResource", "ModifyDBCluster", "RemoveTagsFromResource"),
            resources=clusters,
        ),
        _rds(
            "CreateDBCluster",
            resources=(*_subnet_groups(place), *_parameter_groups(place)),
        ),
        _rds("CreateDBClusterSnapshot", "DeleteDBCluster", resources=(*clusters, *snapshots)),
        _rds("ModifyDBCluster", resources=_parameter_groups(place)),
        Right(actions=("rds:DescribeGlobalClusters",), conditions=(in_region(place),)),
        Right(
            actions=("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
            resources=place.arns("secretsmanager", "secret:", "rds!cluster-*"),
        ),
        service_linked_role(place, "rds.amazonaws.com"),
    )


def _instance(place: Place) -> tuple[Right, ...]:
    names = place.platform
    instances = place.arns("rds", "db:", names.database_instance(ANY).replace(ANY, "*"))
    return (
        _rds(
            *("AddTagsToResource", "CreateDBInstance", "DeleteDBInstance", "DescribeDBInstances"),
            *("ListTagsForResource", "ModifyDBInstance", "RemoveTagsFromResource"),
            resources=instances,
        ),
        _rds(
            "CreateDBInstance",
            resources=(*place.arns("rds", "cluster:", names.database_cluster), *_subnet_groups(place)),
        ),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(names.database_monitoring_role),
            conditions=(passed_to("monitoring.rds.amazonaws.com"),),
        ),
    )


def _subnet_groups(place: Place) -> tuple[str, ...]:
    return place.arns("rds", "subgrp:", place.platform.database_subnet_group)


def _parameter_groups(place: Place) -> tuple[str, ...]:
    name = place.platform.database_parameter_group(ANY).replace(ANY, "*")
    return place.arns("rds", "cluster-pg:", name)


def _subnet_group(place: Place) -> tuple[Right, ...]:
    return (
        _rds(
            *("AddTagsToResource", "CreateDBSubnetGroup", "DeleteDBSubnetGroup", "DescribeDBSubnetGroups"),
            *("ListTagsForResource", "ModifyDBSubnetGroup", "RemoveTagsFromResource"),
            resources=_subnet_groups(place),
        ),
    )


def _parameter_group(place: Place) -> tuple[Right, ...]:
    return (
        _rds(
            *("AddTagsToResource", "CreateDBClusterParameterGroup", "DeleteDBClusterParameterGroup"),
            *("DescribeDBClusterParameterGroups", "DescribeDBClusterParameters", "ListTagsForResource"),
            *("ModifyDBClusterParameterGroup", "RemoveTagsFromResource", "ResetDBClusterParameterGroup"),
            resources=_parameter_groups(place),
        ),
    )


def _ecs_cluster(place: Place) -> tuple[Right, ...]:
    actions = (
        *("CreateCluster", "DeleteCluster", "DescribeClusters", "TagResource", "UntagResource"),
        "UpdateCluster",
    )
    cluster = place.arns("ecs", "cluster/", place.platform.ecs_cluster)
    return (
        Right(actions=tuple(f"ecs:{action}" for action in actions), resources=cluster),
        service_linked_role(place, "ecs.amazonaws.com"),
    )


def services(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of the tenants' ECS services."""
    prefix = f"service/{place.platform.ecs_cluster}/"
    return place.arns("ecs", prefix, *place.fargate(lambda n: n.service))


def _ecs_service(place: Place) -> tuple[Right, ...]:
    actions = (
        *("CreateService", "DeleteService", "DescribeServices", "TagResource", "UntagResource"),
        "UpdateService",
    )
    return (Right(actions=tuple(f"ecs:{action}" for action in actions), resources=services(place)),)


def _task_definition(place: Place) -> tuple[Right, ...]:
    families = place.fargate(lambda n: n.task_family)
    definitions = place.arns("ecs", "task-definition/", *families, suffix=":*")
    roles = (*place.fargate(lambda n: n.execution_role), *place.fargate(lambda n: n.task_role))
    return (
        Right(
            actions=("ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource"),
            resources=definitions,
        ),
        # AWS checks these on no resource.
        Right(
            actions=("ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition"),
            conditions=(in_region(place),),
        ),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(*roles),
            conditions=(passed_to("ecs-tasks.amazonaws.com"),),
        ),
    )


def _scaling(*actions: str) -> tuple[str, ...]:
    return tuple(f"application-autoscaling:{action}" for action in actions)


def _scalable_target(place: Place) -> tuple[Right, ...]:
    """The target, whose id AWS chooses: the condition keeps to ECS services.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html
    """
    targets = place.arns("application-autoscaling", "scalable-target/", "*")
    ecs = Condition(operator="StringEquals", key="application-autoscaling:service-namespace", values=("ecs",))
    return (
        Right(
            actions=_scaling("DeregisterScalableTarget", "RegisterScalableTarget"),
            resources=targets,
            conditions=(ecs,),
        ),
        Right(
            actions=_scaling("ListTagsForResource", "TagResource", "UntagResource"),
            resources=targets,
        ),
        Right(actions=_scaling("DescribeScalableTargets"), conditions=(in_region(place),)),
        service_linked_role(place, "ecs.application-autoscaling.amazonaws.com"),
    )


def _scaling_policy(place: Place) -> tuple[Right, ...]:
    """The policy, and what Application Auto Scaling does for it with the caller's rights.

    https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
    """
    targets = place.arns("application-autoscaling", "scalable-target/", "*")
    ecs = Condition(operator="StringEquals", key="application-autoscaling:service-namespace", values=("ecs",))
    alarms = place.arns("cloudwatch", "alarm:TargetTracking-service/", f"{place.platform.ecs_cluster}/*")
    return (
        Right(
            actions=_scaling("DeleteScalingPolicy", "PutScalingPolicy"), resources=targets, conditions=(ecs,)
        ),
        Right(actions=_scaling("DescribeScalingPolicies"), conditions=(in_region(place),)),
        Right(
            actions=("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"),
            resources=alarms,
        ),
    )


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
    "aws_appautoscaling_policy": _scaling_policy,
    "aws_appautoscaling_target": _scalable_target,
    "aws_db_subnet_group": _subnet_group,
    "aws_ecs_cluster": _ecs_cluster,
    "aws_ecs_service": _ecs_service,
    "aws_ecs_task_definition": _task_definition,
    "aws_lb": _load_balancer,
    "aws_lb_listener": _listener,
    "aws_lb_listener_rule": _listener_rule,
    "aws_lb_target_group": _target_group,
    "aws_rds_cluster": _cluster,
    "aws_rds_cluster_instance": _instance,
    "aws_rds_cluster_parameter_group": _parameter_group,
    "aws_route53_record": _record,
    "aws_wafv2_web_acl": _web_acl,
    "aws_wafv2_web_acl_association": _web_acl_association,
    "aws_wafv2_web_acl_logging_configuration": _web_acl_logging,
}
"""By Terraform type."""
