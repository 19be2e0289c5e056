"""Says why Terraform failed, without any value that it printed: those may be secrets."""

from __future__ import annotations

import re
from typing import Final

LOCKED: Final = "Error acquiring the state lock"
_TITLE: Final = re.compile(r"Error: ([A-Za-z][A-Za-z0-9 ,./_-]{0,99})")
_ADDRESS: Final = re.compile(r"\bwith ([a-z0-9_]+\.[A-Za-z0-9_-]+(?:\[[^\]\n]{1,60}\])?),")
_CODE: Final = re.compile(r"RequestID:\s*[\w-]*,\s+(?:api\s+error\s+)?([A-Z]\w{1,59}):")
"""As AWS's SDK writes an error, of a type that it knows or not (https://pkg.go.dev/github.com/aws/smithy-go#APIError)."""
_LOCK_ID: Final = re.compile(r"\bID: +([0-9a-f-]{36})\b")
_WHO: Final = re.compile(r"\bWho: +([\w.@-]{1,100})")


def reason(output: str) -> str:
    """Return the first error in Terraform's output: its title up to the first value, its resource, and AWS's code."""
    title = _TITLE.search(output)
    if title is None:
        return "Terraform failed"
    rest = output[title.start() :]
    parts = [title[1].strip()]
    if parts == [LOCKED]:
        parts += [f"{name} {found[1]}" for name, found in _holder(rest) if found]
        return ", ".join(parts)
    # What belongs to this error ends where the next begins.
    rest = re.split(r"\nError: |\n\S? ?Error: ", rest[1:])[0]
    address, code = _ADDRESS.search(rest), _CODE.search(rest)
    if address:
        parts.append(address[1])
    if code:
        parts.append(code[1])
    return ", ".join(parts)


def _holder(text: str) -> list[tuple[str, re.Match[str] | None]]:
    return [("lock", _LOCK_ID.search(text)), ("of", _WHO.search(text))]
