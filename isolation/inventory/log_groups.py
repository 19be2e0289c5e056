"""The log groups that AWS writes by itself, whether a stack declares them or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from isolation.catalogue.copies import LOG_GROUPS
from isolation.synthesized.json_blocks import as_blocks, as_list, only_block
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_OFF: Final = "disabled"


def log_groups_of(stack: SynthesizedStack, resource: SynthesizedResource) -> Iterator[str]:
    """Return the names of the log groups that AWS writes for `resource`, apart from those that it names itself."""
    if resource.type in LOG_GROUPS:
        template, name = LOG_GROUPS[resource.type], stack.name_of(resource)
        for export in _exports(stack, resource.type, resource.body):
            yield template.format(name=name, export=export, r=stack.region, a=stack.account)


def _exports(stack: SynthesizedStack, type_: str, body: Mapping[str, Any]) -> list[str]:
    """Return what `resource` writes, one for each log group."""
    if type_ == "aws_lambda_function":
        return [] if only_block(body.get("logging_config")).get("log_group") else ["log"]
    if type_ == "aws_ecs_cluster":
        values = [setting.get("value") for setting in as_blocks(body.get("setting"))]
        return ["performance"] if any(value != _OFF for value in values) else []
    if type_ == "aws_rds_cluster":
        return [stack.text(name) for name in as_list(body.get("enabled_cloudwatch_logs_exports"))]
    if type_ == "aws_rds_cluster_instance":
        return ["metrics"] if body.get("monitoring_interval") else []
    return ["delivery"] if any(name.endswith("_feedback_role_arn") for name in body) else []
