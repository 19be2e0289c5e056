"""The lists of arguments are the provider's arguments: none is missing, none is made up, none is listed twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import isolation.catalogue
from isolation.catalogue.arguments.api_gateway import API_GATEWAY
from isolation.catalogue.arguments.databases import DATABASES
from isolation.catalogue.arguments.front import FRONT
from isolation.catalogue.arguments.identities import IDENTITIES
from isolation.catalogue.arguments.listed import LISTED, uses_of
from isolation.catalogue.arguments.messages import MESSAGES
from isolation.catalogue.arguments.network import NETWORK
from isolation.catalogue.arguments.storage import STORAGE
from isolation.catalogue.arguments.uses import OF_ALL, Use
from isolation.catalogue.arguments.values import VALUES
from isolation.catalogue.arguments.workloads import WORKLOADS
from isolation.inventory.gaps import gaps_of
from isolation.inventory.reading import take_inventory
from isolation.synthesized.stack import SynthesizedResource
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import ACME, PLATFORM, resource
from tests.isolation.stacks import Documents, documents

CATALOGUE = Path(isolation.catalogue.__file__).parent
SCHEMA = json.loads((CATALOGUE / "provider_schema.json").read_text())["resources"]
TABLES = (API_GATEWAY, DATABASES, FRONT, IDENTITIES, MESSAGES, NETWORK, STORAGE, WORKLOADS)


@pytest.mark.parametrize("type_", sorted(SCHEMA))
def test_each_argument_of_the_provider_is_in_a_list_and_no_other(type_: str) -> None:
    of_all = set(uses_of(OF_ALL))
    assert set(SCHEMA[type_]) - set(LISTED[type_]) == set()
    assert set(LISTED[type_]) - set(SCHEMA[type_]) - of_all == set()


def test_each_type_is_in_one_table_and_each_argument_in_one_list() -> None:
    assert sorted(type_ for table in TABLES for type_ in table) == sorted(SCHEMA)
    for table in TABLES:
        for type_, arguments in table.items():
            counted = Counter(
                path for paths in [*arguments.values(), *OF_ALL.values()] for path in paths.split()
            )
            assert {path for path, count in counted.items() if count > 1} == set(), type_


# Who has an argument that nobody looked at is not proved


def gaps(stacks: Documents) -> list[str]:
    return [text.partition(": ")[2] for _, text in take_inventory(stacks, "9" * 12).gaps]


@pytest.mark.parametrize("type_", sorted(SCHEMA))
def test_an_argument_that_is_in_no_list_is_named_with_its_path(type_: str) -> None:
    for block in sorted({path.rpartition(".")[0] for path in SCHEMA[type_]}):
        body: dict[str, Any] = {"made_up": "x"}
        for name in reversed(block.split(".")) if block else ():
            body = {name: [body]}
        path = f"{block}.made_up" if block else "made_up"
        found = list(gaps_of(SynthesizedResource("stack", type_, "added", body, {}, None)))
        assert found[-1:] == [f"stack/{type_}.added: argument {path} is in no list of the catalogue"]


def test_a_made_up_argument_costs_the_proof() -> None:
    stacks = documents()
    resource(stacks, ACME, "aws_sqs_queue")["made_up"] = True
    report = analyse(stacks)
    assert report.verdict == "UNKNOWN"
    assert "made_up" in report.findings["retail-co", "acme-corp", "other"].because[0]


@pytest.mark.parametrize("profile", ["development", "production"])
def test_a_made_up_argument_of_any_resource_is_named_with_its_path(profile: str) -> None:
    stacks = documents(profile)
    expected = set()
    for id_, document in stacks.items():
        for type_, named in document["resource"].items():
            for name, body in named.items():
                body["made_up"] = "x"
                expected.add(f"{id_}/{type_}.{name}: argument made_up is in no list of the catalogue")
    assert {text for _, text in take_inventory(stacks, "9" * 12).gaps} == expected


@pytest.mark.parametrize(
    ("ignored", "unknown"),
    [(["desired_count"], False), ("all", True), (["task_definition"], True), (['tags["TenantId"]'], True)],
)
def test_a_change_that_is_ignored_may_be_deployed_otherwise(ignored: object, unknown: bool) -> None:
    stacks = documents()
    resource(stacks, PLATFORM, "aws_ecs_service")["lifecycle"] = {"ignore_changes": ignored}
    assert any("lifecycle.ignore_changes" in gap for gap in gaps(stacks)) == unknown


def test_an_argument_that_is_null_is_not_set() -> None:
    stacks = documents()
    resource(stacks, ACME, "aws_sqs_queue")["count"] = None
    assert not gaps(stacks)


@pytest.mark.parametrize(
    ("type_", "changes", "said"),
    [
        ("aws_ecs_service", {"launch_type": "EC2"}, "argument launch_type is 'EC2'"),
        (
            "aws_ecs_service",
            {"launch_type": None},
            "no argument capacity_provider_strategy.capacity_provider or",
        ),
        ("aws_ecs_service", {"launch_type": "${var.type}"}, "argument launch_type is '${var.type}'"),
        ("aws_ecs_task_definition", {"network_mode": "host"}, "argument network_mode is 'host'"),
        ("aws_ecs_task_definition", {"pid_mode": "host"}, "argument pid_mode is 'host'"),
        ("aws_lb_listener_rule", {"action": [{"type": "authenticate-oidc"}]}, "argument action.type is"),
        (
            "aws_lb_listener_rule",
            {"action": [{"type": "redirect", "redirect": [{"host": "elsewhere.example"}]}]},
            "argument action.redirect.host is 'elsewhere.example'",
        ),
    ],
)
def test_a_value_that_is_not_harmless_is_unknown(type_: str, changes: dict[str, Any], said: str) -> None:
    stacks = documents()
    resource(stacks, PLATFORM, type_).update(changes)
    assert any(gap.startswith(said) for gap in gaps(stacks)), gaps(stacks)


def test_tasks_on_fargate_by_a_strategy_stay_proved() -> None:
    stacks = documents()
    service = resource(stacks, PLATFORM, "aws_ecs_service")
    del service["launch_type"]
    service["capacity_provider_strategy"] = [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]
    assert not gaps(stacks)


def test_what_is_listed_as_read_is_read_somewhere() -> None:
    """By the argument's own name, or with all that a table of the catalogue holds it to."""
    package = CATALOGUE.parent
    code = "".join(
        file.read_text()
        for file in sorted(package.rglob("*.py"))
        if file.parent.name != "arguments" and file.name != "kinds.py"
    )
    unread = {
        (type_, path)
        for type_, uses in LISTED.items()
        for path, use in uses.items()
        if use in {Use.READ, Use.POLICY}
        and f'"{path.rpartition(".")[2].removesuffix("_prefix")}"' not in code
        and not path.startswith("constraints.")  # a grant with constraints is in doubt as a whole
        and path != "lifecycle.ignore_changes"
        and (type_, path) not in VALUES
    }
    assert unread == set()
