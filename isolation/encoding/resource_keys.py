"""What requests on a target carry of the condition keys about the resource."""

from __future__ import annotations

from isolation.catalogue.resource_keys import (
    ACCOUNT_PERHAPS,
    PERHAPS_TOO,
    TAG_KEY,
    TAG_KEYS_OF,
    TAGS_CARRIED,
    WITHOUT_TAGS,
    Carried,
)
from isolation.iam.patterns import has_wildcard
from isolation.model.target import Target


def carried(key: str, target: Target) -> Carried:
    """Return whether requests on `target` carry `key`: as sure as all of its actions allow to say."""
    found = {_carried(key, action) for action in target.actions}
    return found.pop() if len(found) == 1 else "perhaps"


def _carried(key: str, action: str) -> Carried:
    service = action.partition(":")[0]
    if has_wildcard(service):
        return "perhaps"
    if key == "aws:resourceaccount":
        return "perhaps" if service in ACCOUNT_PERHAPS else "always"
    match = TAG_KEY.fullmatch(key)
    prefix = match[1] if match else ""
    if action in WITHOUT_TAGS:
        return "never"
    if prefix == "aws" or prefix in TAG_KEYS_OF.get(service, ()):
        return TAGS_CARRIED.get(service, "perhaps")
    return "perhaps" if prefix == service or prefix in PERHAPS_TOO.get(service, ()) else "never"
