"""Holes in what was no target: load balancers, event source mappings, environments that a description shows."""

from __future__ import annotations

from tests.isolation.holes.editing import ACCOUNT, ACME, Documents, add, allow, arn, name_of, retail_policy
from tests.isolation.holes.hole import A, Hole, R


def rules_of_any_balancer(documents: Documents) -> None:
    allow(retail_policy(documents), "elasticloadbalancing:ModifyRule")


def targets_of_any_balancer(documents: Documents) -> None:
    groups = "arn:aws:elasticloadbalancing:*:*:targetgroup/*"
    allow(retail_policy(documents), "elasticloadbalancing:RegisterTargets", groups)


def environments_of_any_task(documents: Documents) -> None:
    allow(retail_policy(documents), "ecs:DescribeTaskDefinition")


def environments_of_any_function(documents: Documents) -> None:
    allow(retail_policy(documents), "lambda:ListFunctions")


def any_event_source_mapping(documents: Documents) -> None:
    function = f"${{aws_lambda_function.{name_of(documents, ACME, 'aws_lambda_function', 'api')}.arn}}"
    queue = f"${{aws_sqs_queue.{name_of(documents, ACME, 'aws_sqs_queue')}.arn}}"
    body = {"function_name": function, "event_source_arn": queue}
    add(documents, ACME, "aws_lambda_event_source_mapping", "own", body)
    allow(retail_policy(documents), "lambda:UpdateEventSourceMapping")


def _on(documents: Documents, action: str, resource: str) -> None:
    allow(retail_policy(documents), action, resource)


def an_address_to_be_released(documents: Documents) -> None:
    _on(documents, "ec2:ReleaseAddress", arn("ec2", "elastic-ip/*"))


def a_gateway_to_be_deleted(documents: Documents) -> None:
    _on(documents, "ec2:DeleteNatGateway", arn("ec2", "natgateway/*"))


def flow_logs_to_be_deleted(documents: Documents) -> None:
    _on(documents, "ec2:DeleteFlowLogs", arn("ec2", "vpc-flow-log/*"))


def a_firewall_taken_off(documents: Documents) -> None:
    _on(documents, "wafv2:DisassociateWebACL", arn("elasticloadbalancing", "loadbalancer/app/*"))


def a_deployment_to_be_stopped(documents: Documents) -> None:
    _on(documents, "ecs:StopServiceDeployment", arn("ecs", "service-deployment/*"))


def a_bucket_by_a_name_in_all_regions(documents: Documents) -> None:
    _on(documents, "s3:ListBucket", f"arn:aws:s3::{ACCOUNT}:accesspoint/*")


def the_bus_to_be_changed(documents: Documents) -> None:
    _on(documents, "events:UpdateEventBus", arn("events", "event-bus/default"))


def a_dashboard_to_be_written(documents: Documents) -> None:
    _on(documents, "cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/*")


ARNS_OF_THEIR_OWN = [
    Hole(an_address_to_be_released, R, "(platform)", "network", "ec2:releaseaddress", "Hole"),
    Hole(a_gateway_to_be_deleted, R, "(platform)", "network", "ec2:deletenatgateway", "Hole"),
    Hole(flow_logs_to_be_deleted, R, A, "network", "ec2:deleteflowlogs", "Hole"),
    Hole(a_firewall_taken_off, R, "(platform)", "balancer", "wafv2:disassociatewebacl", "Hole"),
    Hole(a_deployment_to_be_stopped, R, A, "task", "ecs:stopservicedeployment", "Hole"),
    Hole(a_bucket_by_a_name_in_all_regions, R, A, "bucket", "s3:listbucket", "Hole"),
    Hole(the_bus_to_be_changed, R, A, "events", "events:updateeventbus", "Hole"),
    Hole(a_dashboard_to_be_written, R, A, "monitoring", "cloudwatch:putdashboard", "Hole"),
]
"""Parts whose ARNs are not below the ARN of what they are a part of. Dashboards are production's."""

HOLES = [
    Hole(rules_of_any_balancer, R, A, "balancer", "elasticloadbalancing:modifyrule", "#Hole"),
    Hole(targets_of_any_balancer, R, A, "balancer", "elasticloadbalancing:registertargets", "#Hole"),
    Hole(environments_of_any_task, R, A, "task", "ecs:describetaskdefinition", "#Hole"),
    Hole(environments_of_any_function, R, A, "function", "lambda:listfunctions", "#Hole"),
    Hole(any_event_source_mapping, R, A, "mapping", "lambda:updateeventsourcemapping", "#Hole"),
]
