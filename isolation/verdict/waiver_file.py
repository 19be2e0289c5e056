"""Reads waivers from a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from isolation.catalogue.findings import FINDING_TYPES
from isolation.synthesized.input_error import InputError, shown
from isolation.synthesized.strict_json import NotStrictJsonError
from isolation.verdict.waivers import Waiver

MOST_BYTES: Final = 1_000_000
FIELDS: Final = ("finding", "address", "reason", "owner", "until")


class _Loader(yaml.SafeLoader):
    """YAML without aliases, and with each key once."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise NotStrictJsonError("an alias")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise NotStrictJsonError(f"the key {shown(twice)} twice")
        return super().construct_mapping(node, deep)


def read_waivers(file: Path) -> list[Waiver]:
    """Return the waivers in `file`.

    Raises:
        InputError: it cannot be read, or is not a list of waivers under the key `waivers`.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"{file}", f"more than {MOST_BYTES} bytes", "a file of waivers")
    try:
        document = yaml.load(content.decode("utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader)
    except UnicodeDecodeError as error:
        raise InputError(f"{file}", f"a byte that is not UTF-8 at {error.start}", "YAML") from error
    except (yaml.YAMLError, NotStrictJsonError, RecursionError, ValueError) as error:
        what = " ".join(str(error).split())[:200] or "something else"
        raise InputError(f"{file}", what, "YAML with a list of waivers") from error
    if not isinstance(document, dict) or set(document) != {"waivers"}:
        raise InputError(f"{file}", shown(document), "an object with the key 'waivers' alone")
    if not isinstance(document["waivers"], list):
        raise InputError(f"{file}: waivers", shown(document["waivers"]), "a list")
    found: dict[tuple[str, str], Waiver] = {}
    for index, body in enumerate(document["waivers"]):
        where = f"{file}: waivers[{index}]"
        waiver = _waiver(where, body)
        if (waiver.finding, waiver.address) in found:
            raise InputError(where, f"{waiver.finding} at {waiver.address} once more", "each waiver once")
        found[waiver.finding, waiver.address] = waiver
    return list(found.values())


def _waiver(where: str, body: object) -> Waiver:
    if not isinstance(body, dict):
        raise InputError(where, shown(body), f"an object with {', '.join(FIELDS)}")
    odd = [key for key in body if key not in FIELDS]
    if odd:
        raise InputError(where, f"the key {shown(odd[0])}", f"only {', '.join(FIELDS)}")
    texts = {name: _text(f"{where}.{name}", body.get(name)) for name in FIELDS[:-1]}
    if texts["finding"] not in FINDING_TYPES:
        raise InputError(f"{where}.finding", shown(texts["finding"]), "an id of docs/isolation-findings.md")
    return Waiver(**texts, until=_day(f"{where}.until", body))


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(where, shown(value), "a text that is not empty")
    return " ".join(value.split())


def _day(where: str, body: Mapping[str, Any]) -> date:
    value = body.get("until")
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise InputError(where, shown(value), "a day such as 2026-12-31") from error
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InputError(where, shown(value), "a day such as 2026-12-31")
    return value
