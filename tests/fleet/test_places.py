"""Where records are: a folder, a table, or a line that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from fleet.__main__ import main
from fleet.release.manifest import Wave
from fleet.rollout.places import rollouts_at, rollouts_of
from fleet.rollout.table import RolloutTable
from fleet.rollout.waves_input import waves_input

WAVES = (
    Wave(name="canary", stacks=("a",), tolerated=0, bake_minutes=1.5),
    Wave(name="50%", stacks=("b", "c"), tolerated=1, bake_minutes=0),
    Wave(name="100%", stacks=("d",), tolerated=0, bake_minutes=0),
)


def test_a_folder_and_a_table(tmp_path: Path) -> None:
    assert rollouts_at(str(tmp_path)).path == tmp_path
    table = rollouts_at("dynamodb://delivery-records-prod", region="eu-west-1")
    assert isinstance(table, RolloutTable)
    assert (table.table, table.region) == ("delivery-records-prod", "eu-west-1")


@pytest.mark.parametrize("delivers", [True, False])
def test_where_nobody_says_it_they_are_in_the_table_of_the_environments_delivery(
    tmp_path: Path, delivers: bool
) -> None:
    delivery = {
        "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/deployer@sha256:{'0' * 64}",
        "deployer_role_arn": "arn:aws:iam::123456789012:role/deployer",
    }
    prod = {
        "profile": "development",
        "account": "123456789012",
        "region": "eu-west-1",
        "state_bucket": "states",
        **({"delivery": delivery} if delivers else {}),
    }
    registry = tmp_path / "tenants.yaml"
    registry.write_text(
        json.dumps(
            {
                "created_at": "2026-01-01T00:00:00Z",
                "environments": {"prod": prod},
                "tenants": {"acme": {"silo": {"cidr": "10.1.0.0/16"}}},
            }
        )
    )
    environment = {"TENANT_REGISTRY": str(registry), "ENVIRONMENT_SUFFIX": "prod"}
    found = rollouts_of(None, environment, root=tmp_path)
    table = (found.table, found.region) if isinstance(found, RolloutTable) else None
    assert table == (("delivery-records-prod", "eu-west-1") if delivers else None)
    assert rollouts_of(str(tmp_path), environment, root=tmp_path).path == tmp_path


@pytest.mark.parametrize("place", ["dynamodb://", "dynamodb://a/b", "dynamodb://a b"])
def test_what_is_no_table_is_one_line(place: str) -> None:
    with pytest.raises(ConfigurationError, match="--folder: received"):
        rollouts_at(place)


@pytest.mark.parametrize("command", [["status"], ["drift"]])
def test_an_environment_without_a_delivery_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = tmp_path / "tenants.yaml"
    registry.write_text(
        json.dumps(
            {"created_at": "2026-01-01T00:00:00Z", "tenants": {"acme": {"silo": {"cidr": "10.1.0.0/16"}}}}
        )
    )
    monkeypatch.setenv("TENANT_REGISTRY", str(registry))
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "test")
    assert main([*command, "--engine=step-functions"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "fleet: environment test: received 'no delivery', expected 'delivery' in its entry"
    )
    assert said.count("\n") == 1


def test_an_execution_gets_what_is_left_of_each_wave() -> None:
    given = waves_input("0" * 64, WAVES, to_begin={"c", "d"}, failed={"b"}, concurrency=3)
    document = json.loads(given.text)
    assert document["release"] == "0" * 64
    first, second = document["waves"]
    assert (first["tolerated"], first["concurrency"], first["bake_seconds"]) == ("0", 3, 0)
    assert (second["tolerated"], second["bake_seconds"]) == ("0", 0)
    assert [json.loads(given.lists[wave["stacks"]]) for wave in (first, second)] == [["c"], ["d"]]


def test_the_pause_after_a_wave_is_in_seconds_and_the_same_stacks_are_one_list() -> None:
    given = [
        waves_input("0" * 64, WAVES, to_begin={"a"}, failed=(), concurrency=4),
        waves_input("1" * 64, WAVES, to_begin={"a"}, failed=(), concurrency=4),
    ]
    assert [json.loads(one.text)["waves"][0]["bake_seconds"] for one in given] == [90, 90]
    assert given[0].lists == given[1].lists
