"""Rights on networks: VPCs and what is in them, whose ids AWS chooses, so that a tag says which environment owns them.

The resource types and condition keys of each action:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html. What is created must get the
environment's tag, and what is changed or used must have it
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html).
"""

from __future__ import annotations

from typing import Final

from deployer.place import Place
from deployer.rights import Right, Row, Table, belonging_to, in_region, made_for, passed_to
from policies.statements import Condition

TAGGED: Final = (
    "elastic-ip",
    "internet-gateway",
    "natgateway",
    "route-table",
    "security-group",
    "security-group-rule",
    "subnet",
    "vpc",
    "vpc-endpoint",
    "vpc-flow-log",
)
"""What the stacks create and tag in a network, as ARNs name it."""
CREATIONS: Final = (
    "AllocateAddress",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateFlowLogs",
    "CreateInternetGateway",
    "CreateNatGateway",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateVpc",
    "CreateVpcEndpoint",
)
"""Actions that tag what they create."""


def row(
    *kinds: str,
    create: tuple[str, ...] = (),
    change: tuple[str, ...] = (),
    read: tuple[str, ...] = (),
) -> Row:
    """Return the row of a type.

    Args:
        *kinds: the first is what is created; all are what the changes and creations touch.
        create: actions that create the first of `kinds`, and use the others.
        change: actions on what exists.
        read: actions that AWS checks on no resource.
    """

    def rights(place: Place) -> tuple[Right, ...]:
        found = []
        if create:
            made = place.arns("ec2", "", f"{kinds[0]}/*")
            found.append(Right(actions=_ec2(create), resources=made, conditions=(made_for(place),)))
            if kinds[1:]:
                used = place.arns("ec2", "", *kinds[1:], suffix="/*")
                found.append(Right(actions=_ec2(create), resources=used, conditions=(belonging_to(place),)))
        if change:
            changed = place.arns("ec2", "", *kinds, suffix="/*")
            found.append(Right(actions=_ec2(change), resources=changed, conditions=(belonging_to(place),)))
        if read:
            found.append(Right(actions=_ec2(read), conditions=(in_region(place),)))
        return tuple(found)

    return rights


def tags(place: Place) -> tuple[Right, ...]:
    """Return the rights on the tags of what is in a network."""
    resources = place.arns("ec2", "", *TAGGED, suffix="/*")
    creating = Condition(operator="StringEquals", key="ec2:CreateAction", values=CREATIONS)
    return (
        Right(actions=("ec2:CreateTags",), resources=resources, conditions=(made_for(place), creating)),
        Right(
            actions=("ec2:CreateTags", "ec2:DeleteTags"),
            resources=resources,
            conditions=(belonging_to(place),),
        ),
    )


def _default_security_group(place: Place) -> tuple[Right, ...]:
    """AWS makes this group with its VPC, without tags: it is claimed by the first tag."""
    group = place.arns("ec2", "security-group/", "*")
    untagged = Condition(operator="Null", key="aws:ResourceTag/Environment", values=("true",))
    return (
        Right(
            actions=("ec2:CreateTags",),
            resources=group,
            conditions=(made_for(place), untagged),
        ),
        *row("security-group", change=REVOKE, read=("DescribeSecurityGroups", "DescribeSecurityGroupRules"))(
            place
        ),
        *_first_rules(place, *REVOKE),
    )


def _first_rules(place: Place, *actions: str) -> tuple[Right, ...]:
    """The rules that AWS gives a new group, without tags. The group, which is asked as well, must have the tag."""
    rules = place.arns("ec2", "security-group-rule/", "*")
    return (Right(actions=_ec2(actions), resources=rules, conditions=(in_region(place),)),)


def _flow_log(place: Place) -> tuple[Right, ...]:
    roles = (*place.silo(lambda n: n.flow_logs_role), place.platform.flow_logs_role)
    return (
        *row(
            "vpc-flow-log",
            "vpc",
            create=("CreateFlowLogs",),
            read=("DescribeFlowLogs",),
        )(place),
        *row("vpc-flow-log", change=("DeleteFlowLogs",))(place),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(*roles),
            conditions=(passed_to("vpc-flow-logs.amazonaws.com"),),
        ),
        Right(
            actions=("logs:CreateLogDelivery", "logs:DeleteLogDelivery"),
            conditions=(in_region(place),),
        ),
    )


def _endpoint(place: Place) -> tuple[Right, ...]:
    used = ("vpc", "route-table", "security-group", "subnet")
    return (
        *row(
            "vpc-endpoint",
            *used,
            create=("CreateVpcEndpoint",),
            change=("ModifyVpcEndpoint",),
            read=("DescribePrefixLists", "DescribeVpcEndpoints"),
        )(place),
        *row("vpc-endpoint", change=("DeleteVpcEndpoints",))(place),
        # The zone is AWS's own; the VPC is the resource that AWS names when it refuses.
        Right(
            actions=("route53:AssociateVPCWithHostedZone",),
            conditions=(in_region(place),),
        ),
    )


def _leftover_interfaces(place: Place) -> tuple[Right, ...]:
    """Interfaces that Lambda leaves behind, untagged, and that keep a subnet or group from being deleted.

    The provider deletes them with the subnet or group. AWS refuses to delete one that is in use
    (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html).
    """
    return (
        Right(
            actions=("ec2:DeleteNetworkInterface", "ec2:DetachNetworkInterface"),
            resources=place.arns("ec2", "network-interface/", "*"),
            conditions=(in_region(place),),
        ),
    )


def _subnet(place: Place) -> tuple[Right, ...]:
    return (
        *row(
            "subnet", "vpc", create=("CreateSubnet",), read=("DescribeNetworkInterfaces", "DescribeSubnets")
        )(place),
        *row("subnet", change=("DeleteSubnet", "ModifySubnetAttribute"))(place),
        *_leftover_interfaces(place),
    )


def _security_group(place: Place) -> tuple[Right, ...]:
    return (
        *row(
            "security-group",
            "vpc",
            create=("CreateSecurityGroup",),
            read=("DescribeNetworkInterfaces", "DescribeSecurityGroups"),
        )(place),
        *row("security-group", change=("DeleteSecurityGroup", "RevokeSecurityGroupEgress"))(place),
        *_first_rules(place, "RevokeSecurityGroupEgress"),
        *_leftover_interfaces(place),
    )


def _route_table(place: Place) -> tuple[Right, ...]:
    return (
        *row("route-table", "vpc", create=("CreateRouteTable",), read=("DescribeRouteTables",))(place),
        *row("route-table", change=("DeleteRouteTable",))(place),
    )


def _internet_gateway(place: Place) -> tuple[Right, ...]:
    return (
        *row(
            "internet-gateway",
            create=("CreateInternetGateway",),
            change=("DeleteInternetGateway",),
            read=("DescribeInternetGateways",),
        )(place),
        *row("internet-gateway", "vpc", change=("AttachInternetGateway", "DetachInternetGateway"))(place),
    )


def _nat_gateway(place: Place) -> tuple[Right, ...]:
    return (
        *row(
            "natgateway",
            "elastic-ip",
            "subnet",
            create=("CreateNatGateway",),
            read=("DescribeNatGateways",),
        )(place),
        *row("natgateway", change=("DeleteNatGateway",))(place),
    )


def _rule(direction: str) -> Row:
    authorize, revoke = f"AuthorizeSecurityGroup{direction}", f"RevokeSecurityGroup{direction}"
    return row(
        "security-group-rule",
        "security-group",
        create=(authorize,),
        change=(revoke, "ModifySecurityGroupRules"),
        read=("DescribeSecurityGroupRules",),
    )


def _ec2(actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"ec2:{action}" for action in actions)


REVOKE: Final = ("RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress")
ROWS: Final[Table] = {
    "aws_default_security_group": _default_security_group,
    "aws_eip": row(
        "elastic-ip",
        create=("AllocateAddress",),
        change=("ReleaseAddress",),
        read=("DescribeAddresses", "DescribeAddressesAttribute"),
    ),
    "aws_flow_log": _flow_log,
    "aws_internet_gateway": _internet_gateway,
    "aws_nat_gateway": _nat_gateway,
    "aws_route": row("route-table", change=("CreateRoute", "DeleteRoute"), read=("DescribeRouteTables",)),
    "aws_route_table": _route_table,
    "aws_route_table_association": row(
        "route-table",
        "subnet",
        change=("AssociateRouteTable", "DisassociateRouteTable"),
        read=("DescribeRouteTables",),
    ),
    "aws_security_group": _security_group,
    "aws_subnet": _subnet,
    "aws_vpc": row(
        "vpc",
        create=("CreateVpc",),
        change=("DeleteVpc", "ModifyVpcAttribute"),
        read=(
            "DescribeNetworkAcls",
            "DescribeRouteTables",
            "DescribeSecurityGroups",
            "DescribeVpcAttribute",
            "DescribeVpcs",
        ),
    ),
    "aws_vpc_endpoint": _endpoint,
    "aws_vpc_security_group_egress_rule": _rule("Egress"),
    "aws_vpc_security_group_ingress_rule": _rule("Ingress"),
}
"""By Terraform type."""
