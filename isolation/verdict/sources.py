"""What a service may act for: the ARNs of each tenant's resources."""

from __future__ import annotations

from isolation.catalogue.copies import OF_THE_ACCOUNT
from isolation.iam.prefix_index import PrefixIndex
from isolation.inventory.inventory import Inventory


class Sources:
    """The ARNs that a service may act for, by tenant."""

    def __init__(self, inventory: Inventory) -> None:
        self._tenants = inventory.tenants
        self._owners: PrefixIndex[str] = PrefixIndex()
        found: dict[str, set[str]] = {tenant: set() for tenant in self._tenants}
        for target in inventory.targets:
            # The bus that a rule is on belongs to all who share it, and so do the account's services.
            own = target.kind != "events" or target.arn in target.patterns
            if target.owner is not None and own and not _of_all(target.arn):
                found[target.owner].update(target.patterns)
        for stack in inventory.stacks:
            for flow_log in stack.all("aws_flow_log"):
                if flow_log.owner is not None:
                    found[flow_log.owner].add(stack.arn(flow_log))
        self._arns = {tenant: tuple(sorted(arns)) for tenant, arns in found.items()}
        for tenant, arns in self._arns.items():
            for arn in arns:
                self._owners.add(arn, tenant)

    def of(self, tenant: str) -> tuple[str, ...]:
        """Return the ARNs of the tenant's resources, sorted."""
        return self._arns[tenant]

    def owners_of(self, pattern: str) -> set[str]:
        """Return the tenants with a resource whose ARN `pattern` may match."""
        if "${" in pattern:
            return set(self._tenants)
        return self._owners.meeting(pattern)


def _of_all(arn: str) -> bool:
    """Whether `arn` is what many owners reach their own through: a service acts for none of them by it."""
    return arn == OF_THE_ACCOUNT or ":accesspoint/" in arn
