"""A request is checked on the resources that AWS checks it on, with their tags.

MiniStack checks a request that creates something in a network on one of the resources that it names, or on `*`, and so
it does for most of what the other services of a stack create; it knows no tags of networks, load balancers and user
pools; it checks alarms by no name where they are deleted or tagged, and dashboards by none; and it checks nothing of
Application Auto Scaling. A policy for one environment's resources then allows nothing, or is never asked.

AWS: Service Authorization Reference, the column "Resource types" of Amazon EC2, Elastic Load Balancing V2, Amazon RDS,
Amazon ECS, ACM, AWS KMS, AWS Lambda, CloudWatch, DynamoDB, EventBridge and Route 53
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from emulator.shims._parameters import fields_of, one
from emulator.shims._patching import part, service, wrap

# What an action of EC2 creates, as ARNs name it.
CREATED = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
}
# What an id of EC2 is of, by its first part.
KINDS = {
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
ID = re.compile(r"(?P<kind>[a-z]+)-[0-9a-f]+")
CHANGE = re.compile(r"/change/(?P<id>[^/]+)$")
# Parameters that name what is put into a rule, or what a list is about: not checked.
UNCHECKED = re.compile(r"IpPermissions|ReferencedGroupId|^(Filter|TagSpecification)\.")
# Of a route only its table is checked, not where it goes.
ROUTES = {"CreateRoute", "DeleteRoute", "ReplaceRoute"}
# Parameters that name what is created, by service and action.
NAMED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "elasticloadbalancing": {
        "CreateLoadBalancer": ("loadbalancer/app/{}/new", "Name"),
        "CreateTargetGroup": ("targetgroup/{}/new", "Name"),
    },
    "rds": {
        f"{verb}{kind}": (f"{prefix}:{{}}", f"{kind.removesuffix('s')}Name")
        for kind, prefix in (
            ("DBSubnetGroup", "subgrp"),
            ("DBSubnetGroups", "subgrp"),
            ("DBClusterParameterGroup", "cluster-pg"),
            ("DBClusterParameterGroups", "cluster-pg"),
        )
        for verb in ("Create", "Modify", "Delete", "Describe", "Reset")
    }
    | {"DescribeDBClusterParameters": ("cluster-pg:{}", "DBClusterParameterGroupName")},
}


def apply() -> None:
    """Name the resources, hand out their tags, and let Application Auto Scaling be checked."""
    actions = service("core.iam_actions")
    wrap(actions, "extract_resource_arn", _arn)
    wrap(actions, "verified_access_resource_arns", _all_of_ec2)
    part(actions, "SERVICE_TO_IAM_NAMESPACE")["application-autoscaling"] = "application-autoscaling"
    collectors: MutableMapping[str, Callable[[], Iterator[Any]]] = part(
        service("services.tagging"), "_RESOURCE_TAG_COLLECTORS"
    )
    collectors["acm"] = _tags_of_acm
    collectors["ec2"] = _tags_of_ec2
    collectors["elasticloadbalancing"] = lambda: iter(part(service("services.alb"), "_tags").items())
    collectors["cognito-idp"] = part(service("services.tagging"), "_collect_cognito")


def _arn(original: Any, name: str, *arguments: Any) -> str:  # noqa: ANN401
    arn = str(original(name, *arguments))
    _method, path, headers, body, parameters, region, account = arguments
    place = f"{region}:{account}"
    if name == "ec2":
        return next(iter(_of_ec2(parameters, region, account)), "*")
    if name == "monitoring":
        return _of_alarms(arn, parameters, place)
    if name == "route53" and (change := CHANGE.search(path)):
        return f"arn:aws:route53:::change/{change['id']}"
    if name in NAMED:
        return _of_query(name, arn, parameters, place)
    of_service = JSON_SERVICES.get(name)
    if of_service is None:
        return arn
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    return of_service(action, arn, fields_of(body), place)


def _of_ec2(parameters: Any, region: str, account: str) -> list[str]:  # noqa: ANN401
    """What is created first, then all that is named; lists are checked on nothing."""
    action = one(parameters, "Action")
    if action.startswith("Describe"):
        return []
    found = [f"{CREATED[action]}/*"] if action in CREATED else []
    fields = ["RouteTableId"] if action in ROUTES else sorted(parameters)
    for field in fields:
        match = ID.fullmatch(one(parameters, field))
        if match and match["kind"] in KINDS and not UNCHECKED.search(field):
            found.append(f"{KINDS[match['kind']]}/{match[0]}")
    if action == "DisassociateRouteTable":
        found += _associated(one(parameters, "AssociationId"))
    return [f"arn:aws:ec2:{region}:{account}:{resource}" for resource in dict.fromkeys(found)]


def _associated(association: str) -> list[str]:
    """The route table and the subnet of an association, which has no ARN."""
    for id_, table in part(service("services.ec2"), "_route_tables").items():
        for item in table.get("Associations", []):
            if item.get("RouteTableAssociationId") == association:
                return [f"route-table/{id_}", f"subnet/{item.get('SubnetId')}"]
    return []


def _all_of_ec2(original: Any, parameters: Any, region: str, account: str) -> list[str]:  # noqa: ANN401
    """MiniStack checks all of these but the first, which it has checked already."""
    return _of_ec2(parameters, region, account) or list(original(parameters, region, account))


def _of_query(name: str, arn: str, parameters: Any, place: str) -> str:  # noqa: ANN401
    action = one(parameters, "Action")
    for field in ("ResourceName", "ResourceArns.member.1", "RuleArn"):
        if one(parameters, field):
            return one(parameters, field)
    pattern, field = NAMED[name].get(action, ("", ""))
    if pattern and one(parameters, field):
        return f"arn:aws:{name}:{place}:{pattern.format(one(parameters, field))}"
    return arn


def _of_alarms(arn: str, parameters: Any, place: str) -> str:  # noqa: ANN401
    """An alarm that is deleted, or whose tags a request is about, or a dashboard; a list is checked on all."""
    dashboard = one(parameters, "DashboardName") or one(parameters, "DashboardNames.member.1")
    if dashboard:
        # Its ARN has no region.
        return f"arn:aws:cloudwatch::{place.partition(':')[2]}:dashboard/{dashboard}"
    deleted = one(parameters, "Action") == "DeleteAlarms" and one(parameters, "AlarmNames.member.1")
    return one(parameters, "ResourceARN") or (
        f"arn:aws:cloudwatch:{place}:alarm:{deleted}" if deleted else arn
    )


def _of_ecs(action: str, arn: str, fields: Mapping[str, Any], place: str) -> str:
    prefix = f"arn:aws:ecs:{place}"
    if "resourceArn" in fields:
        return str(fields["resourceArn"])
    if action in {"CreateCluster", "DescribeClusters"}:
        (name,) = fields.get("clusters", [fields.get("clusterName")])
        return name if str(name).startswith("arn:") else f"{prefix}:cluster/{name}"
    if action == "RegisterTaskDefinition":
        return f"{prefix}:task-definition/{fields.get('family')}:*"
    if action in {"CreateService", "DeleteService", "DescribeServices", "UpdateService"}:
        named = fields.get("serviceName") or fields.get("service") or fields.get("services", ["*"])[0]
        cluster = str(fields.get("cluster", "default")).rpartition("/")[2]
        return f"{prefix}:service/{cluster}/{str(named).rpartition('/')[2]}"
    return arn


def _of_cognito(_action: str, arn: str, fields: Mapping[str, Any], _place: str) -> str:
    """Requests about a pool's tags name its ARN."""
    return str(fields.get("ResourceArn", arn))


def _of_events(_action: str, arn: str, fields: Mapping[str, Any], place: str) -> str:
    """Rules of the default bus have no bus in their ARN, and a request for a rule's targets is about the rule."""
    if "ResourceARN" in fields:
        return str(fields["ResourceARN"])
    rule = fields.get("Rule") or fields.get("Name")
    return f"arn:aws:events:{place}:rule/{rule}" if rule else arn


def _of_kms(action: str, arn: str, fields: Mapping[str, Any], place: str) -> str:
    """An alias by itself where it is made, else the key that it stands for; AWS's own keys are not in the emulator."""
    if action in {"CreateAlias", "DeleteAlias", "UpdateAlias"}:
        return f"arn:aws:kms:{place}:{fields.get('AliasName')}"
    if ":alias/" not in arn:
        return arn
    key = part(service("services.kms"), "_aliases").get(arn, "of-aws")
    return f"arn:aws:kms:{place}:key/{key}"


def _of_lambda(_action: str, arn: str, fields: Mapping[str, Any], place: str) -> str:
    name = fields.get("FunctionName")
    return f"arn:aws:lambda:{place}:function:{name}" if arn == "*" and name else arn


def _of_dynamodb(_action: str, arn: str, fields: Mapping[str, Any], _place: str) -> str:
    return str(fields.get("ResourceArn", arn))


def _of_acm(_action: str, arn: str, fields: Mapping[str, Any], _place: str) -> str:
    return str(fields.get("CertificateArn", arn))


def _tags_of_acm() -> Iterator[tuple[str, Any]]:
    for arn, certificate in part(service("services.acm"), "_certificates").items():
        yield arn, certificate.get("Tags", [])


def _tags_of_ec2() -> Iterator[tuple[str, Any]]:
    responses = service("core.responses")
    place = f"{part(responses, 'get_region')()}:{part(responses, 'get_account_id')()}"
    for id_, tags in part(service("services.ec2"), "_tags").items():
        kind = KINDS.get(str(id_).partition("-")[0])
        if kind:
            yield f"arn:aws:ec2:{place}:{kind}/{id_}", tags


def _of_scaling(action: str, arn: str, fields: Mapping[str, Any], place: str) -> str:
    """A target has an id that AWS chooses; lists are checked on nothing."""
    if "ResourceARN" in fields:
        return str(fields["ResourceARN"])
    return (
        arn
        if action.startswith("Describe")
        else f"arn:aws:application-autoscaling:{place}:scalable-target/id"
    )


def _of_wafv2(_action: str, arn: str, fields: Mapping[str, Any], _place: str) -> str:
    fields = fields.get("LoggingConfiguration", fields)
    return str(fields.get("WebACLArn") or fields.get("ResourceARN") or fields.get("ResourceArn") or arn)


JSON_SERVICES: Mapping[str, Callable[[str, str, Mapping[str, Any], str], str]] = {
    "acm": _of_acm,
    "cognito-idp": _of_cognito,
    "application-autoscaling": _of_scaling,
    "dynamodb": _of_dynamodb,
    "ecs": _of_ecs,
    "events": _of_events,
    "kms": _of_kms,
    "lambda": _of_lambda,
    "wafv2": _of_wafv2,
}
