"""Who deploys: of the right account, not the root user, and an administrator of the keys that the stacks create."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fleet.synthesized import SynthesizedStack
from preflight.deployment import Deployment
from preflight.findings import Finding, stops, warns

ADMINISTRATION = "kms:PutKeyPolicy"


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find a caller that deploys as root, or that KMS would lock out of the keys that it creates.

    KMS refuses a key policy that its caller could not change again
    (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-Policy).
    """
    caller = deployment.account.caller
    accounts = sorted({account for stack in deployment.stacks for account in stack.accounts})
    if accounts and caller.account not in accounts:
        yield stops(
            f"the caller is of the account {caller.account}; the registry declares the environment in "
            f"{', '.join(accounts)}.",
            "Take credentials of that account: Terraform plans with no other's.",
        )
    if caller.is_root:
        yield warns(
            f"the caller is the root user of {caller.account}.",
            "Deploy as a role; `make deployer-policy` prints the policies that it needs.",
        )
        return
    administrators = sorted({arn for stack in deployment.stacks for arn in _administrators(stack)})
    if administrators and not any(_is(arn, caller.arn, caller.role) for arn in administrators):
        yield stops(
            f"{caller.arn} is none of the keys' administrators, {', '.join(administrators)}: KMS refuses such a key.",
            "Add it to KEY_ADMINISTRATOR_ARNS, or deploy as one of them.",
        )


def seen(deployment: Deployment) -> str:
    """Say who it is."""
    return deployment.account.caller.arn


def _administrators(stack: SynthesizedStack) -> Iterator[str]:
    """Yield the ARNs that the keys' policies admit as administrators.

    They are a condition on the account (`constructs/common/key_policy.py`); without it, whoever IAM policies name
    administers, and there is nobody to be compared with.
    """
    for text in stack.texts("aws_kms_key", "policy"):
        for statement in json.loads(text)["Statement"]:
            if statement["Effect"] == "Allow" and ADMINISTRATION in statement["Action"]:
                conditions = statement.get("Condition", {}).get("ArnEquals", {})
                yield from map(str, conditions.get("aws:PrincipalArn", ()))


def _is(administrator: str, arn: str, role: str | None) -> bool:
    return administrator == arn or (
        role is not None and ":role/" in administrator and administrator.rpartition("/")[2] == role
    )
