"""Mutants that may live, each with a written reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("survivors.toml")


class SurvivorsError(ValueError):
    """The list of survivors cannot be used."""


def accepted(text: str) -> dict[tuple[str, str], str]:
    """Return the reasons in the TOML `text` by file and mutant.

    Raises:
        SurvivorsError: it is no TOML, or an entry lacks one of `file`, `mutant` and `reason`, or stands twice.
    """
    try:
        entries = tomllib.loads(text).get("survivor", [])
    except tomllib.TOMLDecodeError as error:
        raise SurvivorsError(f"{FILE.name}: received {error}, expected TOML") from error
    found: dict[tuple[str, str], str] = {}
    for entry in entries:
        if set(entry) != {"file", "mutant", "reason"} or not all(str(v).strip() for v in entry.values()):
            raise SurvivorsError(f"{FILE.name}: received {entry}, expected file, mutant and reason")
        key = (entry["file"], entry["mutant"])
        if key in found:
            raise SurvivorsError(f"{FILE.name}: received {key} twice, expected it once")
        found[key] = entry["reason"]
    return found


def unmatched(reasons: Mapping[tuple[str, str], str], known: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Return the entries of files in `known` that name no mutant there any more."""
    return [key for key in reasons if key[0] in known and key[1] not in known[key[0]]]
