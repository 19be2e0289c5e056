"""All holes of the mutation suite, each of which opens one way between tenants, and the changes that open none."""

from __future__ import annotations

from tests.isolation.holes import (
    account,
    backups,
    copies,
    doors,
    escalation,
    false_alarms,
    identity_policies,
    keys,
    language,
    made_up_ids,
    moved,
    network,
    own_roles,
    resource_policies,
    services,
    shared_network,
    trust,
    undeclared,
    unlisted,
    workloads,
)

HOLES = [
    *keys.HOLES,
    *language.HOLES,
    *made_up_ids.HOLES,
    *undeclared.HOLES,
    *identity_policies.HOLES,
    *escalation.HOLES,
    *trust.HOLES,
    *resource_policies.HOLES,
    *network.HOLES,
    *moved.HOLES,
    *doors.HOLES,
    *unlisted.HOLES,
    *copies.HOLES,
    *account.HOLES,
    *backups.HOLES,
    *workloads.HOLES,
    *own_roles.HOLES,
    *shared_network.HOLES,
    *false_alarms.HOLES,
    *services.HOLES,
]

SAFE = [
    *backups.SAFE,
    *workloads.SAFE,
    *own_roles.SAFE,
    *shared_network.SAFE,
    *false_alarms.SAFE,
    *services.SAFE,
]
