"""All that the stacks declare, as the proofs see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.inventory.edge import Edge
from isolation.model.caller import Caller
from isolation.model.employment import Employment
from isolation.model.target import Target
from isolation.synthesized.stack import SynthesizedStack


@dataclass(slots=True)
class Inventory:
    """Who acts, and what must not be reached.

    Attributes:
        account: the account of the stacks.
        stacks: the stacks that it was read from.
        identities: roles and users, tenants' and the platform's.
        targets: what must not be reached.
        employments: which workloads get the credentials of which roles.
        gaps: what is not modelled, with the tenant whose it is; `None` is the platform.
        edges: data and code that arguments move between owners.
        code: names of buckets that no stack declares and that functions run code from.
        told: ARNs of topics that no stack declares and that hear of alarms.
        built: addresses of the platform's resources that run as a role that no stack declares, with its ARN.
        copied: ARNs of vaults that no stack declares and that backups are copied to.
        states: names of buckets that no stack declares and that states are kept in.
    """

    account: str
    stacks: list[SynthesizedStack]
    identities: list[Caller] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    employments: list[Employment] = field(default_factory=list)
    gaps: list[tuple[str | None, str]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    built: list[tuple[str, str]] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    @property
    def tenants(self) -> list[str]:
        """Return every tenant, sorted."""
        owners = {resource.owner for stack in self.stacks for resource in stack.resources.values()}
        return sorted(owner for owner in owners if owner is not None)
