"""A request needs further rights: `iam:PassRole` for a role that it hands over, `ec2:CreateTags`, `s3:GetObject`.

The second is for the tags of what it creates in EC2, the third for the package in S3 that it gives a function.

MiniStack checks the request's own action and none of these: whoever may create a function may run it as any role.
Nor does it know the tags in a request that creates something of EC2, a target group or a user pool, which service a
scalable target is of, or which policy is attached to a role (`iam:PolicyARN`).

AWS: IAM user guide, "Grant a user permissions to pass a role to an AWS service", `iam:PassedToService`
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html); Amazon EC2 user guide, "Grant permission
to tag Amazon EC2 resources during creation", `ec2:CreateAction`
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html). Lambda, of a package that the
caller may not read: "make sure your request credentials have permission to GetObject for ..."
(https://github.com/aws-samples/aws-cost-explorer-report/issues/28).
"""

import contextvars
from typing import Any

from emulator.shims._parameters import fields_of, one
from emulator.shims._patching import part, service, wrap
from emulator.shims.authorized_resources import CREATED

# The service that a role is passed to, and the fields that name roles, by action.
PASSED = {
    "lambda:CreateFunction": ("lambda.amazonaws.com", ("Role",)),
    "lambda:UpdateFunctionConfiguration": ("lambda.amazonaws.com", ("Role",)),
    "codebuild:CreateProject": ("codebuild.amazonaws.com", ("serviceRole",)),
    "codebuild:UpdateProject": ("codebuild.amazonaws.com", ("serviceRole",)),
    "states:CreateStateMachine": ("states.amazonaws.com", ("roleArn",)),
    "states:UpdateStateMachine": ("states.amazonaws.com", ("roleArn",)),
    "ecs:RegisterTaskDefinition": ("ecs-tasks.amazonaws.com", ("executionRoleArn", "taskRoleArn")),
    "ec2:CreateFlowLogs": ("vpc-flow-logs.amazonaws.com", ("DeliverLogsPermissionArn",)),
    "rds:CreateDBInstance": ("monitoring.rds.amazonaws.com", ("MonitoringRoleArn",)),
    "rds:ModifyDBInstance": ("monitoring.rds.amazonaws.com", ("MonitoringRoleArn",)),
}
PACKAGED = frozenset({"lambda:CreateFunction", "lambda:UpdateFunctionCode"})
Dependent = tuple[str, str, dict[str, Any]]
_request: contextvars.ContextVar[tuple[bytes, Any, str, str] | None] = contextvars.ContextVar(
    "request", default=None
)
_refused: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("refused", default=None)


def apply() -> None:
    """Check the dependent actions after the request's own, and name the one that was refused."""
    actions, evaluator = service("core.iam_actions"), service("core.iam_evaluator")
    tags = part(actions, "_QUERY_TAG_RE")

    def arn(original: Any, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        _method, _path, _headers, body, parameters, region, account = arguments
        _request.set((body, parameters, region, account))
        _refused.set(None)
        return original(name, *arguments)

    def enforce(original: Any, key: str, action: str, name: str, region: str, **named: Any) -> Any:  # noqa: ANN401
        named = _with_context(action, named, tags)
        denied = original(key, action, name, region, **named)
        # Asked once, with the first of the request's resources.
        request = _request.get()
        if denied or request is None:
            return denied
        _request.set(None)
        for dependent, resource, context in _dependents(action, request, named.get("service_context") or {}):
            denied = original(key, dependent, name, region, resource_arn=resource, service_context=context)
            if denied:
                _refused.set((dependent, resource))
                return denied
        return None

    def denial(original: Any, name: str, action: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        refused = _refused.get()
        if refused is not None:
            action, named["resource_arn"] = refused
        return original(name, action, *arguments, **named)

    wrap(actions, "extract_resource_arn", arn)
    wrap(evaluator, "enforce", enforce)
    wrap(actions, "access_denied_response", denial)


def _with_context(action: str, named: dict[str, Any], pattern: Any) -> dict[str, Any]:  # noqa: ANN401
    """Add the condition keys that MiniStack leaves out of a request: tags of what is created, the scaled service."""
    request = _request.get()
    if request is None:
        return named
    body, parameters, _, _ = request
    keys: dict[str, Any] = {}
    prefix, _, name = action.partition(":")
    if prefix == "application-autoscaling" and "ServiceNamespace" in fields_of(body):
        keys["application-autoscaling:service-namespace"] = fields_of(body)["ServiceNamespace"]
    if prefix == "iam" and one(parameters, "PolicyArn"):
        keys["iam:PolicyARN"] = one(parameters, "PolicyArn")
    if prefix == "cognito-idp":
        tags = fields_of(body).get("UserPoolTags", {})
        keys |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if name in CREATED or prefix == "elasticloadbalancing":
        for field in parameters:
            match = pattern.match(field)
            if match:
                keys[f"aws:RequestTag/{one(parameters, field)}"] = one(parameters, f"{match[1]}.Value")
    return {**named, "service_context": {**(named.get("service_context") or {}), **keys}}


def _dependents(
    action: str, request: tuple[bytes, Any, str, str], context: dict[str, Any]
) -> list[Dependent]:
    body, parameters, region, account = request
    found: list[Dependent] = []
    to, fields = PASSED.get(action, ("", ()))
    given = fields_of(body)
    for field in fields:
        role = given.get(field) or one(parameters, field)
        if role:
            found.append(("iam:PassRole", str(role), {"iam:PassedToService": to}))
    if action in PACKAGED:
        code = given.get("Code") or given
        if code.get("S3Bucket"):
            found.append(("s3:GetObject", f"arn:aws:s3:::{code['S3Bucket']}/{code.get('S3Key')}", {}))
    name = action.partition(":")[2]
    tags = {key: value for key, value in context.items() if key.lower().startswith("aws:requesttag/")}
    if tags and action.startswith("ec2:") and name in CREATED:
        resource = f"arn:aws:ec2:{region}:{account}:{CREATED[name]}/*"
        found.append(("ec2:CreateTags", resource, {**tags, "ec2:CreateAction": name}))
    return found
