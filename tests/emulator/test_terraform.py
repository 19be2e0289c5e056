"""Finding and running Terraform; what is applied to the emulator plans empty."""

import importlib.util
import json
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator import terraform as runner
from emulator.server import Emulator
from emulator.terraform import Installation, Root, Terraform, TerraformError
from tests.emulator import roots


def program(folder: Path, name: str, version: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{json.dumps({'terraform_version': version})}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder as PATH, but for the shell that the programs in it need."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(runner, "find_mirror", lambda *_: None)
    runner.find_installation.cache_clear()
    yield folder
    runner.find_installation.cache_clear()


def test_a_missing_terraform_is_said_in_one_line(path: Path) -> None:
    with pytest.raises(TerraformError) as error:
        runner.find_installation()
    assert str(error.value) == "Terraform >= 1.9 (or OpenTofu) is needed: neither is on PATH"


def test_an_old_terraform_is_said_in_one_line(path: Path) -> None:
    program(path, "terraform", "1.8.5")
    with pytest.raises(TerraformError) as error:
        runner.find_installation()
    assert str(error.value) == f"Terraform >= 1.9 (or OpenTofu) is needed: {path}/terraform is 1.8.5"


def test_opentofu_does_where_terraform_is_too_old(path: Path) -> None:
    program(path, "terraform", "1.5.7")
    program(path, "tofu", "1.9.0")
    found = runner.find_installation()
    assert (found.name, found.version) == ("tofu", (1, 9, 0))


def test_a_mirror_is_found_in_an_implied_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    mirror = tmp_path / "terraform" / "plugins"
    package = mirror / "registry.terraform.example" / "hashicorp" / "aws" / "99.0.0" / runner.platform_name()
    package.mkdir(parents=True)
    assert runner.find_mirror("terraform", version="99.0.0") == mirror


def test_the_search_for_a_mirror_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SEARCH_SECONDS", 0.5)
    started = time.monotonic()
    assert runner.find_mirror("terraform", version="99.0.0") is None
    assert time.monotonic() - started < 2


def environment_of(monkeypatch: pytest.MonkeyPatch, folder: Path, mirror: Path | None) -> dict[str, str]:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("TF_PLUGIN_CACHE_DIR", raising=False)
    monkeypatch.setattr(runner, "PLUGIN_CACHE", folder / "cache")
    installation = Installation(binary=Path("terraform"), version=(1, 11, 4), mirror=mirror)
    return runner.cli_environment(installation, folder)


def test_a_configuration_that_does_not_exist_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))
    environment = environment_of(monkeypatch, tmp_path, Path("/mirror"))
    assert 'path    = "/mirror"' in Path(environment["TF_CLI_CONFIG_FILE"]).read_text()
    assert "TF_PLUGIN_CACHE_DIR" not in environment


def test_without_a_mirror_there_is_one_plugin_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    environment = environment_of(monkeypatch, tmp_path, None)
    assert environment["TF_PLUGIN_CACHE_DIR"] == str(tmp_path / "cache")
    assert (tmp_path / "cache").is_dir()


def test_a_users_own_configuration_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.tfrc"
    own.touch()
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    assert "TF_CLI_CONFIG_FILE" not in environment_of(monkeypatch, tmp_path, Path("/mirror"))


def test_changes_name_what_differs() -> None:
    plan = {
        "resource_changes": [
            {"address": "aws_vpc.a", "change": {"actions": ["no-op"], "before": {}, "after": {}}},
            {
                "address": "aws_vpc.b",
                "change": {"actions": ["update"], "before": {"x": 1, "y": 2}, "after": {"x": 1, "y": 3}},
            },
        ],
        "output_changes": {"name": {"actions": ["create"], "before": None, "after": "v"}},
    }
    assert [str(change) for change in runner.changes_of(plan)] == [
        "aws_vpc.b update: y: 2 -> 3",
        "output.name create: value: None -> 'v'",
    ]


def applied(emulator: Emulator, folder: Path, resources: dict[str, roots.Block]) -> tuple[Root, runner.Plan]:
    """The root after its first apply, and its second plan."""
    with Terraform(emulator.environment(), folder=folder) as terraform:
        root = terraform.root(roots.write_root(folder / "root", resources=resources))
        root.init()
        found = root.validate()
        assert (found.errors, found.warnings) == ((), ())
        root.apply()
        return root, root.plan()


@pytest.mark.deployment
def test_a_second_plan_is_empty_with_the_shims_and_differs_where_they_are_missing(
    bare: Emulator, tmp_path: Path
) -> None:
    tenant = roots.network() | roots.data_stores() | roots.api(tmp_path / "tenant")
    # What the shims close, in the resources that apply quickly and without them.
    quick = roots.network() | {
        "aws_s3_bucket.data": {"bucket_prefix": "quick-"},
        "aws_s3_bucket_intelligent_tiering_configuration.data": tenant[
            "aws_s3_bucket_intelligent_tiering_configuration.data"
        ],
        "aws_cloudwatch_metric_alarm.errors": tenant["aws_cloudwatch_metric_alarm.errors"]
        | {"dimensions": {"FunctionName": "api"}},
    }
    del quick["aws_vpc_security_group_egress_rule.s3"]
    # The provider waits for minutes in all, idle: side by side they cost one minute.
    with ThreadPoolExecutor() as pool, Emulator() as first, Emulator() as second:
        runs = [
            pool.submit(applied, first, tmp_path / "tenant", tenant),
            pool.submit(applied, second, tmp_path / "platform", roots.platform()),
            pool.submit(applied, bare, tmp_path / "bare", quick),
        ]
        plans = [run.result()[1] for run in runs]
    assert plans[0].empty, plans[0]
    assert plans[1].empty, plans[1]
    assert {change.address for change in plans[2].changes} == {
        "aws_cloudwatch_metric_alarm.errors",
        "aws_flow_log.vpc",
        "aws_s3_bucket_intelligent_tiering_configuration.data",
        "aws_vpc_endpoint.kms",
        "aws_vpc_endpoint.s3",
    }


@pytest.mark.deployment
def test_a_root_is_applied_read_and_destroyed(shimmed: Emulator, tmp_path: Path) -> None:
    with Terraform(shimmed.environment()) as terraform:
        parameter = {"name": "/greeting", "type": "String", "value": "hello"}
        folder = roots.write_root(
            tmp_path,
            resources={"aws_ssm_parameter.greeting": parameter},
            outputs={"arn": "${aws_ssm_parameter.greeting.arn}"},
        )
        root = terraform.root(folder)
        root.init()
        assert root.addresses() == []
        plan = root.plan()
        assert [change.actions for change in plan.changes] == [("create",), ("create",)]
        root.apply()
        assert root.addresses() == ["aws_ssm_parameter.greeting", "data.aws_caller_identity.current"]
        assert root.outputs()["arn"].endswith(":parameter/greeting")
        roots.write_root(tmp_path, resources={"aws_ssm_parameter.greeting": parameter | {"value": "bye"}})
        changed = {change.address: change for change in root.plan().changes}
        assert changed["aws_ssm_parameter.greeting"].actions == ("update",)
        root.destroy()
        assert root.addresses() == []


@pytest.mark.deployment
def test_a_failure_shows_the_last_lines_and_an_overrun_leaves_no_lock(
    shimmed: Emulator, tmp_path: Path
) -> None:
    with Terraform(shimmed.environment()) as terraform:
        slow = {"name": "slow", "message_retention_seconds": 600}  # the provider waits 25 s for it
        root = terraform.root(roots.write_root(tmp_path, resources={"aws_sqs_queue.slow": slow}))
        root.init()
        with pytest.raises(TerraformError, match=r"took longer than 8 s:(?s:.*)aws_sqs_queue\.slow"):
            root.apply(timeout=8)
        # Interrupted, not killed: what exists is in the state, and nothing holds its lock.
        assert "aws_sqs_queue.slow" in root.addresses()
        assert not list(tmp_path.glob("*.lock.info"))
        roots.write_root(tmp_path, resources={"aws_ssm_parameter.bad": {"name": "bad", "type": "Nothing"}})
        with pytest.raises(TerraformError, match=r"(?s)terraform plan in .* failed:.*Nothing"):
            root.plan("-target=aws_ssm_parameter.bad")


def test_the_provider_is_the_one_that_the_bindings_bind() -> None:
    package = importlib.util.find_spec("cdktf_cdktf_provider_aws")
    assert package
    assert package.origin
    assert f"hashicorp/aws provider version {runner.PROVIDER_VERSION}\n" in Path(package.origin).read_text()
