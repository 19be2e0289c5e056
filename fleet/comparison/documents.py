"""A synthesized stack as what it means: values by their paths, whatever order or notation they were written in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from facts.replacement import SETS
from fleet.synthesized import SILO_TAG, TENANTS, UnreadableStacksError

Document = Mapping[str, Any]

_STATEMENTS: Final = "Statement"
_LISTED: Final = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})
_NOTES: Final = "//"
"""The key under which cdktf writes where each resource comes from."""
_BLOCKS: Final = frozenset({"resource", "data"})
_PACKAGE: Final = ("filename", "source_code_hash", "s3_bucket", "s3_key", "s3_object_version")
CODE: Final = "code"
"""The path under which a function's package is, as its digest."""
PLACE: Final = "package"
"""The path under which it is where a function takes that package from."""
_IN_ANY_ORDER: Final = frozenset({"depends_on", "ignore_changes", "replace_triggered_by"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A resource, or whatever else has an address.

    Attributes:
        address: as Terraform writes it, such as `aws_kms_key.key`, `data.aws_partition.here`, `output.url`.
        type: of the resource; empty for anything else.
        tenant: whose it is on the platform; `None` for what is nobody's own there, and in a silo.
        values: by path, such as `policy.Statement "Admin".Action`; at the end of each a list, or no container.
    """

    address: str
    type: str
    tenant: str | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackDocument:
    """One stack.

    Attributes:
        id: of the stack.
        silo: the tenant whose it is; `None` for the platform.
        blocks: by address.
        moves: addresses before and now, as `moved` blocks say.
        networks: address ranges of its VPCs.
    """

    id: str
    silo: str | None
    blocks: Mapping[str, Block]
    moves: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()


def read_document(id_: str, file: Path) -> StackDocument:
    """Return the stack `id_` that `file` holds.

    Raises:
        UnreadableStacksError: it holds none.
    """
    try:
        return parsed(id_, json.loads(file.read_bytes()))
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableStacksError(f"{file}: expected a stack as synthesized ({error})") from None


def parsed(id_: str, document: Document) -> StackDocument:
    """Return the stack `id_` of its JSON."""
    blocks = {block.address: block for block in _blocks(document)}
    provider = (document.get("provider", {}).get("aws") or [{}])[0]
    tags = {key: tag for one in provider.get("default_tags", []) for key, tag in one.get("tags", {}).items()}
    vpcs = document.get("resource", {}).get("aws_vpc", {}).values()
    moves = document.get("moved", [])
    return StackDocument(
        id=id_,
        silo=tags.get(SILO_TAG),
        blocks=blocks,
        moves={one["from"]: one["to"] for one in (moves if isinstance(moves, list) else [moves])},
        networks=tuple(str(vpc["cidr_block"]) for vpc in vpcs if "cidr_block" in vpc),
    )


def _blocks(document: Document) -> Iterator[Block]:
    for section, content in document.items():
        if section in _BLOCKS:
            for kind, named in content.items():
                for name, body in named.items():
                    prefix = "data." if section == "data" else ""
                    yield _resource(f"{prefix}{kind}.{name}", kind if not prefix else "", body)
        elif section == "provider":
            for name, bodies in content.items():
                yield _other(f"provider.{name}", bodies[0] if len(bodies) == 1 else bodies)
        elif section not in {_NOTES, "moved"}:
            for name, body in content.items():
                yield _other(f"{section}.{name}", body)


def _resource(address: str, kind: str, body: Document) -> Block:
    given = {key: value for key, value in body.items() if key != _NOTES}
    if kind == "aws_lambda_function":
        given = _function(given)
    metadata = body.get(_NOTES, {}).get("metadata", {})
    tenant = None
    match str(metadata.get("path", "")).split("/"):
        case [_, part, owner, _, *_] if part == TENANTS:
            tenant = owner
    return Block(address=address, type=kind, tenant=tenant, values=dict(_leaves("", meaning(given, kind))))


def _other(address: str, body: object) -> Block:
    return Block(address=address, type="", tenant=None, values=dict(_leaves("", meaning(body))))


def _function(body: Document) -> dict[str, Any]:
    """Return a function's arguments with its package as its digest, and where it comes from without that digest."""
    found = {key: value for key, value in body.items() if key not in _PACKAGE}
    found[CODE] = body.get("source_code_hash")
    place = {key: body[key] for key in _PACKAGE if key in body and key != "source_code_hash"}
    # An asset and an object are named after their digest, which is what `code` is for.
    found[PLACE] = {key: re.sub(r"[0-9a-f]{64}", "{sha256}", str(value)) for key, value in place.items()}
    return found


def meaning(value: object, path: str = "") -> object:
    """Return `value` in the one form that all ways to write it share.

    Policies and other JSON in text are documents, a policy's statements are known by their ids, and what has no order
    has one.

    Args:
        value: from JSON.
        path: where it is, from the resource's type on; `aws_security_group.ingress` is a set.
    """
    if isinstance(value, dict):
        if _is_policy(value):
            return _policy(value)
        return {key: meaning(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        items = [meaning(item, path) for item in value]
        unordered = path in SETS or path.rpartition(".")[2] in _IN_ANY_ORDER
        return sorted(items, key=_text) if unordered else items
    if isinstance(value, str) and value[:1] in {"{", "["} and value[-1:] in {"}", "]"}:
        try:
            return meaning(json.loads(value), f"{path}.")
        except (ValueError, RecursionError):
            return value
    return value


def _is_policy(value: Document) -> bool:
    statements = value.get(_STATEMENTS)
    listed = statements if isinstance(statements, list) else [statements]
    return bool(listed) and all(isinstance(one, dict) and "Effect" in one for one in listed)


def _policy(document: Document) -> dict[str, object]:
    statements = document[_STATEMENTS]
    listed = [_statement(one) for one in (statements if isinstance(statements, list) else [statements])]
    sids = [one.get("Sid") for one in listed]
    rest = {key: meaning(value) for key, value in document.items() if key != _STATEMENTS}
    named: dict[str, object] = {}
    for one in sorted(listed, key=_text):
        sid = one.pop("Sid", None)
        if sid and sids.count(sid) == 1:
            named[f"{_STATEMENTS} {json.dumps(sid)}"] = one
        else:
            # Two statements without an id that say the same are one: policies are sets of statements.
            named[f"{_STATEMENTS} {_text(one)}"] = "present"
    return {**rest, **named}


def _statement(statement: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in statement.items():
        if key in _LISTED:
            found[key] = _several(value)
        elif key in _PRINCIPALS and isinstance(value, dict):
            found[key] = {kind: _several(names) for kind, names in value.items()}
        elif key == "Condition" and isinstance(value, dict):
            found[key] = {
                operator: {name: _several(values) for name, values in tests.items()}
                for operator, tests in value.items()
            }
        else:
            found[key] = value
    return found


def _several(value: object) -> list[object]:
    """Return one value, or several in any order, as a sorted list without repetition."""
    values = value if isinstance(value, list) else [value]
    return [json.loads(text) for text in sorted({_text(one) for one in values})]


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}[{index}]", item)
    elif value is not None and path:
        yield path, value


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
