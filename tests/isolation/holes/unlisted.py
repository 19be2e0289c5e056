"""Holes in what was no target: load balancers, event source mappings, environments that a description shows."""

from __future__ import annotations

from tests.isolation.holes.editing import ACME, Documents, add, allow, name_of, retail_policy
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


HOLES = [
    Hole(rules_of_any_balancer, R, A, "balancer", "elasticloadbalancing:modifyrule", "#Hole"),
    Hole(targets_of_any_balancer, R, A, "balancer", "elasticloadbalancing:registertargets", "#Hole"),
    Hole(environments_of_any_task, R, A, "task", "ecs:describetaskdefinition", "#Hole"),
    Hole(environments_of_any_function, R, A, "function", "lambda:listfunctions", "#Hole"),
    Hole(any_event_source_mapping, R, A, "mapping", "lambda:updateeventsourcemapping", "#Hole"),
]
