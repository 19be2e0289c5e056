"""All arguments, by resource type and path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.api_gateway import API_GATEWAY
from isolation.catalogue.arguments.databases import DATABASES
from isolation.catalogue.arguments.front import FRONT
from isolation.catalogue.arguments.identities import IDENTITIES
from isolation.catalogue.arguments.messages import MESSAGES
from isolation.catalogue.arguments.network import NETWORK
from isolation.catalogue.arguments.storage import STORAGE
from isolation.catalogue.arguments.uses import OF_ALL, Arguments, Use
from isolation.catalogue.arguments.workloads import WORKLOADS


def uses_of(arguments: Arguments) -> dict[str, Use]:
    """Return the use of each path of `arguments`."""
    return {path: use for use, paths in arguments.items() for path in paths.split()}


LISTED: Final[Mapping[str, Mapping[str, Use]]] = {
    type_: {**uses_of(OF_ALL), **uses_of(arguments)}
    for services in (API_GATEWAY, DATABASES, FRONT, IDENTITIES, MESSAGES, NETWORK, STORAGE, WORKLOADS)
    for type_, arguments in services.items()
}
"""By resource type, the use of each argument by its path, `block.argument`."""
