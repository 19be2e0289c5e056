"""One way through the network that must not be."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.catalogue.findings import SECURITY_GROUP, FindingType


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """One way from an attacker to an owner through the network.

    Attributes:
        attacker: the tenant, or one of `OUTSIDERS`, that it starts from; empty for any tenant.
        owner: whom it leads to; `None` for anybody.
        certain: it exists, rather than cannot be ruled out.
        story: what goes where, through what.
        kind: the kind of target it counts as.
        finding: what kind of finding it is; `isolation.network.network` says so.
    """

    attacker: str
    owner: str | None
    certain: bool
    story: tuple[str, ...]
    kind: str = "network"
    finding: FindingType = SECURITY_GROUP
