"""Whether a request carries a condition key about its resource, for one action."""

from __future__ import annotations

from functools import lru_cache

from isolation.catalogue import resource_keys as known


@lru_cache(maxsize=1 << 12)
def tag_prefixes(action: str) -> tuple[str, ...]:
    """Return the prefixes under which a request for `action` may carry the tags of its resource."""
    service = action.split(":", maxsplit=1)[0]
    return ("aws", service, *sorted(known.PERHAPS_TOO.get(service, ())))


@lru_cache(maxsize=1 << 14)
def is_carried(key: str, action: str) -> known.Carried:
    """Return whether a request for `action` carries `key`; a key that is not about the resource is carried as given."""
    service = action.split(":", maxsplit=1)[0]
    prefix, _, rest = key.partition(":")
    if key == "aws:resourceaccount" and service in known.ACCOUNT_PERHAPS:
        return "perhaps"
    if not rest.startswith("resourcetag/"):
        return "always"
    if action in known.WITHOUT_TAGS or prefix not in tag_prefixes(action):
        return "never"
    if prefix == "aws" or prefix in known.TAG_KEYS_OF.get(service, ()):
        return known.TAGS_CARRIED.get(service, "perhaps")
    return "perhaps"
