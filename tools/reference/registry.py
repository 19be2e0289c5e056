"""The page of the tenant registry's keys, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.registry.schema import json_schema
from tools.reference.markdown import page, table

Schema = Mapping[str, Any]
REFERENCE: Final = "$ref"


def registry_page() -> str:
    """Return the page: a section for each mapping of the registry, with its keys."""
    schema = json_schema()
    intro = (
        "`tenants.yaml` is validated as a whole; whatever is wrong is one line each, with its place. Editors read the "
        "same from `tenants.schema.json`. A key without a default must be given."
    )
    return page("The tenant registry", intro, *_sections("the file", schema, schema["$defs"], set()))


def _sections(path: str, mapping: Schema, models: Schema, seen: set[str]) -> Iterator[str]:
    """Yield the section of `mapping` and those of the mappings in it, each model once, where it comes first."""
    title = "The file itself" if path == "the file" else f"`{path}`"
    told = "" if path == "the file" else f"\n\n{mapping.get('description', '')}"
    rows = [_row(key, value, mapping) for key, value in mapping["properties"].items()]
    yield f"## {title}{told}\n\n{table(('key', 'default', 'takes'), rows)}"
    for key, value in mapping["properties"].items():
        for step, model in _models(value):
            if model not in seen:
                seen.add(model)
                place = f"{'' if path == 'the file' else f'{path}.'}{key}{step}"
                yield from _sections(place, models[model], models, seen)


def _row(key: str, value: Schema, mapping: Schema) -> tuple[str, str, str]:
    needed = key in mapping.get("required", ())
    default = "" if needed else _shown(value.get("default"))
    return f"`{key}`", default, value.get("description", "")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "that of each key"
    return f"`{json.dumps(value)}`"


def _models(value: Schema) -> Iterator[tuple[str, str]]:
    """Yield the models that `value` holds, with how a path goes on to them."""
    for option in (value, *value.get("anyOf", ())):
        if REFERENCE in option:
            yield "", _name(option)
        for inner in option.get("patternProperties", {}).values():
            if REFERENCE in inner:
                yield ".{id}", _name(inner)
        if REFERENCE in option.get("items", {}):
            yield "[]", _name(option["items"])


def _name(reference: Schema) -> str:
    return str(reference[REFERENCE]).rpartition("/")[2]
