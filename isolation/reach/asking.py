"""What the policies ask of a caller: which principal tags, and which ARNs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from isolation.iam.language import ParsedStatement
from isolation.model.caller import Caller
from isolation.model.target import Target

_TAG: Final = "aws:principaltag/"
_VARIABLE: Final = re.compile(r"\$\{\s*aws:principaltag/([^},]+?)\s*[},]", re.IGNORECASE)


class Asking:
    """What the policies ask of a caller: a tag or a name that no policy asks for opens nothing."""

    def __init__(self, targets: Iterable[Target], callers: Iterable[Caller]) -> None:
        self._targets = targets
        self._callers = callers

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The keys, in lower case, of the principal tags that some policy asks for, sorted."""
        found: set[str] = set()
        for statement in self._statements():
            texts = [*statement.resources]
            for condition in statement.conditions:
                if condition.key.startswith(_TAG):
                    found.add(condition.key.removeprefix(_TAG))
                texts += condition.values
            for text in texts:
                if "${" in text:
                    found.update(name.lower() for name in _VARIABLE.findall(text))
        return tuple(sorted(found))

    @cached_property
    def arns(self) -> tuple[str, ...]:
        """The patterns of the ARNs of callers that some policy asks for, sorted."""
        return tuple(
            sorted(
                {
                    value
                    for statement in self._statements()
                    for condition in statement.conditions
                    if condition.key == "aws:principalarn"
                    for value in condition.values
                }
            )
        )

    def _statements(self) -> Iterator[ParsedStatement]:
        for target in self._targets:
            yield from target.policy
        for caller in self._callers:
            yield from caller.identity
            yield from caller.boundary or ()
