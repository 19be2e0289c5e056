"""All holes of the mutation suite: each opens one way between tenants in the synthesized documents."""

from __future__ import annotations

from tests.isolation.holes import (
    escalation,
    identity_policies,
    keys,
    language,
    made_up_ids,
    network,
    resource_policies,
    trust,
    undeclared,
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
]
