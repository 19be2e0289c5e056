"""Actions of services that no kind of resources is about: nobody has looked at what they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from isolation.catalogue.kinds import KINDS
from isolation.catalogue.rights import CONFIGURING_ONLY
from isolation.model.caller import Caller

_KNOWN: Final = frozenset(
    action.partition(":")[0] for kind in KINDS.values() for action in kind.actions if action != "*"
) | frozenset(CONFIGURING_ONLY)


def unknown_services(identities: Iterable[Caller]) -> Iterator[tuple[str | None, str]]:
    """Return whose right is of a service that is in no list, each as a line that begins with its address.

    A right to everything reaches what is known anyway.
    """
    for identity in identities:
        for statement in identity.identity:
            if not statement.allows or statement.not_action:
                continue
            for action in statement.actions:
                service, _, _ = action.partition(":")
                if action != "*" and service not in _KNOWN:
                    address = statement.source.partition("#")[0]
                    yield identity.owner, f"{address}: action {action} is of a service that is in no list"
