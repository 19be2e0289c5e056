"""Who asked for a tenant's end and who approved it, and what is to be done with its data: as arguments, or in a file.

The file is YAML with the names of the fields, so that it can be reviewed as any other change:

    tenant: old-co
    requested_by: ann@example.com
    approved_by: ben@example.com
    reason: Old Co's contract has ended on 2026-11-20.
    export: s3://handovers/old-co
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from config.problems import ConfigurationError, Problem
from config.registry.fields import REASON_EXPECTED, Reason
from config.yaml_file import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, and approved.

    Attributes:
        tenant: id.
        requested_by: who asked: a name or an address.
        approved_by: who approved it, another person.
        reason: why the tenant leaves, in a sentence.
        export: folder or `s3://bucket/prefix` that its data is copied to; empty where it is not.
        no_export: why its data is not copied, in a sentence; empty where it is.
        schema_dump: file with the dump of a Fargate tenant's schema; empty where there is none.
        erase: why a Fargate tenant's schema is dropped for good, in a sentence; empty keeps what the profile keeps.
        keep_entry: whether the registry's entry stays, because another environment still has the tenant.
    """

    tenant: str
    requested_by: str
    approved_by: str
    reason: str
    export: str = ""
    no_export: str = ""
    schema_dump: str = ""
    erase: str = ""
    keep_entry: bool = False

    def document(self) -> dict[str, Any]:
        """Return it as the values of JSON."""
        return asdict(self)


NAMES: Final = tuple(field.name for field in fields(Request))
SWITCH: Final = "keep_entry"


def requested(given: Mapping[str, object], *, where: str) -> Request:
    """Return the request that `given` says.

    Args:
        given: by the names of the fields.
        where: how messages name the place.

    Raises:
        ConfigurationError: every mistake in it.
    """
    problems = list(_problems(given, where))
    if problems:
        raise ConfigurationError(problems)
    return Request(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def read_request(file: Path) -> Request:
    """Return the request that `file` holds.

    Raises:
        ConfigurationError: it cannot be read, or every mistake in it.
    """
    document = read_yaml(file, name=str(file)).value
    if not isinstance(document, Mapping):
        raise ConfigurationError(
            [Problem(where=str(file), received=document, expected=f"a mapping with the keys {NAMES}")]
        )
    return requested({str(name): value for name, value in document.items()}, where=str(file))


def _problems(given: Mapping[str, object], where: str) -> Iterator[Problem]:
    expected = dict(_unreadable(given)) or dict(_unusable(given))
    for name, text in expected.items():
        yield Problem(where=f"{where}: {name}", received=given.get(name), expected=text)


def _unreadable(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Return what is expected of each field that does not exist, or is of another type."""
    for name, value in given.items():
        if name not in NAMES:
            yield name, f"one of {', '.join(NAMES)}"
        elif value is not None and not isinstance(value, bool if name == SWITCH else str):
            yield name, "true or false" if name == SWITCH else "text"


def _unusable(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Return what is expected of each field that cannot be used."""
    people = [_person(given.get(name)) for name in ("requested_by", "approved_by")]
    if not people[0]:
        yield "requested_by", "the name or the address of a person"
    if not people[1] or people[0] == people[1]:
        yield "approved_by", "the name or the address of another person than who asked"
    if not _is_reason(given.get("reason")):
        yield "reason", f"why the tenant leaves, {REASON_EXPECTED}"
    if bool(given.get("export")) == bool(given.get("no_export")):
        yield "export", "a folder or s3://bucket/prefix, or else the reason in 'no_export'"
    for name in ("no_export", "erase"):
        if given.get(name) and not _is_reason(given[name]):
            yield name, f"why, {REASON_EXPECTED}"


def _person(name: object) -> str:
    return " ".join(str(name or "").casefold().split())


def _is_reason(text: object) -> bool:
    try:
        TypeAdapter(Reason).validate_python(text)
    except ValidationError:
        return False
    return True
