"""Whatever is in a root module beside resources is known, or costs the proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import isolation.catalogue
from isolation.catalogue.arguments.listed import uses_of
from isolation.catalogue.root_modules import PROVIDER, PROVIDER_VERSION
from isolation.inventory.reading import take_inventory
from isolation.synthesized.input_error import InputError
from isolation.synthesized.reading import read_documents
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import ACME, resource
from tests.isolation.stacks import Documents, documents, written

SCHEMA = json.loads((Path(isolation.catalogue.__file__).parent / "provider_schema.json").read_text())


def gaps(stacks: Documents) -> list[tuple[str | None, str]]:
    return take_inventory(stacks, "9" * 12).gaps


def provider(stacks: Documents) -> dict[str, Any]:
    body: dict[str, Any] = stacks[ACME]["provider"]["aws"][0]
    return body


def test_each_argument_of_the_provider_itself_is_in_a_list_and_no_other() -> None:
    assert SCHEMA["version"] == PROVIDER_VERSION
    assert set(uses_of(PROVIDER)) - {"//", "alias"} == set(SCHEMA["provider"])


@pytest.mark.parametrize(
    ("argument", "value", "said"),
    [
        ("alias", "other", "argument provider.alias is not modelled"),
        ("assume_role", [{"role_arn": "x"}], "argument provider.assume_role.role_arn is not modelled"),
        ("made_up", 1, "argument provider.made_up is in no list of the catalogue"),
        ("region", "${var.region}", "provider.region is '${var.region}', expected the name of a region"),
        ("region", None, "provider.region is None, expected the name of a region"),
        ("region", "us-gov-west-1", "provider.region is 'us-gov-west-1', expected the name of a region"),
        ("region", "cn-north-1", "provider.region is 'cn-north-1', expected the name of a region"),
        (
            "default_tags",
            [{"tags": "${local.tags}"}],
            "argument provider.default_tags.tags is known at deploy",
        ),
        (
            "default_tags",
            [{"tags": {}}, {"tags": {}}],
            "argument provider.default_tags is there more than once",
        ),
    ],
)
def test_a_provider_that_chooses_another_place_is_unknown(argument: str, value: object, said: str) -> None:
    stacks = documents()
    provider(stacks)[argument] = value
    assert any(text.startswith(f"{ACME}: {said}") for _, text in gaps(stacks))


def test_a_second_provider_before_the_default_one_is_unknown() -> None:
    stacks = documents()
    stacks[ACME]["provider"]["aws"].insert(0, {"alias": "other", "region": "eu-west-1"})
    assert analyse(stacks).verdict == "UNKNOWN"
    del stacks[ACME]["provider"]
    assert any("0 configurations of the provider aws" in text for _, text in gaps(stacks))


@pytest.mark.parametrize(
    ("block", "value", "said"),
    [
        ("removed", [{"from": "aws_iam_role.x"}], "block removed is not modelled"),
        ("ephemeral", {"random_password": {"x": {}}}, "block ephemeral is not modelled"),
        ("terraform", {"provider_meta": {}}, "block terraform.provider_meta is not modelled"),
        (
            "terraform",
            {"required_providers": {"aws": "~> 4.0"}},
            "provider version ~> 4.0; the catalogue lists",
        ),
        (
            "terraform",
            {"required_providers": {"aws": {"source": "me/aws"}}},
            "the provider me/aws is not modelled",
        ),
        ("provider", {"aws": [{"region": "us-east-1"}], "null": [{}]}, "the provider null is not modelled"),
    ],
)
def test_a_block_that_is_not_read_is_unknown(block: str, value: object, said: str) -> None:
    stacks = documents()
    stacks[ACME][block] = value
    assert any(text.startswith(f"{ACME}: {said}") for _, text in gaps(stacks))


@pytest.mark.parametrize("block", ["locals", "moved", "import", "variable"])
def test_a_block_that_makes_no_resource_costs_nothing(block: str) -> None:
    stacks = documents()
    stacks[ACME][block] = {}
    assert not gaps(stacks)


def test_a_data_source_that_is_not_known_is_unknown() -> None:
    stacks = documents()
    stacks[ACME].setdefault("data", {})["external"] = {"x": {"program": ["x"]}}
    assert gaps(stacks) == [("acme-corp", f"{ACME}/data.external.x: data source external is not modelled")]
    del stacks[ACME]["data"]["external"]
    stacks[ACME]["data"]["aws_region"] = {"x": {"name": "eu-west-1"}}
    assert gaps(stacks) == [("acme-corp", f"{ACME}/data.aws_region.x: argument name is not modelled")]


def test_a_file_that_is_not_the_one_that_is_read_is_unknown(tmp_path: Path) -> None:
    folder = written(tmp_path, documents())
    for name in (".terraform.lock.hcl", "terraform.tfstate", "plan"):
        (folder / "stacks" / ACME / name).touch()
    assert not gaps(read_documents(folder))
    (folder / "stacks" / ACME / "main.tf").touch()
    (folder / "stacks" / ACME / "terraform.auto.tfvars").touch()
    found = gaps(read_documents(folder))
    assert ("acme-corp", f"{ACME}: the file main.tf is not read") in found
    assert ("acme-corp", f"{ACME}: the file terraform.auto.tfvars is not read") in found
    (folder / "stacks" / "forgotten").mkdir()
    with pytest.raises(InputError, match=r"forgotten/cdk\.tf\.json"):
        read_documents(folder)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ("${local.tags}", "tags that are known at deployment"),
        ({"${var.tag}": "x"}, "a tag that is known at deployment"),
        ({"tenant_id": "retail-co"}, "tags of more than one tenant, acme-corp and retail-co"),
        ({"TENANTID": "retail-co"}, "tag TENANTID, expected tenant_id or TenantId"),
    ],
)
def test_whose_a_resource_is_must_be_known(tags: object, said: str) -> None:
    stacks = documents()
    resource(stacks, ACME, "aws_iam_role")["tags"] = tags
    assert any(text.endswith(said) for _, text in gaps(stacks)), gaps(stacks)


def test_the_same_tenant_by_both_tags_is_known() -> None:
    stacks = documents()
    resource(stacks, ACME, "aws_iam_role")["tags"] = {"TenantId": "acme-corp", "tenant_id": "acme-corp"}
    assert not gaps(stacks)
