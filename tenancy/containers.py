"""How a tenant's container is confined, and what its tasks reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """A container without privileges, on a root file system that it cannot write to.

    Attributes:
        user: number of the user, a colon, and number of the group that it runs as; neither is root's.
        writable_folders: absolute paths of folders in memory, the only ones that it can write to.
    """

    user: str
    writable_folders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What tasks may open connections to.

    Attributes:
        place: an IPv4 network, or the id of a prefix list.
        is_prefix_list: which of the two it is.
        protocol: of the connections.
        port: of the connections.
    """

    place: str
    is_prefix_list: bool
    protocol: Literal["tcp", "udp"]
    port: int
