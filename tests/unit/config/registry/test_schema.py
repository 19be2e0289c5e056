"""The JSON Schema and the models agree: what an editor marks, the run refuses, and the other way round."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from config.registry.models import Registry
from config.registry.schema import json_schema

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
SHIPPED: dict[str, Any] = yaml.safe_load((Path(__file__).parents[4] / "tenants.yaml").read_text())


def by_models(value: object) -> bool:
    try:
        Registry.model_validate(value)
    except ValidationError:
        return False
    return True


def fields(name: str) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = SCHEMA["$defs"][name]["properties"]
    return properties


def branches(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(schema.get("anyOf", [schema]))


def _no_longer(most: int | None, text: str) -> bool:
    return most is None or len(text) <= most


def fitting(schema: Mapping[str, Any]) -> st.SearchStrategy[object]:
    """Return values that `schema`, of one field, admits."""
    found: list[st.SearchStrategy[object]] = []
    for branch in branches(schema):
        match branch:
            case {"pattern": pattern}:
                text = st.from_regex(pattern.removeprefix("^").removesuffix("$"), fullmatch=True)
                found.append(text.filter(partial(_no_longer, branch.get("maxLength"))))
            case {"enum": values}:
                found.append(st.sampled_from(values))
            case {"const": value}:
                found.append(st.just(value))
            case {"type": "null"}:
                found.append(st.none())
            case {"type": "integer"}:
                found.append(st.integers(branch["minimum"], branch["maximum"]))
            case {"type": "array"}:
                items = fitting(branch["items"])
                found.append(st.lists(items, unique=True, max_size=branch.get("maxItems")))
            case _:
                raise AssertionError(f"nothing makes values of {branch}")
    return st.one_of(found)


OTHER = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 60_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["never", "jwt", "10.1.0.0/16", "10.1.0.0/255.255.0.0", "2026-01-01T00:00:00Z", "a.b", "nginx"]
    ),
    st.lists(st.sampled_from(["events", "kms", "logs", "x"]), max_size=3),
    st.just({}),
)
OWN = {
    (model, field): schema
    for model in ("Silo", "Fargate", "TenantDatabase", "EnvironmentDatabase", "Platform", "Retired")
    for field, schema in fields(model).items()
    # A destination's network has no bits of a host, which no pattern says.
    # Hosts of a tenant's own need a platform with a certificate of the same region, which no schema says.
    if not any("$ref" in branch for branch in branches(schema)) and "$ref" not in schema.get("items", {})
} | {
    ("Tenant", "created_at"): fields("Tenant")["created_at"],
    ("Registry", "created_at"): SCHEMA["properties"]["created_at"],
}


def registry_with(model: str, field: str, value: object) -> dict[str, object]:
    """Return a registry with `value` for `field` of the entry that `model` describes."""
    own = {field: value}
    silo, fargate = {"cidr": "10.1.0.0/16"}, {"listener_priority": 1}
    tenant = {
        "silo": {**silo, **(own if model == "Silo" else {})},
        "fargate": {
            **fargate,
            **(own if model == "Fargate" else {}),
            **({"database": own} if model == "TenantDatabase" else {}),
        },
        **(own if model == "Tenant" else {}),
    }
    environment: dict[str, object] = {
        "profile": "development",
        "account": "123456789012",
        "region": "eu-west-1",
        **({"database": own} if model == "EnvironmentDatabase" else {}),
    }
    return {
        "environments": {"dev": environment},
        "created_at": value if model == "Registry" else "2026-01-01T00:00:00Z",
        "platform": own if model == "Platform" else {},
        "tenants": {"a": tenant},
        "retired": {"b": own} if model == "Retired" else {},
    }


def beyond_patterns(field: str, value: object) -> bool:
    """Return whether `value` has a pattern's form and is still none: what no pattern can say.

    A date that no calendar has or that has no moment in UTC, and an image whose name is an address or this machine.
    """
    if field == "created_at":
        try:
            datetime.fromisoformat(str(value)).astimezone(UTC)
        except (ValueError, OverflowError):
            return True
    if field == "image":
        name = str(value).split("@", maxsplit=1)[0].rsplit(":", 1)[0]
        if str(value).startswith("localhost/"):
            return True
        return len(name.split(".")) == 4 and name.replace(".", "").isdigit()
    return False


@given(st.data())
def test_the_models_take_what_the_schema_takes(data: st.DataObject) -> None:
    model, field = data.draw(st.sampled_from(sorted(OWN)))
    value = data.draw(fitting(OWN[model, field]))
    assume(not beyond_patterns(field, value))
    registry = registry_with(model, field, value)
    assert VALIDATOR.is_valid(registry)
    assert by_models(registry)


@given(st.sampled_from(sorted(OWN)), OTHER)
def test_the_models_refuse_what_the_schema_refuses(place: tuple[str, str], value: object) -> None:
    registry = registry_with(*place, value)
    assume(not beyond_patterns(place[1], value))
    # For JSON Schema 1.0 is an integer; for the registry it is none, which is stricter.
    assume(not (isinstance(value, float) and value.is_integer()))
    assert VALIDATOR.is_valid(registry) == by_models(registry)


@given(
    st.from_regex(SCHEMA["properties"]["tenants"]["propertyNames"]["pattern"], fullmatch=True),
    st.text(max_size=8),
)
def test_ids_of_tenants_are_the_same_for_both(fits: str, text: str) -> None:
    for id_ in (fits, text, f"{fits}-{text}"):
        registry = {
            **registry_with("Silo", "cidr", "10.1.0.0/16"),
            "tenants": {id_: {"silo": {"cidr": "10.1.0.0/16"}}},
        }
        assert VALIDATOR.is_valid(registry) == by_models(registry)


def test_every_private_network_of_a_silos_size_fits_the_pattern() -> None:
    """The pattern is written by hand from octets; the ranges are counted here."""
    private = [ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
    of_size = {
        length: [net for block in private for net in block.subnets(new_prefix=length)]
        for length in (16, 19, 22)
    }
    for networks in of_size.values():
        for network in (*networks[:: max(1, len(networks) // 300)], networks[-1]):
            assert VALIDATOR.is_valid(registry_with("Silo", "cidr", str(network)))
    for outside in (
        "9.255.0.0/16",
        "11.0.0.0/16",
        "172.15.0.0/16",
        "172.32.0.0/16",
        "192.169.0.0/16",
        "10.0.0.0/15",
    ):
        assert not VALIDATOR.is_valid(registry_with("Silo", "cidr", outside))


def test_the_shipped_registry_is_right_for_both() -> None:
    assert VALIDATOR.is_valid(SHIPPED)
    assert by_models(SHIPPED)
