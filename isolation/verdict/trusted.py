"""Who is trusted: what the proofs take for granted, as far as the stacks show it."""

from __future__ import annotations

from isolation.inventory.inventory import Inventory
from isolation.inventory.operated import operated_roles


def trusted(inventory: Inventory) -> list[str]:
    """Return the trusted parties, one line each."""
    lines = [
        (
            "Terraform's deployer and every other principal of the account that the stacks do not declare: "
            "they may change any policy"
        ),
        "AWS itself: that it enforces IAM, KMS and VPC as documented",
    ]
    lines += [f"key administrator {name}" for name in _key_administrators(inventory)]
    lines += [
        f"whoever may write to the bucket {bucket}, and its policy, which no stack declares: functions run code from it"
        for bucket in inventory.code
    ]
    lines += [
        f"whoever may read the bucket {bucket}, and its policy, which no stack declares: states are kept in it"
        for bucket in inventory.states
    ]
    lines += [
        f"whoever hears of alarms through {topic}: their names and figures, and events of AWS's that are sent there"
        for topic in inventory.told
    ]
    lines += [
        f"the role {role}, which no stack declares: {address} runs as it" for address, role in inventory.built
    ]
    lines += [
        f"whoever keeps the vault {vault}, which no stack declares: backups are copied there"
        for vault in inventory.copied
    ]
    operated = operated_roles(inventory.targets)
    lines += [
        f"AWS itself as {identity.name}, whose credentials nobody gets: it does with them what it is configured to"
        for identity in inventory.identities
        if identity.arn in operated
    ]
    lines += [
        f"the platform's role {identity.name}"
        for identity in inventory.identities
        if identity.owner is None and identity.arn not in operated
    ]
    if any(target.kind == "database" for target in inventory.targets):
        lines.append(
            "inside of Aurora: PostgreSQL's own roles separate the tenants, which is not part of this proof"
        )
    return lines


def _key_administrators(inventory: Inventory) -> list[str]:
    """Return the ARNs that key policies name in a condition on the caller."""
    return sorted(
        {
            value
            for target in inventory.targets
            if target.kind == "key"
            for statement in target.policy
            for condition in statement.conditions
            if condition.key == "aws:principalarn" and not condition.negated
            for value in condition.values
        }
    )
