"""JSON schemas of what a function is invoked with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fastjsonschema


class SchemaError(Exception):
    """An event does not match its schema.

    The message says where and what is expected. It never repeats the value, which may be personal or secret.
    """


def compiled(schema: dict[str, Any]) -> Callable[[object], dict[str, Any]]:
    """Return a function that checks an event against `schema`, whose type is "object", and returns the event.

    The function raises `SchemaError` if the event does not match.
    """
    validate = fastjsonschema.compile(schema)

    def check(event: object) -> dict[str, Any]:
        try:
            checked: dict[str, Any] = validate(event)
        except fastjsonschema.JsonSchemaValueException as error:
            where = ".".join(["event", *(str(part) for part in error.path[1:])])
            # The library's own error holds the value.
            raise SchemaError(f"{where} must satisfy {error.rule} {error.rule_definition}") from None
        return checked

    return check
