"""Makes the targets of a resource: most make one, some make several that are reached in different ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from isolation.catalogue.arns import EXECUTION_ARN, MANAGED_PASSWORD, PARTITION, TASKS
from isolation.catalogue.kinds import KIND_OF, KINDS
from isolation.inventory.names import Names
from isolation.inventory.policies import Policies
from isolation.model.target import Target
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


def targets_of(
    stack: SynthesizedStack, resource: SynthesizedResource, policies: Policies, names: Names
) -> list[Target]:
    """Return the targets of a resource whose type is in the catalogue of kinds."""
    kind = KIND_OF[resource.type]
    target = _target(stack, resource, policies)
    if kind == "key":
        return [target, *_aliases(stack, resource, target)]
    if kind == "role":
        # The trust policy decides who assumes a role; identity policies alone decide who may change it.
        manage = replace(target, actions=("iam:*",), policy=(), policy_required=False)
        return [replace(target, actions=("sts:*",)), manage]
    if kind == "events":
        return [target, _events_for(stack, resource, target, policies, names)]
    if kind == "database" and resource.body.get("manage_master_user_password"):
        return [target, _master_password(stack, resource, target)]
    return [target]


def _target(stack: SynthesizedStack, resource: SynthesizedResource, policies: Policies) -> Target:
    kind = KIND_OF[resource.type]
    known = KINDS[kind]
    arn = stack.arn(resource)
    execution_arn, tasks = stack.filled(EXECUTION_ARN, resource), stack.filled(TASKS, resource)
    return Target(
        kind=kind,
        owner=resource.owner,
        address=resource.address,
        account=stack.account,
        arn=arn,
        patterns=tuple(
            pattern.format(arn=arn, execution_arn=execution_arn, tasks=tasks) for pattern in known.patterns
        ),
        actions=known.actions,
        harmless=known.harmless,
        examples=known.examples,
        policy=policies.of_resource(stack, resource),
        policy_required=known.policy_required,
        tags=dict(resource.tags),
        roles=_roles(stack, resource),
        takeover=known.takeover,
        separated=known.separated,
    )


def _aliases(stack: SynthesizedStack, key: SynthesizedResource, target: Target) -> Iterator[Target]:
    """Return the key's aliases: whoever moves one makes others use another key. Key policies do not cover them."""
    for alias in stack.all("aws_kms_alias"):
        if stack.resource_at(alias.body.get("target_key_id")) is key:
            arn = stack.arn(alias)
            yield replace(
                target,
                arn=arn,
                patterns=(arn,),
                actions=("kms:createalias", "kms:deletealias", "kms:updatealias"),
                policy=(),
                policy_required=False,
                examples=(),
            )


def _master_password(stack: SynthesizedStack, cluster: SynthesizedResource, target: Target) -> Target:
    """Return the secret in which RDS keeps the master password of `cluster`."""
    password = stack.filled(MANAGED_PASSWORD, cluster)
    secret = KINDS["secret"]
    return replace(
        target,
        kind="secret",
        arn=password,
        patterns=(password,),
        policy=(),
        actions=secret.actions,
        harmless=secret.harmless,
        examples=secret.examples,
    )


def _events_for(
    stack: SynthesizedStack, rule: SynthesizedResource, target: Target, policies: Policies, names: Names
) -> Target:
    """Return the target of sending an event that `rule` matches."""
    bus = stack.text(rule.body.get("event_bus_name", "default"))
    arn = (
        bus
        if bus.startswith("arn:")
        else f"arn:{PARTITION}:events:{stack.region}:{stack.account}:event-bus/{bus}"
    )
    found = names.declared("aws_cloudwatch_event_bus", bus)
    return replace(
        target,
        patterns=(arn,),
        actions=("events:putevents",),
        harmless=(),
        policy=policies.documents_of(found[1]) if found else (),
        context=tuple(_event_pattern(stack.text(rule.body.get("event_pattern", "{}")))),
    )


def _event_pattern(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return what an event must be to match: source and detail-type, where they are lists of literals."""
    try:
        pattern = json.loads(text)
    except ValueError:
        return
    for name, key in (("source", "events:source"), ("detail-type", "events:detail-type")):
        values = pattern.get(name) if isinstance(pattern, dict) else None
        if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
            yield key, tuple(values)


def _roles(stack: SynthesizedStack, resource: SynthesizedResource) -> tuple[str, ...]:
    """Return the ARNs of the roles whose credentials `resource` yields to whoever takes it over."""
    if resource.type in {"aws_iam_role", "aws_iam_user"}:
        return (stack.arn(resource),)
    if resource.type == "aws_ecs_service":
        definition = stack.resource_at(resource.body.get("task_definition"))
        return _roles(stack, definition) if definition else ()
    names = {
        "aws_lambda_function": ("role",),
        "aws_ecs_task_definition": ("task_role_arn", "execution_role_arn"),
    }
    return tuple(
        stack.text(resource.body[name])
        for name in names.get(resource.type, ())
        if isinstance(resource.body.get(name), str)
    )
