"""The registry's JSON Schema, for editors."""

from __future__ import annotations

from typing import Any

from config.formats import ENVIRONMENT_SUFFIX, RESERVED_HOSTS, RESERVED_SUFFIXES
from config.registry.fields import TENANT_ID, TENANT_ID_LENGTH
from config.registry.models import Registry


def json_schema() -> dict[str, Any]:
    """Return the registry's JSON Schema (draft 2020-12), for editors."""
    schema = Registry.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Tenant registry"
    for mapping in ("tenants", "retired"):
        # pydantic knows the key's pattern and length; JSON Schema has propertyNames for that.
        names: dict[str, Any] = {"pattern": TENANT_ID, "maxLength": TENANT_ID_LENGTH}
        if mapping == "tenants":
            names["not"] = {"enum": sorted(RESERVED_HOSTS)}
        schema["properties"][mapping]["propertyNames"] = names
    schema["properties"]["environments"]["propertyNames"] = {
        "pattern": ENVIRONMENT_SUFFIX,
        "not": {"enum": sorted(RESERVED_SUFFIXES)},
    }
    return schema
