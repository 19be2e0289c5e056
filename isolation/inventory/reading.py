"""Takes the inventory of all stacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from isolation.catalogue.kinds import KIND_OF
from isolation.inventory.copies import copies_of, of_the_account
from isolation.inventory.edges import Edges
from isolation.inventory.employments import Employments
from isolation.inventory.events import apart_from_named_buses
from isolation.inventory.gaps import gaps_of
from isolation.inventory.hearing import Hearing
from isolation.inventory.imports import unknown_imports
from isolation.inventory.inventory import Inventory
from isolation.inventory.logins import own_logins
from isolation.inventory.named import rights_by_argument, unknown_resources
from isolation.inventory.names import Names
from isolation.inventory.policies import Policies
from isolation.inventory.replicas import unknown_replicas
from isolation.inventory.root_gaps import gaps_of_root
from isolation.inventory.services import unknown_services
from isolation.inventory.states import States
from isolation.inventory.targets import targets_of
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.synthesized.reading import build_stacks
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


def take_inventory(documents: Mapping[str, Mapping[str, Any]], account: str) -> Inventory:
    """Return the roles and users, the targets and their policies in `documents`, deployed to `account`.

    Raises:
        InputError: a document does not have the shape of Terraform's JSON.
    """
    inventory = Inventory(account, build_stacks(documents, account))
    names = Names(inventory.stacks)
    policies = Policies(inventory, names)
    employments = Employments(inventory.stacks, names)
    inventory.employments = employments.all
    owners: dict[str | None, tuple[SynthesizedStack, str]] = {}
    for stack in inventory.stacks:
        inventory.gaps += [(stack.owner, gap) for gap in gaps_of_root(stack.id, documents[stack.id])]
        inventory.gaps += unknown_imports(stack, documents[stack.id])
        for resource in stack.resources.values():
            inventory.gaps += [(resource.owner, gap) for gap in gaps_of(resource)]
            if resource.type in {"aws_iam_role", "aws_iam_user"}:
                inventory.identities.append(_identity(stack, resource, policies, employments))
            own = targets_of(stack, resource, policies, employments) if resource.type in KIND_OF else []
            inventory.targets += [*own, *copies_of(stack, resource, own, names, policies)]
            inventory.gaps += [(resource.owner, gap) for gap in unknown_replicas(stack, resource)]
            owners.setdefault(resource.owner, (stack, resource.address))
    inventory.targets += [of_the_account(stack, owner, address) for owner, (stack, address) in owners.items()]
    logins = own_logins(inventory.stacks)
    inventory.targets = [
        replace(target, own=logins) if target.kind == "database" else target for target in inventory.targets
    ]
    inventory.targets = apart_from_named_buses(inventory.targets, inventory.stacks)
    edges = Edges(inventory.stacks)
    states = States(inventory.stacks, documents)
    hearing = Hearing(inventory.stacks)
    inventory.edges = [*edges.found, *states.found, *hearing.found]
    inventory.gaps += [
        *edges.gaps,
        *states.gaps,
        *hearing.gaps,
        *dict.fromkeys(unknown_services(inventory.identities)),
    ]
    inventory.gaps += dict.fromkeys(unknown_resources(inventory.identities))
    inventory.gaps += dict.fromkeys(rights_by_argument(inventory.identities, _functions(inventory)))
    inventory.told = sorted(edges.told)
    inventory.built = sorted(edges.built)
    inventory.copied = sorted(edges.copied)
    inventory.code = sorted(edges.code)
    inventory.states = sorted(states.buckets)
    for name, stack in {**edges.code, **states.buckets}.items():
        inventory.targets += targets_of(stack, _bucket(stack, name), policies, employments)
    inventory.targets.sort(key=lambda target: (target.kind, target.address, target.patterns))
    inventory.identities.sort(key=lambda identity: identity.name)
    inventory.gaps.sort(key=lambda gap: (gap[0] or "", gap[1]))
    return inventory


def _functions(inventory: Inventory) -> list[Target]:
    return [target for target in inventory.targets if target.kind == "function"]


def _bucket(stack: SynthesizedStack, name: str) -> SynthesizedResource:
    """Return a bucket that no stack declares as the platform's, without a policy: what that says is trusted."""
    return SynthesizedResource(
        stack=stack.id, type="aws_s3_bucket", name=name, body={"bucket": name}, tags={}, owner=None
    )


def _identity(
    stack: SynthesizedStack, resource: SynthesizedResource, policies: Policies, employments: Employments
) -> Caller:
    boundary = resource.body.get("permissions_boundary")
    arn = stack.arn(resource)
    return Caller(
        type="role",
        name=resource.address,
        owner=resource.owner,
        arn=arn,
        account=stack.account,
        tags=dict(resource.tags),
        identity=policies.of_identity(stack, resource),
        boundary=None if boundary is None else policies.managed(stack, resource.address, boundary),
        functions=employments.functions_of(arn),
    )
