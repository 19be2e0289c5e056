"""Finding Terraform and its provider, and reading plans."""

import importlib.util
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from terraform import binary, configuration, mirror
from terraform.binary import Installation
from terraform.enduring import plain_environment
from terraform.errors import TerraformError
from terraform.plans import changes_of
from terraform.versions import PROVIDER_VERSION


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
    monkeypatch.setattr(binary, "find_mirror", lambda *_: None)
    binary.find_installation.cache_clear()
    yield folder
    binary.find_installation.cache_clear()


def test_a_missing_terraform_is_said_in_one_line(path: Path) -> None:
    with pytest.raises(TerraformError) as error:
        binary.find_installation()
    assert str(error.value) == "Terraform >= 1.10 (or OpenTofu) is needed: neither is on PATH"


def test_an_old_terraform_is_said_in_one_line(path: Path) -> None:
    program(path, "terraform", "1.8.5")
    with pytest.raises(TerraformError) as error:
        binary.find_installation()
    assert str(error.value) == f"Terraform >= 1.10 (or OpenTofu) is needed: {path}/terraform is 1.8.5"


def test_opentofu_does_where_terraform_is_too_old(path: Path) -> None:
    program(path, "terraform", "1.5.7")
    program(path, "tofu", "1.10.0")
    found = binary.find_installation()
    assert (found.name, found.version) == ("tofu", (1, 10, 0))


def test_a_mirror_is_found_in_an_implied_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    plugins = tmp_path / "terraform" / "plugins"
    package = plugins / "registry.terraform.example" / "hashicorp" / "aws" / "99.0.0" / mirror.platform_name()
    package.mkdir(parents=True)
    assert mirror.find_mirror("terraform", version="99.0.0") == plugins


def test_the_search_for_a_mirror_is_bounded_in_depth_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/b/c", "d", ".git/e"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(mirror, "SEARCH_DEPTH", 2)
    found = {str(folder.relative_to(tmp_path)) for folder in mirror._folders(tmp_path)}
    assert found == {".", "a", "a/b", "d"}
    monkeypatch.setattr(mirror, "SEARCH_FOLDERS", 3)
    assert len(list(mirror._folders(tmp_path))) == 3


def environment_of(
    monkeypatch: pytest.MonkeyPatch, folder: Path, mirror: Path | None, *, program: str = "terraform"
) -> dict[str, str]:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("TF_PLUGIN_CACHE_DIR", raising=False)
    monkeypatch.setattr(configuration, "PLUGIN_CACHE", folder / "cache")
    installation = Installation(binary=Path(program), version=(1, 11, 4), mirror=mirror)
    return configuration.cli_environment(installation, folder)


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


@pytest.mark.parametrize(
    ("file", "programs"),
    [
        (".terraformrc", {"terraform", "tofu"}),
        (".tofurc", {"tofu"}),
        ("configuration/opentofu/tofurc", {"tofu"}),
    ],
)
def test_each_program_has_files_of_its_own_for_a_users_configuration(
    file: str, programs: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).touch()
    for program in ("terraform", "tofu"):
        environment = environment_of(monkeypatch, tmp_path, Path("/mirror"), program=program)
        assert ("TF_CLI_CONFIG_FILE" not in environment) == (program in programs)


def test_go_collects_seldom_unless_the_user_says_how_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOGC", raising=False)
    assert environment_of(monkeypatch, tmp_path, Path("/mirror"))["GOGC"] == "400"
    monkeypatch.setenv("GOGC", "50")
    assert environment_of(monkeypatch, tmp_path, Path("/mirror"))["GOGC"] == "50"


def test_nothing_has_terraform_write_a_log_or_do_something_else() -> None:
    given = {
        "TF_LOG": "trace",
        "TF_LOG_PATH": "log",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_WORKSPACE": "w",
        "A": "b",
    }
    assert plain_environment(given | {"TF_CLI_CONFIG_FILE": "c"}) == {"A": "b", "TF_CLI_CONFIG_FILE": "c"}


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
    assert [str(change) for change in changes_of(plan)] == [
        "aws_vpc.b update: y: 2 -> 3",
        "output.name create: value: None -> 'v'",
    ]


def test_the_provider_is_the_one_that_the_bindings_bind() -> None:
    package = importlib.util.find_spec("cdktf_cdktf_provider_aws")
    assert package
    assert package.origin
    assert f"hashicorp/aws provider version {PROVIDER_VERSION}\n" in Path(package.origin).read_text()
