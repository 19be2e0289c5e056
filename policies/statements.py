"""IAM policy documents from typed statements, rendered the same way every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

PrincipalKind = Literal["AWS", "Service", "Federated"]

_REFERENCE: Final = re.compile(r"\$\{TfToken\[[^\]]*\]\}")
"""How cdktf writes a reference into a string until it synthesizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of a statement's condition block.

    Attributes:
        operator: such as `StringEquals`
            (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
        key: such as `aws:PrincipalTag/TenantId`.
        values: any of them satisfies a positive operator.
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whom a statement of a resource policy is about.

    Attributes:
        kind: `AWS` for accounts, roles and users, `Service` for AWS services.
        identifiers: ARNs or service names.
    """

    kind: PrincipalKind
    identifiers: tuple[str, ...]


EVERYONE: Final = Principal(kind="AWS", identifiers=("*",))
"""Only for denials, and for endpoint policies, which grant nothing by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: letters and digits, unique in its document.
        effect: `Allow` or `Deny`.
        actions: such as `s3:GetObject`.
        resources: ARNs, or `*`.
        principal: in resource policies alone.
        conditions: all must hold.
    """

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principal: Principal | None = None
    conditions: tuple[Condition, ...] = ()

    def rendered(self) -> dict[str, object]:
        """Return the statement as IAM's JSON, lists and keys sorted.

        Raises:
            ValueError: two conditions share operator and key.
        """
        document: dict[str, object] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": sorted(self.actions),
            "Resource": _in_order(self.resources),
        }
        if self.principal:
            everyone = self.principal.identifiers == ("*",)
            document["Principal"] = {
                self.principal.kind: "*" if everyone else _in_order(self.principal.identifiers)
            }
        if self.conditions:
            document["Condition"] = _condition_block(self.conditions)
        return document


def _in_order(values: tuple[str, ...]) -> list[str]:
    """Return `values` sorted by their text; those that differ by a reference alone stay in the order given.

    The text of a reference has a number that cdktf counts up over all stacks: sorted by it, a stack's bytes would
    depend on which others are synthesized beside it.
    """
    return sorted(values, key=lambda value: _REFERENCE.sub("${}", value))


def _condition_block(conditions: tuple[Condition, ...]) -> dict[str, dict[str, list[str]]]:
    """Return IAM's condition block.

    Raises:
        ValueError: an operator and key are given twice; the second would replace the first.
    """
    block: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        keys = block.setdefault(condition.operator, {})
        if condition.key in keys:
            raise ValueError(f"{condition.operator} {condition.key} is given twice in one statement")
        keys[condition.key] = _in_order(condition.values)
    return block


def policy_document(statements: Iterable[Statement]) -> str:
    """Return the policy of `statements` as JSON: their order and that of references as given, all else sorted.

    Raises:
        ValueError: two statements share a sid, or there is none.
    """
    rendered = [statement.rendered() for statement in statements]
    sids = [str(statement["Sid"]) for statement in rendered]
    if not sids or len(set(sids)) != len(sids):
        raise ValueError(f"received the sids {sids}, expected one or more, each once")
    return json.dumps({"Version": "2012-10-17", "Statement": rendered}, sort_keys=True)


def service_trust(service: str, *, conditions: tuple[Condition, ...] = ()) -> str:
    """Return the trust policy that lets the AWS service `service` assume a role, under `conditions`."""
    statement: dict[str, object] = {
        "Sid": "ServiceAssumesRole",
        "Effect": "Allow",
        "Principal": {"Service": [service]},
        "Action": ["sts:AssumeRole"],
    }
    if conditions:
        statement["Condition"] = _condition_block(conditions)
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)
