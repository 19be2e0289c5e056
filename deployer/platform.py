"""Rights on what only the shared platform has: its database, cluster and services.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
lists each service's actions and resource types.
"""

from __future__ import annotations

from typing import Final

from deployer.applications import service_linked_role
from deployer.place import ANY, Place
from deployer.rights import Right, Table, in_region, passed_to
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


ROWS: Final[Table] = {
    "aws_appautoscaling_policy": _scaling_policy,
    "aws_appautoscaling_target": _scalable_target,
    "aws_db_subnet_group": _subnet_group,
    "aws_ecs_cluster": _ecs_cluster,
    "aws_ecs_service": _ecs_service,
    "aws_ecs_task_definition": _task_definition,
    "aws_rds_cluster": _cluster,
    "aws_rds_cluster_instance": _instance,
    "aws_rds_cluster_parameter_group": _parameter_group,
}
"""By Terraform type."""
