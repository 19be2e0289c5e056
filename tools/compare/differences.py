"""Finds where two synthesized stacks differ, policies compared as documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_ABSENT: Final = object()
"""What a key that is not there is compared as."""
SET_APART: Final = {"sid": "statement ids", "package": "function packages"}
"""What a comparison can leave out, and what it is called."""
_OF_A_PACKAGE: Final = frozenset({"filename", "source_code_hash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that two stacks do not share.

    Attributes:
        path: from the document's root, such as `resource.aws_kms_key.key.policy.Statement.0.Sid`.
        before: the value as JSON, or `absent`.
        after: likewise.
    """

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        """Return the difference as one line."""
        return f"{self.path}: {self.before} -> {self.after}"


def differences(before: bytes, after: bytes, *, apart: frozenset[str] = frozenset()) -> list[Difference]:
    """Return where the JSON documents `before` and `after` differ.

    Args:
        before: a stack's `cdk.tf.json`.
        after: likewise.
        apart: kinds of differences to leave out, keys of `SET_APART`.
    """
    return list(_walk("", _read(json.loads(before), apart), _read(json.loads(after), apart)))


def _read(value: object, apart: frozenset[str]) -> object:
    """Return `value` with policies as documents and without what is set apart."""
    if isinstance(value, dict):
        left_out = set()
        if "sid" in apart and "Effect" in value:
            left_out.add("Sid")
        if "package" in apart and "source_code_hash" in value:
            left_out |= _OF_A_PACKAGE
        return {key: _read(item, apart) for key, item in value.items() if key not in left_out}
    if isinstance(value, list):
        return [_read(item, apart) for item in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        try:
            return _read(json.loads(value), apart)
        except ValueError:
            return value
    return value


def _walk(path: str, before: object, after: object) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _walk(f"{path}.{key}".lstrip("."), before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _walk(f"{path}.{index}", old, new)
    # As text: in Python, True is 1.
    elif _shown(before) != _shown(after):
        yield Difference(path=path, before=_shown(before), after=_shown(after))


def _shown(value: object) -> str:
    return "absent" if value is _ABSENT else json.dumps(value, sort_keys=True)
