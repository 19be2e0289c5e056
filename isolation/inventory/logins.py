"""Finds which users of a shared database are whose: a tenant's workloads name their own in their environment."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from isolation.iam.patterns import has_wildcard
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.json_blocks import as_blocks, as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack
from isolation.synthesized.strict_json import loads

_USER: Final = re.compile(r"(?:\w*_)?(?:DATABASE|DB|PG|POSTGRES|MYSQL|RDS)_?USER(?:NAME)?", re.IGNORECASE)
_LOGIN: Final = "arn:aws:rds-db:*:*:dbuser:*/{user}"
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html"""


def own_logins(stacks: list[SynthesizedStack]) -> dict[str, tuple[str, ...]]:
    """Return, by tenant, the ARNs of the database users that are certainly its own.

    A user is a tenant's if the environment of its workloads names it, no other's does, and it is not the master user.
    Inside of the database PostgreSQL keeps such users apart.
    """
    named: dict[str, set[str | None]] = defaultdict(set)
    masters: set[str] = set()
    for stack in stacks:
        for resource in stack.all("aws_ecs_task_definition", "aws_lambda_function"):
            for user in _users(stack, resource):
                named[user].add(resource.owner)
        for database in stack.all("aws_rds_cluster", "aws_db_instance"):
            masters.add(stack.text(database.body.get("master_username", database.body.get("username", ""))))
    found: dict[str, list[str]] = defaultdict(list)
    for user, owners in sorted(named.items()):
        (owner, *others) = owners
        if owner is not None and not others and user not in masters:
            found[owner].append(_LOGIN.format(user=user))
    return {owner: tuple(logins) for owner, logins in found.items()}


def _users(stack: SynthesizedStack, resource: SynthesizedResource) -> Iterator[str]:
    """Return the database users that the environment of `resource` names."""
    for name, value in _environment(stack, resource):
        if isinstance(name, str) and isinstance(value, str) and _USER.fullmatch(name):
            text = stack.text(value)
            if text and OPAQUE not in text and not has_wildcard(text) and "${" not in text:
                yield text


def _environment(stack: SynthesizedStack, resource: SynthesizedResource) -> Iterator[tuple[Any, Any]]:
    for block in as_blocks(resource.body.get("environment")):
        for variables in as_blocks(block.get("variables")):
            yield from variables.items()
    try:
        containers = loads(stack.text(resource.body.get("container_definitions", "[]")))
    except ValueError:
        return
    for container in as_blocks(containers):
        for variable in as_list(container.get("environment")):
            if isinstance(variable, dict):
                yield variable.get("name"), variable.get("value")
