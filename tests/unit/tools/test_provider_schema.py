"""The provider's schema in the prover's catalogue is the schema of the provider that the stacks lock."""

from __future__ import annotations

import json

import pytest

from tests.isolation.stacks import documents
from tools.provider_schema import SCHEMA, cut, read_from_provider, rendered, types

BLOCK = {
    "attributes": {
        "id": {"type": "string", "optional": True, "computed": True},
        "arn": {"type": "string", "computed": True},
        "name": {"type": "string", "required": True},
        "ingress": {
            "type": ["set", ["object", {"port": "number", "peers": ["set", "string"]}]],
            "optional": True,
        },
        "tags": {"type": ["map", "string"], "optional": True},
    },
    "block_types": {
        "none": {"block": {}},
        "rule": {
            "block": {"block_types": {"filter": {"block": {"attributes": {"prefix": {"optional": True}}}}}}
        },
    },
}


def test_only_what_a_configuration_may_set_is_kept_with_its_path() -> None:
    schemas = {
        "provider": {"block": BLOCK},
        "resource_schemas": {type_: {"block": BLOCK} for type_ in types()},
    }
    found = cut({"provider_schemas": {"registry.example/hashicorp/aws": schemas}}, "1.2.3")
    paths = ["ingress.peers", "ingress.port", "name", "none", "rule.filter.prefix", "tags"]
    assert found["version"] == "1.2.3"
    assert found["provider"] == paths
    assert found["resources"] == dict.fromkeys(types(), paths)
    assert json.loads(rendered(found)) == found


def test_its_version_is_the_one_that_the_stacks_lock() -> None:
    version = json.loads(SCHEMA.read_text())["version"]
    locked = {
        document["terraform"]["required_providers"]["aws"]["version"] for document in documents().values()
    }
    assert locked == {version}


def test_it_names_every_type_of_the_catalogue() -> None:
    assert sorted(json.loads(SCHEMA.read_text())["resources"]) == types()


@pytest.mark.deployment
def test_it_is_what_the_provider_says() -> None:
    assert SCHEMA.read_text() == rendered(read_from_provider())
