"""The IAM documents in the stacks: what kind each is, and its statements, parsed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tools.scan.findings import ScanError
from tools.scan.stacks import ScannedStack


class Kind(StrEnum):
    """What a document is attached to."""

    IDENTITY = "identity"
    TRUST = "trust"
    KEY = "key"
    RESOURCE = "resource"
    ENDPOINT = "endpoint"
    """Of a VPC endpoint: grants nothing, only lets requests pass."""


PLACES: Final[Mapping[tuple[str, str], Kind]] = {
    ("aws_backup_vault_policy", "policy"): Kind.RESOURCE,
    ("aws_cloudwatch_log_resource_policy", "policy_document"): Kind.RESOURCE,
    ("aws_ecr_repository_policy", "policy"): Kind.RESOURCE,
    ("aws_iam_policy", "policy"): Kind.IDENTITY,
    ("aws_iam_role", "assume_role_policy"): Kind.TRUST,
    ("aws_iam_role", "inline_policy.policy"): Kind.IDENTITY,
    ("aws_iam_role_policy", "policy"): Kind.IDENTITY,
    ("aws_iam_user_policy", "policy"): Kind.IDENTITY,
    ("aws_kms_key", "policy"): Kind.KEY,
    ("aws_kms_key_policy", "policy"): Kind.KEY,
    ("aws_kms_replica_key", "policy"): Kind.KEY,
    ("aws_lambda_layer_version_permission", "policy"): Kind.RESOURCE,
    ("aws_s3_bucket", "policy"): Kind.RESOURCE,
    ("aws_s3_bucket_policy", "policy"): Kind.RESOURCE,
    ("aws_secretsmanager_secret", "policy"): Kind.RESOURCE,
    ("aws_secretsmanager_secret_policy", "policy"): Kind.RESOURCE,
    ("aws_sns_topic", "policy"): Kind.RESOURCE,
    ("aws_sns_topic_policy", "policy"): Kind.RESOURCE,
    ("aws_sqs_queue", "policy"): Kind.RESOURCE,
    ("aws_sqs_queue_policy", "policy"): Kind.RESOURCE,
    ("aws_vpc_endpoint", "policy"): Kind.ENDPOINT,
    ("aws_vpc_endpoint_policy", "policy"): Kind.ENDPOINT,
}
"""By type and argument. A document anywhere else ends the scan: nobody has said how to read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of a condition block.

    Attributes:
        operator: such as `StringEquals`.
        key: as it is written.
        values: of the key.
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, every element a list.

    Attributes:
        body: as it is written.
        actions: of `Action`.
        resources: of `Resource`.
        principals: identifiers by kind; `*` alone is `{"AWS": ("*",)}`, which means the same
            (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
        conditions: all must hold.
    """

    body: Mapping[str, Any]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    conditions: tuple[Condition, ...]

    @property
    def allows(self) -> bool:
        """Whether it grants; all else denies."""
        return self.body.get("Effect") == "Allow"

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"statement {self.body.get('Sid', 'without a Sid')}"

    def asks(self, *keys: str) -> bool:
        """Tell whether a condition compares one of `keys`; one that ends with `/` or `:` means all that begin so.

        Operators that a missing key satisfies, and the negated ones, narrow nothing down.
        """
        return any(
            "Not" not in condition.operator
            and not condition.operator.endswith("IfExists")
            and condition.operator != "Null"
            and not condition.operator.startswith("ForAllValues")
            and "*" not in condition.values
            and any(_is(key, condition.key) for key in keys)
            for condition in self.conditions
        )


def _is(wanted: str, key: str) -> bool:
    wanted, key = wanted.lower(), key.lower()
    return key.startswith(wanted) if wanted.endswith(("/", ":")) else key == wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One IAM document.

    Attributes:
        address: of the resource that it is an argument of.
        kind: what it is attached to.
        body: as it is written; `None` where it is an expression, which only Terraform can read.
    """

    address: str
    kind: Kind
    body: Mapping[str, Any] | None

    @property
    def statements(self) -> Sequence[Statement]:
        """Return its statements, parsed."""
        found = (self.body or {}).get("Statement", [])
        return [_statement(body) for body in (found if isinstance(found, list) else [found])]


def documents(stack: ScannedStack) -> Iterator[Document]:
    """Return every IAM document of `stack`.

    Raises:
        ScanError: one is where no document is expected, or is none that IAM could parse.
    """
    for kind, name, body in stack.resources():
        address = stack.address(kind, name)
        for argument, text in _texts(body):
            parsed = _parsed(text)
            expected = PLACES.get((kind, argument))
            if parsed is not None and not _is_shaped(parsed):
                raise ScanError(
                    f"{address}: received a policy in `{argument}` whose elements have other shapes than IAM's"
                )
            if expected is not None:
                yield Document(address=address, kind=expected, body=parsed)
            elif parsed is not None:
                raise ScanError(
                    f"{address}: received a policy in `{argument}`, expected a place that tools/scan/policies.py lists"
                )


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Return every text below `value` with its argument's path, indices left out."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "//":
                yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)


def _parsed(text: str) -> Mapping[str, Any] | None:
    if "Statement" not in text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "Statement" in found else None


def _is_shaped(policy: Mapping[str, Any]) -> bool:
    """Tell whether the elements are lists and mappings where IAM's grammar says so.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    found = policy["Statement"]
    return all(
        isinstance(body, Mapping)
        and isinstance(body.get("Principal", ""), str | Mapping)
        and isinstance(conditions := body.get("Condition", {}), Mapping)
        and all(isinstance(keys, Mapping) for keys in conditions.values())
        for body in (found if isinstance(found, list) else [found])
    )


def _statement(body: Mapping[str, Any]) -> Statement:
    principal = body.get("Principal", {})
    if isinstance(principal, str):
        principal = {"AWS": principal}
    return Statement(
        body=body,
        actions=_listed(body.get("Action")),
        resources=_listed(body.get("Resource")),
        principals={kind: _listed(found) for kind, found in principal.items()},
        conditions=tuple(
            Condition(operator=operator, key=key, values=_listed(values))
            for operator, keys in body.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    )


def _listed(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
