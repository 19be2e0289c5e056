"""All holes of the mutation suite: each opens one way between tenants in the synthesized documents."""

from __future__ import annotations

from tests.isolation.holes import (
    doors,
    escalation,
    identity_policies,
    keys,
    moved,
    network,
    resource_policies,
    trust,
    unlisted,
)

HOLES = [
    *keys.HOLES,
    *identity_policies.HOLES,
    *escalation.HOLES,
    *trust.HOLES,
    *resource_policies.HOLES,
    *network.HOLES,
    *moved.HOLES,
    *doors.HOLES,
    *unlisted.HOLES,
]
