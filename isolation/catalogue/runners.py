"""Which arguments give a workload the credentials of a role, and which name one without giving anything.

A workload gets the credentials of every role that it names: a task of its task role and its execution role
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html), an API of the credentials of an
integration, a rule's target, a pipe, a schedule, a state machine, a build of their role. So every argument counts,
in every resource type, except for those that only write a role down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ROLE_ARGUMENT: Final = re.compile(r"(^|_)(roles?|credentials|profile)(_arns?|_name|_id)?$")
"""Arguments that name a role to run as, whatever their type."""

WRITTEN_DOWN: Final = frozenset(
    {
        "//",
        "access_policies",
        "assume_role_policy",
        "container_definitions",
        "content",
        "connection",
        "count",
        "depends_on",
        "description",
        "environment",
        "event_pattern",
        "for_each",
        "grantee_principal",
        "input",
        "item",
        "lifecycle",
        "policy",
        "principal",
        "principal_arn",
        "principals",
        "provisioner",
        "retiring_principal",
        "secret_string",
        "tags",
        "tags_all",
        "triggers",
        "user_data",
        "value",
    }
)
"""Arguments in which a role is a text like another, a principal of a policy, or a label."""

NO_WORKLOADS: Final = re.compile(
    r"aws_iam_(?!instance_profile$)\w+|aws_kms_grant|aws_lambda_permission|module"
)
"""Types that say what a role may do, or who may do something, and run nothing."""

PARENTS: Final[Mapping[str, tuple[str, str]]] = {
    "aws_backup_selection": ("plan_id", "aws_backup_plan"),
    "aws_api_gateway_authorizer": ("rest_api_id", "aws_api_gateway_rest_api"),
    "aws_api_gateway_integration": ("rest_api_id", "aws_api_gateway_rest_api"),
    "aws_apigatewayv2_authorizer": ("api_id", "aws_apigatewayv2_api"),
    "aws_apigatewayv2_integration": ("api_id", "aws_apigatewayv2_api"),
    "aws_cloudwatch_event_target": ("rule", "aws_cloudwatch_event_rule"),
    "aws_cloudwatch_log_subscription_filter": ("log_group_name", "aws_cloudwatch_log_group"),
    "aws_rds_cluster_instance": ("cluster_identifier", "aws_rds_cluster"),
    "aws_rds_cluster_role_association": ("db_cluster_identifier", "aws_rds_cluster"),
}
"""By type: the argument that names what a resource belongs to, and the type of that. Most of these have no tags."""

OPERATED: Final = frozenset({"backup.amazonaws.com"})
"""Services that act as a role themselves and hand its credentials to nobody: no code of a tenant's ever has them. What
they do with it is what is configured, which is judged as the arguments of `OPERATORS`, and whoever could configure more
must pass the role, which is asked of everybody
(https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html)."""

OPERATORS: Final = frozenset({"aws_backup_selection"})
"""Types that name the role which one of these services acts as."""

SERVICE_LINKED: Final = re.compile(r"arn:[^:]*:iam::[^:]*:role/aws-service-role/.+")
"""Roles that only the service itself can use
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html)."""

OWN_CREDENTIALS: Final = re.compile(r"arn:[^:]*:iam::\*:user/\*")
"""What an integration writes to use the credentials of whoever calls
(https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html)."""
