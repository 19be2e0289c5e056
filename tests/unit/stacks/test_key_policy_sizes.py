"""Every key's policy fits what AWS takes, with the longest names and as many administrators as the settings admit."""

from __future__ import annotations

from config.registry.fields import TENANT_ID_LENGTH
from config.settings import ADMINISTRATOR_MENTIONS, KEY_POLICY_BYTES, MOST_ADMINISTRATOR_BYTES
from tests.synthesis import StackDocument, fargate_registry, registry_with, synthesize

LONGEST = "t" * TENANT_ID_LENGTH
ARN = "arn:aws:iam::123456789012:role/administrator-{:02}"
MOST = MOST_ADMINISTRATOR_BYTES // (len(ARN.format(0)) + len('"",'))
PRODUCTION = {
    "PROFILE": "production",
    "KEY_ADMINISTRATOR_ARNS": ",".join(ARN.format(number) for number in range(MOST)),
}


def policies(stack: StackDocument) -> list[str]:
    """The policies of the stack's keys, references resolved."""
    return [stack.resolved(str(body["policy"])) for body in stack.all("aws_kms_key").values()]


def test_the_largest_policies_fit() -> None:
    registry = registry_with(**{LONGEST: {"silo": {"cidr": "10.1.0.0/16"}}})
    registry["tenants"] |= fargate_registry("f" * TENANT_ID_LENGTH)["tenants"]
    registry["platform"] = {}
    stacks = synthesize(registry, **PRODUCTION).stacks.values()
    found = [policy for stack in stacks for policy in policies(stack)]
    assert len(found) == 3
    for policy in found:
        assert len(policy) <= KEY_POLICY_BYTES
        assert policy.count(ARN.format(0)) <= ADMINISTRATOR_MENTIONS
    # The bound is near: twice the administrators would not fit.
    assert max(map(len, found)) > KEY_POLICY_BYTES * 3 // 4
