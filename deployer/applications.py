"""Rights on roles, functions, APIs and their users, and the tenants' signup rules."""

from __future__ import annotations

from typing import Final

from deployer import backups
from deployer.place import Place
from deployer.rights import Right, Row, Table, belonging_to, in_region, made_for, passed_to
from policies.statements import Condition


def roles(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of all roles of the stacks."""
    names = (
        *place.silo(lambda n: n.api_function_role),
        *place.silo(lambda n: n.flow_logs_role),
        *place.silo(lambda n: n.provisioner_function_role),
        *place.fargate(lambda n: n.execution_role),
        *place.fargate(lambda n: n.task_role),
        place.platform.database_monitoring_role,
        place.platform.flow_logs_role,
        place.platform.provisioner_role,
        place.delivery.state_machine_role,
        *backups.roles(place),
    )
    return place.roles(*names)


def functions(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of all functions."""
    names = (*place.silo(lambda n: n.api_function), *place.silo(lambda n: n.provisioner_function))
    return place.arns("lambda", "function:", *names, place.platform.provisioner_function)


def service_linked_role(place: Place, service: str) -> Right:
    """Return the right to have AWS create its own role for `service` in an account that has none yet.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    """
    return Right(
        actions=("iam:CreateServiceLinkedRole",),
        resources=(f"arn:{place.partition}:iam::{place.account}:role/aws-service-role/{service}/*",),
        conditions=(Condition(operator="StringEquals", key="iam:AWSServiceName", values=(service,)),),
    )


def _role(*actions: str) -> Row:
    def rights(place: Place) -> tuple[Right, ...]:
        return (Right(actions=tuple(f"iam:{action}" for action in actions), resources=roles(place)),)

    return rights


def _attachment(place: Place) -> tuple[Right, ...]:
    """The one policy of AWS's that a role gets, and no other: the condition keeps `AdministratorAccess` out."""
    policy = f"arn:{place.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    only = Condition(operator="ArnEquals", key="iam:PolicyARN", values=(policy,))
    role = place.roles(place.platform.database_monitoring_role)
    return (
        Right(actions=("iam:AttachRolePolicy", "iam:DetachRolePolicy"), resources=role, conditions=(only,)),
        Right(actions=("iam:ListAttachedRolePolicies",), resources=role),
    )


def _function(place: Place) -> tuple[Right, ...]:
    passed = (
        *place.silo(lambda n: n.api_function_role),
        *place.silo(lambda n: n.provisioner_function_role),
        place.platform.provisioner_role,
    )
    return (
        Right(
            actions=(
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:DeleteFunctionConcurrency",
                "lambda:GetFunction",
                "lambda:GetFunctionCodeSigningConfig",
                "lambda:GetFunctionConfiguration",
                "lambda:ListVersionsByFunction",
                "lambda:PutFunctionConcurrency",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ),
            resources=functions(place),
        ),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(*passed),
            conditions=(passed_to("lambda.amazonaws.com"),),
        ),
        # AWS looks at the function's network with the caller's rights
        # (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions).
        Right(
            actions=("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
            conditions=(in_region(place),),
        ),
    )


def _invocation(place: Place) -> tuple[Right, ...]:
    function = place.arns("lambda", "function:", place.platform.provisioner_function)
    return (Right(actions=("lambda:InvokeFunction",), resources=function),)


def _permission(place: Place) -> tuple[Right, ...]:
    actions = ("lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission")
    return (Right(actions=actions, resources=functions(place)),)


def _rule(*actions: str) -> Row:
    def rights(place: Place) -> tuple[Right, ...]:
        names = (
            *place.silo(lambda n: n.signup_rule),
            *place.silo(lambda n: n.key_deletion_rule),
            *place.silo(lambda n: n.backup_failures_rule),
            *place.fargate(lambda n: n.key_deletion_rule),
            *place.fargate(lambda n: n.backup_failures_rule),
            place.platform.key_deletion_rule,
            place.platform.backup_failures_rule,
            place.delivery.key_deletion_rule,
        )
        # The default bus has rules without the bus's name in their ARN.
        arns = place.arns("events", "rule/", *names)
        return (Right(actions=tuple(f"events:{action}" for action in actions), resources=arns),)

    return rights


def _in_apis(*paths: str, methods: tuple[str, ...]) -> Row:
    """Rights on what is in an HTTP API.

    AWS chooses the ids of APIs, and what is in one neither inherits its tags nor carries its name in a request
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html), so
    these rights cannot be limited to the environment. Those on APIs themselves are.
    """

    def rights(place: Place) -> tuple[Right, ...]:
        return (_on_apis(place, *paths, methods=methods),)

    return rights


def _api(place: Place) -> tuple[Right, ...]:
    """Rights on HTTP APIs by their names.

    The keys are there where an API is created, and where it is changed or deleted
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html).
    """
    names = place.silo(lambda n: n.http_api)
    created = Condition(operator="StringLike", key="apigateway:Request/ApiName", values=names)
    existing = Condition(operator="StringLike", key="apigateway:Resource/ApiName", values=names)
    return (
        _on_apis(place, "/apis", methods=("POST",), conditions=(created,)),
        _on_apis(place, "/apis/*", methods=("DELETE", "PATCH"), conditions=(existing,)),
        _on_apis(place, "/apis/*", methods=("GET",)),
        _on_apis(place, "/tags/*", methods=("DELETE", "GET", "POST")),
    )


def _on_apis(
    place: Place, *paths: str, methods: tuple[str, ...], conditions: tuple[Condition, ...] = ()
) -> Right:
    return Right(
        actions=tuple(f"apigateway:{method}" for method in methods),
        resources=tuple(f"arn:{place.partition}:apigateway:{place.region}::{path}" for path in paths),
        conditions=conditions,
    )


def _stage(place: Place) -> tuple[Right, ...]:
    """The stage, whose access log is delivered by CloudWatch Logs.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
    """
    return (
        *_in_apis("/apis/*/stages", "/apis/*/stages/*", methods=("DELETE", "GET", "PATCH", "POST"))(place),
        Right(
            actions=(
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ),
            conditions=(in_region(place),),
        ),
        service_linked_role(place, "ops.apigateway.amazonaws.com"),
    )


def _user_pool(place: Place) -> tuple[Right, ...]:
    pools = place.arns("cognito-idp", "userpool/", "*")
    return (
        Right(
            actions=("cognito-idp:CreateUserPool",),
            conditions=(made_for(place), in_region(place)),
        ),
        Right(actions=("cognito-idp:TagResource",), resources=pools, conditions=(made_for(place),)),
        Right(
            actions=(
                "cognito-idp:DeleteUserPool",
                "cognito-idp:DescribeUserPool",
                "cognito-idp:GetUserPoolMfaConfig",
                "cognito-idp:SetUserPoolMfaConfig",
                "cognito-idp:TagResource",
                "cognito-idp:UntagResource",
                "cognito-idp:UpdateUserPool",
            ),
            resources=pools,
            conditions=(belonging_to(place),),
        ),
    )


def _user_pool_client(place: Place) -> tuple[Right, ...]:
    return (
        Right(
            actions=(
                "cognito-idp:CreateUserPoolClient",
                "cognito-idp:DeleteUserPoolClient",
                "cognito-idp:DescribeUserPoolClient",
                "cognito-idp:UpdateUserPoolClient",
            ),
            resources=place.arns("cognito-idp", "userpool/", "*"),
            conditions=(belonging_to(place),),
        ),
    )


def own_role(place: Place) -> tuple[Right, ...]:
    """Return the right to look the deployer's own role up, for `aws_iam_session_context`."""
    return (Right(actions=("iam:GetRole",), resources=place.roles(place.deployer)),)


ROWS: Final[Table] = {
    "aws_apigatewayv2_api": _api,
    "aws_apigatewayv2_authorizer": _in_apis(
        "/apis/*/authorizers", "/apis/*/authorizers/*", methods=("DELETE", "GET", "PATCH", "POST")
    ),
    "aws_apigatewayv2_integration": _in_apis(
        "/apis/*/integrations", "/apis/*/integrations/*", methods=("DELETE", "GET", "PATCH", "POST")
    ),
    "aws_apigatewayv2_route": _in_apis(
        "/apis/*/routes", "/apis/*/routes/*", methods=("DELETE", "GET", "PATCH", "POST")
    ),
    "aws_apigatewayv2_stage": _stage,
    "aws_cloudwatch_event_rule": _rule(
        "DeleteRule", "DescribeRule", "ListTagsForResource", "PutRule", "TagResource", "UntagResource"
    ),
    "aws_cloudwatch_event_target": _rule("ListTargetsByRule", "PutTargets", "RemoveTargets"),
    "aws_cognito_user_pool": _user_pool,
    "aws_cognito_user_pool_client": _user_pool_client,
    "aws_iam_role": _role(
        "CreateRole",
        "DeleteRole",
        "GetRole",
        "ListAttachedRolePolicies",
        "ListInstanceProfilesForRole",
        "ListRolePolicies",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
    ),
    "aws_iam_role_policy": _role("DeleteRolePolicy", "GetRolePolicy", "PutRolePolicy"),
    "aws_iam_role_policy_attachment": _attachment,
    "aws_lambda_function": _function,
    "aws_lambda_invocation": _invocation,
    "aws_lambda_permission": _permission,
}
"""By Terraform type."""
