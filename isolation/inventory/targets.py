"""Makes the targets of a resource: most make one, some make several that are reached in different ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from isolation.catalogue.arns import BUILDS, EXECUTION_ARN, EXECUTIONS, MANAGED_PASSWORD, MAP_RUNS, TASKS
from isolation.catalogue.kinds import KIND_OF, KINDS
from isolation.inventory.employments import Employments
from isolation.inventory.events import events_for
from isolation.inventory.policies import Policies
from isolation.model.target import Target
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_NAMED: Final = {
    "builds": BUILDS,
    "execution_arn": EXECUTION_ARN,
    "executions": EXECUTIONS,
    "map_runs": MAP_RUNS,
    "tasks": TASKS,
}
"""Templates of what is named after a resource, by the names that `KINDS` has for them."""


def targets_of(
    stack: SynthesizedStack,
    resource: SynthesizedResource,
    policies: Policies,
    employments: Employments,
) -> list[Target]:
    """Return the targets of a resource whose type is in the catalogue of kinds."""
    kind = KIND_OF[resource.type]
    target = _target(stack, resource, policies, employments)
    if kind == "key":
        aliases = _aliases_of(stack, resource)
        target = replace(target, aliases=tuple(stack.name_of(alias) for alias in aliases))
        return [target, *_aliases(stack, aliases, target)]
    if kind == "role":
        # The trust policy decides who assumes a role; identity policies alone decide who may change it.
        manage = replace(target, actions=("iam:*",), policy=(), policy_required=False)
        return [replace(target, actions=("sts:*",)), manage]
    if kind == "events":
        return [
            target,
            *events_for(stack, resource, target, policies.of_bus(stack, resource.body.get("event_bus_name"))),
        ]
    if kind == "database" and resource.body.get("manage_master_user_password"):
        return [target, _master_password(stack, resource, target)]
    return [target]


def _target(
    stack: SynthesizedStack, resource: SynthesizedResource, policies: Policies, employments: Employments
) -> Target:
    kind = KIND_OF[resource.type]
    known = KINDS[kind]
    arn = stack.arn(resource)
    own = stack.name_of(resource)
    named = {key: stack.filled(template, resource, name=own) for key, template in _NAMED.items()}
    return Target(
        kind=kind,
        owner=resource.owner,
        address=resource.address,
        account=stack.account,
        arn=arn,
        patterns=tuple(pattern.format(arn=arn, **named) for pattern in known.patterns),
        actions=known.actions,
        harmless=known.harmless,
        examples=known.examples,
        policy=policies.of_resource(stack, resource),
        policy_required=known.policy_required,
        tags=dict(resource.tags),
        roles=_roles(stack, resource, employments),
        takeover=known.takeover,
        separated=known.separated,
    )


def _aliases_of(stack: SynthesizedStack, key: SynthesizedResource) -> list[SynthesizedResource]:
    return [
        alias
        for alias in stack.all("aws_kms_alias")
        if stack.resource_at(alias.body.get("target_key_id")) is key
    ]


def _aliases(stack: SynthesizedStack, aliases: list[SynthesizedResource], target: Target) -> Iterator[Target]:
    """Return a key's aliases: whoever moves one makes others use another key. Key policies do not cover them."""
    for alias in aliases:
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


def _roles(
    stack: SynthesizedStack, resource: SynthesizedResource, employments: Employments
) -> tuple[str, ...]:
    """Return the ARNs of the roles whose credentials `resource` yields to whoever takes it over."""
    if resource.type in {"aws_iam_role", "aws_iam_user"}:
        return (stack.arn(resource),)
    return employments.roles_of(resource)
