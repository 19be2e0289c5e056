"""The kinds of resources that hold tenants' data, and which actions bear on each.

Actions are excluded, never listed: every action of a service counts as reach, those that AWS adds tomorrow included,
except for the few that list or describe an account.
https://docs.aws.amazon.com/service-authorization/latest/reference/ is the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue import data_kinds
from isolation.catalogue.kind import Kind
from isolation.catalogue.network import NETWORKS

KINDS: Final[Mapping[str, Kind]] = {
    **data_kinds.DATA_KINDS,
    "function": Kind(
        types=("aws_lambda_function",),
        patterns=("{arn}", "{arn}:*"),
        separated=True,
        actions=("lambda:*",),
        # What lists functions and versions returns their environments.
        harmless=(
            "lambda:listaliases",
            "lambda:listcodesigningconfigs",
            "lambda:listeventsourcemappings",
            "lambda:listlayer*",
            "lambda:listtags",
            "lambda:getaccountsettings",
        ),
        examples=(
            "lambda:invokefunction",
            "lambda:updatefunctioncode",
            "lambda:addpermission",
            "lambda:getfunction",
        ),
        takeover=("lambda:updatefunctioncode", "lambda:updatefunctionconfiguration"),
    ),
    "api": Kind(
        types=("aws_apigatewayv2_api",),
        patterns=("{arn}", "{arn}/*", "{execution_arn}/*"),
        actions=("execute-api:*", "apigateway:*"),
        examples=("execute-api:invoke", "apigateway:patch"),
    ),
    "mapping": Kind(
        types=("aws_lambda_event_source_mapping",),
        actions=("lambda:*",),
        harmless=("lambda:list*", "lambda:geteventsourcemapping"),
        examples=("lambda:updateeventsourcemapping", "lambda:deleteeventsourcemapping"),
    ),
    "builds": Kind(
        types=("aws_codebuild_project",),
        # A build is named after its project (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html).
        patterns=("{arn}", "{builds}:*"),
        actions=("codebuild:*",),
        # Projects and builds have environments.
        harmless=("codebuild:list*",),
        examples=("codebuild:startbuild", "codebuild:updateproject", "codebuild:batchgetbuilds"),
        # Whoever starts a build may say what it runs.
        takeover=("codebuild:retrybuild*", "codebuild:startbuild*", "codebuild:updateproject"),
    ),
    "machine": Kind(
        types=("aws_sfn_state_machine",),
        # Executions, those of a map and its runs are named after their state machine
        # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html).
        patterns=("{arn}", "{arn}:*", "{arn}/*", "{executions}:*", "{executions}/*", "{map_runs}/*"),
        actions=("states:*",),
        harmless=("states:list*",),
        examples=("states:startexecution", "states:updatestatemachine", "states:getexecutionhistory"),
        takeover=("states:updatestatemachine",),
    ),
    "balancer": Kind(
        types=("aws_lb", "aws_lb_listener", "aws_lb_listener_rule", "aws_lb_target_group"),
        # A web ACL is taken off a load balancer by the balancer's ARN
        # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html).
        actions=("elasticloadbalancing:*", "wafv2:*"),
        harmless=("elasticloadbalancing:describe*", "wafv2:getwebaclforresource", "wafv2:list*"),
        examples=("elasticloadbalancing:modifyrule", "elasticloadbalancing:registertargets"),
    ),
    "users": Kind(
        types=("aws_cognito_user_pool",),
        actions=("cognito-idp:*",),
        harmless=("cognito-idp:listuserpools",),
        examples=("cognito-idp:admincreateuser", "cognito-idp:adminsetuserpassword"),
    ),
    "events": Kind(
        types=("aws_cloudwatch_event_rule",),
        actions=("events:*",),
        harmless=("events:list*", "events:describe*"),
        examples=("events:putevents", "events:puttargets", "events:putrule"),
    ),
    "monitoring": Kind(
        types=("aws_cloudwatch_dashboard", "aws_cloudwatch_metric_alarm"),
        actions=("cloudwatch:*",),
        # Figures of all owners are in one store: see `account`.
        harmless=(
            "cloudwatch:batchget*",
            "cloudwatch:describe*",
            "cloudwatch:getmetric*",
            "cloudwatch:list*",
            "cloudwatch:putmetricdata",
        ),
        examples=(
            "cloudwatch:getinsightrulereport",
            "cloudwatch:disablealarmactions",
            "cloudwatch:deletealarms",
        ),
    ),
    "backups": Kind(
        types=("aws_backup_vault", "aws_backup_plan"),
        # A backup has an ARN of its own, which AWS makes up
        # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html).
        patterns=("{arn}", "arn:aws:backup:*:*:recovery-point:*"),
        actions=("backup:*", "backup-storage:*"),
        harmless=("backup:describe*", "backup:list*"),
        examples=("backup:startrestorejob", "backup:deleterecoverypoint", "backup:updatebackupplan"),
    ),
    "firewall": Kind(
        types=("aws_wafv2_web_acl",),
        actions=("wafv2:*",),
        # Samples are requests of whoever is behind it, with their headers.
        harmless=("wafv2:describe*", "wafv2:list*", "wafv2:checkcapacity"),
        examples=("wafv2:getsampledrequests", "wafv2:updatewebacl"),
    ),
    "certificate": Kind(
        types=("aws_acm_certificate",),
        actions=("acm:*",),
        harmless=("acm:describe*", "acm:get*", "acm:list*"),
        examples=("acm:exportcertificate", "acm:deletecertificate"),
    ),
    "dns": Kind(
        types=(),
        actions=("route53:*",),
        harmless=("route53:get*", "route53:list*", "route53:testdnsanswer"),
        examples=("route53:changeresourcerecordsets",),
    ),
    "account": Kind(
        types=(),
        actions=(
            "ce:*",
            "cloudtrail:*",
            "cloudwatch:batchget*",
            "cloudwatch:getmetric*",
            "cloudwatch:putmetricstream",
            "config:*",
            "cur:*",
            "oam:*",
            "ram:*",
            "route53:associatevpcwithhostedzone",
            "route53:createhostedzone",
            "route53resolver:*",
            "s3:putaccountpublicaccessblock",
            "vpc-lattice:*",
            "xray:*",
        ),
        # Whoever traces writes its own segments, and may forge others': see docs/isolation.md, Limits.
        harmless=(
            "cloudtrail:describe*",
            "cloudtrail:get*",
            "cloudtrail:list*",
            "config:describe*",
            "config:list*",
            "cur:describe*",
            "oam:get*",
            "oam:list*",
            "ram:get*",
            "ram:list*",
            "route53resolver:get*",
            "route53resolver:list*",
            "vpc-lattice:get*",
            "vpc-lattice:list*",
            "xray:getsampling*",
            "xray:puttelemetryrecords",
            "xray:puttracesegments",
        ),
        examples=(
            "xray:batchgettraces",
            "cloudtrail:lookupevents",
            "cloudwatch:getmetricdata",
            "ram:createresourceshare",
        ),
    ),
    "role": Kind(
        types=("aws_iam_role", "aws_iam_user"),
        actions=("iam:*", "sts:*"),
        # A service-linked role is none of the roles that stacks declare, whoever makes or deletes one.
        harmless=(
            "iam:get*",
            "iam:list*",
            "iam:simulate*",
            "iam:generate*",
            "iam:*servicelinkedrole",
            "sts:get*",
            "sts:decode*",
        ),
        examples=("sts:assumerole", "iam:passrole", "iam:updateassumerolepolicy", "iam:putrolepolicy"),
        takeover=(
            "sts:assumerole*",
            "iam:passrole",
            "iam:updateassumerolepolicy",
            "iam:createaccesskey",
            "iam:createloginprofile",
            "iam:updateloginprofile",
        ),
        policy_required=True,
    ),
    "task": Kind(
        types=("aws_ecs_cluster", "aws_ecs_service", "aws_ecs_task_definition"),
        patterns=("{arn}", "{tasks}"),
        # A session with a task can be opened without ECS, and is not logged then:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html.
        actions=("ecs:*", "ssm:startsession"),
        # Task definitions, and tasks with what overrides them, have environments.
        harmless=(
            "ecs:describecapacityproviders",
            "ecs:describeclusters",
            "ecs:describecontainerinstances",
            "ecs:describeservice*",
            "ecs:list*",
            "ecs:discoverpollendpoint",
        ),
        examples=("ecs:executecommand", "ecs:runtask", "ecs:updateservice", "ecs:stoptask"),
        takeover=("ecs:executecommand", "ecs:runtask", "ecs:starttask", "ssm:startsession"),
    ),
    "database": Kind(
        types=(
            "aws_db_subnet_group",
            "aws_rds_cluster",
            "aws_rds_cluster_instance",
            "aws_rds_cluster_parameter_group",
        ),
        patterns=("{arn}", "arn:aws:rds-db:*:*:dbuser:*"),
        actions=("rds:*", "rds-db:*", "rds-data:*", "pi:*"),
        harmless=("rds:describe*", "rds:list*"),
        examples=("rds-db:connect", "rds-data:executestatement", "rds:modifydbcluster"),
    ),
    "network": Kind(
        types=NETWORKS,
        actions=("ec2:*",),
        harmless=("ec2:describe*", "ec2:get*"),
        examples=("ec2:createnetworkinterface", "ec2:authorizesecuritygroupingress", "ec2:createroute"),
    ),
    "repository": Kind(
        types=("aws_ecr_repository",),
        actions=("ecr:*",),
        harmless=("ecr:describe*", "ecr:getauthorizationtoken"),
        examples=("ecr:putimage", "ecr:batchgetimage"),
    ),
    "other": Kind(types=(), actions=("*",)),
}
"""By the name in reports. Role trust and key policies are mandatory: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html."""

KIND_OF: Final[Mapping[str, str]] = {type_: name for name, kind in KINDS.items() for type_ in kind.types}
"""The kind of each resource type that is a target."""
