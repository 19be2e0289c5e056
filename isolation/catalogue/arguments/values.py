"""Arguments that are harmless with some values only. Any other value, an expression included, is UNKNOWN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_FARGATE: Final = frozenset({"FARGATE", "FARGATE_SPOT"})
"""Tasks share no machine. On an instance, a task can get at what the other tasks of the instance have
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-considerations-for-ec2.html)."""

_ACTIONS: Final = frozenset({"fixed-response", "forward", "redirect"})
"""Actions of a load balancer that end a request, or send it to targets that are links."""

_SAME_HOST: Final = frozenset({"#{host}"})
"""A client is sent to where it is."""

VALUES: Final[Mapping[tuple[str, str], frozenset[object]]] = {
    ("aws_codebuild_project", "project_visibility"): frozenset({"PRIVATE"}),
    ("aws_ecs_cluster_capacity_providers", "capacity_providers"): _FARGATE,
    ("aws_ecs_cluster_capacity_providers", "default_capacity_provider_strategy.capacity_provider"): _FARGATE,
    ("aws_ecs_service", "capacity_provider_strategy.capacity_provider"): _FARGATE,
    ("aws_ecs_service", "launch_type"): _FARGATE,
    ("aws_ecs_task_definition", "ipc_mode"): frozenset({"none", "task"}),
    ("aws_ecs_task_definition", "network_mode"): frozenset({"awsvpc"}),
    ("aws_ecs_task_definition", "pid_mode"): frozenset({"task"}),
    ("aws_lb_listener", "default_action.redirect.host"): _SAME_HOST,
    ("aws_lb_listener", "default_action.type"): _ACTIONS,
    ("aws_lb_listener_rule", "action.redirect.host"): _SAME_HOST,
    ("aws_lb_listener_rule", "action.type"): _ACTIONS,
    ("aws_cloudwatch_event_permission", "action"): frozenset({"events:PutEvents"}),
}
"""By resource type and path."""

ONE_OF: Final[Mapping[str, frozenset[str]]] = {
    "aws_backup_selection": frozenset({"resources"}),
    "aws_ecs_service": frozenset({"launch_type", "capacity_provider_strategy.capacity_provider"}),
}
"""By resource type, arguments of which one must be there: without, AWS chooses what is not harmless."""
