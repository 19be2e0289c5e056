"""One registry or one environment is read; what is wrong with the answer is said."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from jsonschema import Draft202012Validator

from config.loading import load
from config.problems import ConfigurationError
from config.registry.schema import json_schema
from config.settings import Settings
from config.yaml_file import read_yaml
from extensions.planning import plans
from tenancy.extending import extended, house
from tools.fuzz.environments import environment
from tools.fuzz.oracle.meaning import meaning_objections
from tools.fuzz.oracle.registry import registry_objections
from tools.fuzz.oracle.settings import settings_objections
from tools.fuzz.registries import registry

FILE: Final = "tenants.yaml"
_SCREEN: Final = 2_000
"""Characters that a line may have, a path as long as it was given apart."""
_SCHEMA: Final = Draft202012Validator(json_schema())


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of one case.

    Attributes:
        accepted: it was read, and resolved to stacks.
        faults: what should not have happened: a traceback, a message that is not one line a mistake, something
            accepted that YAML, the schema or AWS refuses.
        seconds: of computing, until the answer.
    """

    accepted: bool
    faults: tuple[str, ...]
    seconds: float


def registry_case(seed: int, folder: Path) -> CaseResult:
    """Read the registry that `seed` makes, written to `folder`."""
    content = registry(Random(f"registry {seed}"))  # noqa: S311 (no secret)
    (folder / FILE).write_bytes(content)
    return _read({}, folder)


def environment_case(seed: int, folder: Path, registry_file: Path) -> CaseResult:
    """Read the environment that `seed` makes, with `registry_file` where it names no registry."""
    (folder / FILE).write_bytes(registry_file.read_bytes())
    return _read(environment(Random(f"environment {seed}")), folder)  # noqa: S311 (no secret)


def _read(variables: Mapping[str, str], folder: Path) -> CaseResult:
    started = time.process_time()
    settings: Settings | None = None
    faults: list[str] = []
    try:
        settings, read = load(variables, root=folder)
        extended(settings, read, plans(house(settings, read))).select(settings.stacks)
    except ConfigurationError as error:
        settings = None
        faults += _message_faults(str(error), variables)
    except Exception as error:  # noqa: BLE001 (that there is none is what is tried)
        settings = None
        faults.append(f"{type(error).__name__}: {str(error)[:200]}")
    seconds = time.process_time() - started
    if settings:
        faults += _objections(settings, folder)
    return CaseResult(accepted=settings is not None, faults=tuple(faults), seconds=seconds)


def _message_faults(message: str, variables: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the message of a refusal."""
    named = variables.get("TENANT_REGISTRY") or FILE
    for line in message.split("\n"):
        if not line.isprintable():
            yield f"characters that break a terminal: {line!r}"
        if len(line) > _SCREEN + len(named):
            yield f"a line of {len(line)} characters: {line[:200]!r}"
        if ": received " not in line and not line.startswith("and "):
            yield f"a line that does not say what was received: {line[:200]!r}"
        if ", expected " not in line and not line.startswith("and "):
            yield f"a line that does not say what is expected: {line[:200]!r}"


def _objections(settings: Settings, folder: Path) -> Iterator[str]:
    """Yield what is wrong with what was accepted."""
    path = folder / settings.registry
    value = read_yaml(path, name=FILE).value
    yield from meaning_objections(path.read_text(), value)
    account = settings.declared.account if settings.declared else None
    yield from registry_objections(_SCHEMA, value, settings.region, account)
    yield from settings_objections(settings)
