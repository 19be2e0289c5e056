"""What the registry names and the account must have: the alarms' topic, roles that call APIs, prefix lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from fleet.synthesized import SynthesizedStack
from preflight.account import Account, code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops

TOPIC: Final = "alarm_topic_arn"
PUBLISH: Final = frozenset({"*", "sns:*", "sns:publish"})
PUBLISHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "cloudwatch.amazonaws.com": ("aws_cloudwatch_metric_alarm",),
    "events.amazonaws.com": ("aws_cloudwatch_event_target",),
    "budgets.amazonaws.com": ("aws_budgets_budget",),
}
"""The service that publishes, and the types of resources whose notices it sends."""
OWN_ALARMS: Final = "cloudwatch.amazonaws.com"
"""Publishes to a topic whose policy admits the topic's own account, as a new topic's does; the others need an entry of
their own (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions,
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html)."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find what is named and not there, or does not take what is sent to it."""
    for arn, services in topics(deployment).items():
        yield from _topic(deployment.account, arn, services)
    for name, tenants in callers(deployment).items():
        yield from _role(deployment.account, name, tenants)
    yield from _prefix_lists(deployment)


def topics(deployment: Deployment) -> dict[str, set[str]]:
    """Return the services that publish to each topic, by its ARN."""
    found: dict[str, set[str]] = {}
    for stack in deployment.stacks:
        for service, kinds in PUBLISHERS.items():
            for kind in kinds:
                for arn in _topics_of(stack, kind):
                    found.setdefault(arn, set()).add(service)
    return dict(sorted(found.items()))


def _topics_of(stack: SynthesizedStack, kind: str) -> Iterator[str]:
    for body in stack.all(kind).values():
        notices = body.get("notification") or ()
        subscribed = [arn for one in notices for arn in one.get("subscriber_sns_topic_arns") or ()]
        for arn in (body.get("arn"), *(body.get("alarm_actions") or ()), *subscribed):
            if isinstance(arn, str) and ":sns:" in arn and "${" not in arn:
                yield arn


def _topic(account: Account, arn: str, services: set[str]) -> Iterator[Finding]:
    _, _, _, region, owner, _ = arn.split(":", maxsplit=5)
    if region != account.region or owner != account.caller.account:
        yield stops(
            f"the topic {arn} is not of {account.region} in the account {account.caller.account}: "
            "alarms publish to no other.",
            f"Name a topic of the account and region in `{TOPIC}`.",
        )
        return
    try:
        attributes = account.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    except ClientError as error:
        if code_of(error) not in {"NotFound", "NotFoundException"}:
            raise
        yield stops(f"the topic {arn} does not exist.", f"Create it, or name another in `{TOPIC}`.")
        return
    statements = json.loads(attributes.get("Policy") or "{}").get("Statement", [])
    for service in sorted(services):
        if not any(_admits(statement, service, owner) for statement in statements):
            yield stops(
                f"the policy of the topic {arn} does not let {service} publish: its notices are lost.",
                f"Add a statement that allows sns:Publish to the service {service}.",
            )


def _admits(statement: Mapping[str, Any], service: str, owner: str) -> bool:
    """Tell whether a statement lets `service` publish, whatever its conditions ask of the account."""
    if statement.get("Effect") != "Allow":
        return False
    if not PUBLISH & {action.lower() for action in _listed(statement.get("Action"))}:
        return False
    principal = statement.get("Principal")
    named = {"Service": "*", "AWS": "*"} if principal == "*" else dict(principal or {})
    if {"*", service} & set(_listed(named.get("Service"))):
        return True
    own = {"*", owner} | {one for one in _listed(named.get("AWS")) if one.endswith(f"::{owner}:root")}
    return service == OWN_ALARMS and bool(own & set(_listed(named.get("AWS"))))


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def callers(deployment: Deployment) -> dict[str, set[str]]:
    """Return the stacks whose APIs answer each role, by the role's name."""
    found: dict[str, set[str]] = {}
    for stack in deployment.stacks:
        for function in stack.all("aws_lambda_function").values():
            variables = (function.get("environment") or {}).get("variables") or {}
            kind, _, roles = str(variables.get("API_CALLERS", "")).partition(":")
            for entry in roles.split() if kind == "roles" else ():
                found.setdefault(entry.partition("/")[0], set()).add(stack.id)
    return dict(sorted(found.items()))


def _role(account: Account, name: str, stacks: set[str]) -> Iterator[Finding]:
    try:
        account.client("iam").get_role(RoleName=name)
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        yield stops(
            f"the API of {', '.join(sorted(stacks))} answers the role {name}, which does not exist: whoever "
            "makes a role of that name gets in.",
            "Create it, or correct `api_callers` and `api_readers` in the registry.",
        )


def prefix_lists(stack: SynthesizedStack) -> list[str]:
    """Return the ids of the prefix lists that the stack's rules name and do not make."""
    kinds = ("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule")
    return sorted({id_ for kind in kinds for id_ in stack.literals(kind, "prefix_list_id")})


def _prefix_lists(deployment: Deployment) -> Iterator[Finding]:
    wanted = {id_ for stack in deployment.stacks for id_ in prefix_lists(stack)}
    if not wanted:
        return
    there = {
        one["PrefixListId"]
        for one in deployment.account.pages("ec2", "describe_managed_prefix_lists", "PrefixLists")
    }
    for id_ in sorted(wanted - there):
        yield stops(
            f"the prefix list {id_} is not in {deployment.account.region}, or is not shared with the account.",
            "Correct `egress` in the registry.",
        )


def seen(deployment: Deployment) -> str:
    """Say what is named."""
    lists = {id_ for stack in deployment.stacks for id_ in prefix_lists(stack)}
    return ", ".join((*topics(deployment), *callers(deployment), *sorted(lists))) or "nothing is named"
