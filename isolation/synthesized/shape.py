"""Checks that a document has the shape of Terraform's JSON, before anything of it is understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import Any, Final

from isolation.catalogue.kinds import KIND_OF
from isolation.catalogue.resource_types import MODELLED
from isolation.catalogue.root_modules import UNREAD_FILES
from isolation.catalogue.shapes import SHAPES, SHAPES_OF, Shape
from isolation.synthesized.input_error import InputError, shown
from isolation.synthesized.strict_json import NotStrictJsonError, check_value

TOP_LEVEL: Final = frozenset(
    {
        "//",
        "check",
        "data",
        "ephemeral",
        "import",
        "locals",
        "module",
        "moved",
        "output",
        "provider",
        "removed",
        "resource",
        "terraform",
        "variable",
        UNREAD_FILES,
    }
)
"""https://developer.hashicorp.com/terraform/language/syntax/json"""

SYMBOLS: Final = "⟦⟧⟪⟫"
"""The brackets of `isolation.synthesized.stack`: a text that has them already could pass for an id of AWS's."""

_EXPECTED: Final[Mapping[Shape, str]] = {
    "text": "a text",
    "texts": "a list of texts",
    "number": "a whole number",
    "boolean": "true or false",
    "block": "an object or a list of objects",
    "map": "an object of texts",
    "address": "an IPv4 address block such as '10.0.0.0/16'",
    "addresses": "a list of IPv4 address blocks such as '10.0.0.0/16'",
}
_TYPE: Final = re.compile(r"[a-z][a-z0-9_]*(?:-[a-z0-9_]+)*")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def check_documents(documents: Mapping[str, Any]) -> None:
    """Check every document, and that there is something to analyse.

    Raises:
        InputError: a document does not have the shape of Terraform's JSON, or none declares a resource.
    """
    for id_, document in sorted(documents.items()):
        check_document(id_, document)
    if not any(document.get("resource") or document.get("module") for document in documents.values()):
        raise InputError(f"{', '.join(sorted(documents))[:200] or 'no stack'}", "no resource", "at least one")


def check_document(where: str, document: object) -> None:
    """Check that `document` is a root module in Terraform's JSON.

    Raises:
        InputError: it is not; the message begins with the path of what is wrong.
    """
    try:
        check_value(document, SYMBOLS)
    except NotStrictJsonError as error:
        raise InputError(where, str(error), "Terraform's JSON as `cdktf synth` writes it") from error
    body = _object(where, document, "a JSON object")
    if not body:
        raise InputError(where, "an empty object", "Terraform's JSON as `cdktf synth` writes it")
    unknown = sorted(set(body) - TOP_LEVEL)
    if unknown:
        raise InputError(
            where,
            f"the key {shown(unknown[0])}",
            "Terraform's JSON as `cdktf synth` writes it, not a plan, a state or other JSON",
        )
    for section in ("resource", "data"):
        for type_, named in _object(f"{where}: {section}", body.get(section, {})).items():
            if type_ != "//":
                _check_type(f"{where}/{'data.' if section == 'data' else ''}", type_, named)
    if "module" in body:
        for name, module in _object(f"{where}: module", body["module"]).items():
            _one_block(f"{where}/module.{name}", module)
    _check_providers(f"{where}: provider", body.get("provider", {}))


def _check_type(prefix: str, type_: str, named: object) -> None:
    if not _TYPE.fullmatch(type_):
        raise InputError(f"{prefix}{shown(type_)}", "that type", "a resource type such as aws_s3_bucket")
    for name, body in _object(f"{prefix}{type_}", named).items():
        if name == "//":
            continue
        if not _NAME.fullmatch(name):
            raise InputError(f"{prefix}{type_}.{shown(name)}", "that name", "letters, digits, - and _")
        where = f"{prefix}{type_}.{name}"
        arguments = _one_block(where, body)
        _check_arguments(where, type_, arguments)


def _check_providers(where: str, providers: object) -> None:
    for name, blocks in _object(where, providers).items():
        for index, block in enumerate(blocks if isinstance(blocks, list) else [blocks]):
            path = f"{where}.{name}[{index}]"
            _check_arguments(path, "provider", _object(path, block))


def _check_arguments(where: str, type_: str, arguments: Mapping[str, Any]) -> None:
    """Check the arguments of a block that are read, and of the blocks in it that are read."""
    read = type_ in KIND_OF or type_ in MODELLED or type_ == "provider"
    for name, value in arguments.items():
        shape = (
            SHAPES_OF.get((type_, name)) or SHAPES.get(name) if read else "map" if name == "tags" else None
        )
        if shape is None or value is None:
            continue
        path = f"{where}.{name}"
        if not _FITS[shape](value):
            raise InputError(path, _received(shape, value), _EXPECTED[shape])
        if shape == "block":
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                _check_arguments(f"{path}[{index}]" if isinstance(value, list) else path, type_, item)


def _received(shape: Shape, value: object) -> str:
    """Return what of `value` does not fit."""
    single: dict[str, Shape] = {"texts": "text", "addresses": "address"}
    if shape in single and isinstance(value, list):
        return f"{shown(next(item for item in value if not _FITS[single[shape]](item)))} in the list"
    if shape == "block" and isinstance(value, list):
        return f"{shown(next(item for item in value if not isinstance(item, dict)))} in the list"
    if shape == "map" and isinstance(value, dict):
        key = next(key for key, item in value.items() if not (item is None or _is_text(item)))
        return f"{shown(value[key])} for the key {shown(key)}"
    return shown(value)


def _object(where: str, value: object, expected: str = "an object") -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(where, shown(value), expected)
    return value


def _one_block(where: str, value: object) -> Mapping[str, Any]:
    """Return the block that `value` is, or the only one in the list that it is."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list):
        raise InputError(where, f"a list of {len(value)} blocks", "one block")
    return _object(where, value)


def _is_text(value: object) -> bool:
    return isinstance(value, str | int | float)


def _is_expression(value: object) -> bool:
    return isinstance(value, str) and "${" in value


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _is_expression(value) or bool(re.fullmatch(r"-?[0-9]{1,9}", value))
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9


def _is_boolean(value: object) -> bool:
    return (
        isinstance(value, bool) or value in {"true", "false"} if not isinstance(value, list | dict) else False
    )


def _is_address(value: object) -> bool:
    """Whether `value` is an address block, or a reference, which only AWS can resolve."""
    if not isinstance(value, str):
        return False
    if _is_expression(value) or value == "":
        return True
    try:
        IPv4Network(value, strict=False)
    except ValueError:
        return False
    return True


def _list_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    """Return whether a value is a list of what `fits`, or an expression that makes one."""
    return lambda value: (
        all(fits(item) for item in value) if isinstance(value, list) else _is_expression(value)
    )


def _is_map(value: object) -> bool:
    if isinstance(value, dict):
        return all(item is None or _is_text(item) for item in value.values())
    return _is_expression(value)


def _is_block(value: object) -> bool:
    return all(isinstance(item, dict) for item in (value if isinstance(value, list) else [value]))


_FITS: Final[Mapping[Shape, Callable[[object], bool]]] = {
    "text": _is_text,
    "texts": _list_of(_is_text),
    "number": _is_number,
    "boolean": _is_boolean,
    "block": _is_block,
    "map": _is_map,
    "address": _is_address,
    "addresses": _list_of(_is_address),
}
