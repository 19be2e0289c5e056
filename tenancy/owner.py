"""Whose a resource is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

NamesT_co = TypeVar("NamesT_co", covariant=True)

SILO_TAG: Final = "TenantId"
"""Key of the tag that a silo tenant's principals and resources carry."""
FARGATE_TAG: Final = "tenant_id"
"""Key of the tag that a Fargate tenant's principals and resources carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner(Generic[NamesT_co]):
    """A tenant as the owner of resources.

    Attributes:
        tenant: id of the tenant, a slug.
        tag: key of the tag whose value is that id; policies compare a principal's with it.
        tags: all tags that say whose a resource is.
        names: physical names of the tenant's resources.
    """

    tenant: str
    tag: str
    tags: Mapping[str, str]
    names: NamesT_co


AnyOwner = Owner[object]
"""An owner for code that needs no names."""
