"""The containers of a tenant's tasks: how they are confined, what they reach, and what takes their traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.registry.tenants import Fargate
from tenancy.images import EcrRepository


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceCollector:
    """The container that takes a task's traces.

    Attributes:
        image: container image, by digest.
        repository: where in ECR the image is; `None` where it is in another registry.
    """

    image: str
    repository: EcrRepository | None


def confinement(fargate: Fargate) -> Confinement | None:
    """Return how the container of `fargate` is confined; `None` where it runs as its image says."""
    if fargate.unconfined:
        return None
    return Confinement(user=fargate.user, writable_folders=("/tmp", *fargate.writable_folders))  # noqa: S108


def destinations(fargate: Fargate) -> tuple[Destination, ...]:
    """Return what the tasks of `fargate` may open connections to."""
    return tuple(
        Destination(
            place=given.cidr or given.prefix_list or "",
            is_prefix_list=given.cidr is None,
            protocol=given.protocol,
            port=given.port,
        )
        for given in fargate.egress
    )
