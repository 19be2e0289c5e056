"""Policy variables, such as `${aws:PrincipalTag/TenantId}`, replaced as far as their values are known."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.encoding.condition_keys import Fixed, value_of
from isolation.iam.language import VARIABLE
from isolation.iam.patterns import has_wildcard
from isolation.model.caller import Caller
from isolation.model.target import Target


@dataclass(frozen=True, slots=True)
class Substituted:
    """A pattern without policy variables.

    Attributes:
        text: the pattern; `None` if it matches nothing, because a variable is missing.
        doubtful: a value is not known: then the text is as wide as it may be.
    """

    text: str | None
    doubtful: bool = False


def substituted(text: str, caller: Caller, target: Target) -> Substituted:
    """Return `text` with its policy variables replaced, as far as their values are known."""
    if "${" not in text:
        return Substituted(text)
    parts: list[str] = []
    position = 0
    for match in VARIABLE.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
        if match[1] == "$":
            parts.append("$")
            continue
        name, _, default = match[1].partition(",")
        value = value_of(name.strip().lower(), caller, target)
        if not isinstance(value, Fixed) or name.strip() in {"*", "?"}:
            return Substituted("*", doubtful=True)
        found = (*value.values, default.strip(" '"))[0]
        if has_wildcard(found):
            return Substituted("*", doubtful=True)
        if not found:
            return Substituted(None)
        parts.append(found)
    return Substituted("".join(parts) + text[position:])
