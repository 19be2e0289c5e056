"""The command that the cdktf command line runs: what it writes, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import main
from config.problems import shortened
from progress.showing import OFF
from synthesis.output import prepare
from synthesis.provider_lock import lock_text
from tenancy.versions import AWS_PROVIDER, AWS_PROVIDER_HASHES
from tests.guards import GUARD_SECONDS
from tests.synthesis import IMAGE

ONE_OF_EACH = f"""\
created_at: '2026-01-01T00:00:00Z'
platform: {{}}
tenants:
  only: {{silo: {{cidr: 10.1.0.0/16}}}}
  shared: {{fargate: {{listener_priority: 1, image: '{IMAGE}'}}}}
"""
ROOT = Path(__file__).resolve().parents[3]
TEN_MISTAKES = """\
created_at: yesterday
tenants:
  Upper: {silo: {cidr: 10.1.0.0/16}}
  public: {silo: {cidr: 9.9.0.0/16}}
  tiny: {silo: {cidr: 10.2.0.0/28}}
  one: {silo: {cidr: 10.3.0.0/16}}
  two: {silo: {cidr: 10.3.0.0/20}}
  typo: {silo: {cidr: 10.4.0.0/16, concurrency: 1}}
  zero: {silo: {cidr: 10.5.0.0/16, reserved_concurrency: 0}}
  homeless: {fargate: {listener_priority: 1}}
  empty: {}
  back: {silo: {cidr: 10.6.0.0/16}}
retired:
  back: {}
"""


def run(outdir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "main.py"],
        cwd=ROOT,
        env={**inherited, **OFF, "CDKTF_OUTDIR": str(outdir), "SYNTH_CACHE": "off", **variables},
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


def run_here(outdir: Path, **variables: str) -> int:
    """Run the command in this process, in which cdktf has counted other stacks' references before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            os,
            "environ",
            {"CDKTF_OUTDIR": str(outdir), "SYNTH_PROCESSES": "1", "SYNTH_CACHE": "off", **variables},
        )
        return main.main()


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry other than the repository's: one silo, and the platform with one tenant."""
    file = tmp_path_factory.mktemp("registry") / "other.yaml"
    file.write_text(ONE_OF_EACH)
    return str(file)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, registry: str) -> Path:
    """What one process wrote of that registry."""
    outdir = tmp_path_factory.mktemp("first") / "out"
    result = run(outdir, TENANT_REGISTRY=registry, SYNTH_PROCESSES="1", PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert "end-of-life" not in result.stderr
    return outdir


def test_the_registry_that_is_named_is_read(written: Path) -> None:
    assert {path.name for path in (written / "stacks").iterdir()} == {
        "tenant-only-test",
        "shared-platform-test",
    }


def test_two_syntheses_give_the_same_bytes(written: Path, registry: str, tmp_path: Path) -> None:
    """In two processes, with different hash seeds and time zones, and in different folders."""
    outdir = tmp_path / "elsewhere" / "second"
    outdir.parent.mkdir()
    assert run_here(outdir, TENANT_REGISTRY=registry) == 0
    assert digests(written) == digests(outdir)
    assert {"stacks/tenant-only-test/cdk.tf.json", "manifest.json"} <= set(digests(written))


def test_each_stack_locks_its_provider(written: Path) -> None:
    locks = {path.parent.name: path.read_text() for path in written.glob("stacks/*/.terraform.lock.hcl")}
    assert set(locks) == {"tenant-only-test", "shared-platform-test"}
    assert set(locks.values()) == {lock_text(AWS_PROVIDER, AWS_PROVIDER_HASHES)}


def test_only_the_stacks_asked_for_are_written_with_the_same_bytes(
    written: Path, registry: str, tmp_path: Path
) -> None:
    assert run_here(tmp_path, TENANT_REGISTRY=registry, STACKS="tenant-only-test") == 0
    chosen = digests(tmp_path / "stacks")
    assert {name.split("/")[0] for name in chosen} == {"tenant-only-test"}
    assert chosen.items() <= digests(written / "stacks").items()


def test_ten_mistakes_in_the_registry_print_ten_lines_and_write_nothing(tmp_path: Path) -> None:
    registry = tmp_path / "broken.yaml"
    registry.write_text(TEN_MISTAKES)
    result = run(tmp_path / "out", TENANT_REGISTRY=str(registry))
    assert result.returncode == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 10
    for line in lines:
        assert line.startswith(f"{registry}:")
        assert ": received " in line
        assert ", expected " in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"TENANT_REGISTRY": "nowhere.yaml"},
            "TENANT_REGISTRY: received 'nowhere.yaml', expected the path of a tenant registry\n",
        ),
        (
            {"ENVIRONMENT_SUFFIX": "my_env"},
            "ENVIRONMENT_SUFFIX: received 'my_env', expected 1 to 12 lowercase letters and digits, such as 'dev' "
            "or 'pr123'\n",
        ),
    ],
)
def test_a_bad_environment_is_one_line_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], variables: dict[str, str], message: str
) -> None:
    assert run_here(tmp_path / "out", **variables) == 2
    assert capsys.readouterr() == ("", message)
    assert not (tmp_path / "out").exists()


def test_a_stack_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(tmp_path / "out", STACKS="tenant-retail-co-test,tenant-nobody-test") == 2
    assert capsys.readouterr().err == (
        "STACKS: received 'tenant-nobody-test', expected stacks of the registry: tenant-acme-corp-test, "
        "tenant-retail-co-test, tenant-tech-startup-test, shared-platform-test\n"
    )
    assert not (tmp_path / "out").exists()


def test_an_output_folder_below_a_missing_one_is_made(tmp_path: Path) -> None:
    prepare(tmp_path / "missing" / "out")
    assert (tmp_path / "missing" / "out" / "stacks").is_dir()


@pytest.mark.parametrize("place", ["file", "file/out", "taken"])
def test_an_output_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "stacks").write_text("")
    assert run_here(tmp_path / place, STACKS="tenant-retail-co-test") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"CDKTF_OUTDIR: received {shortened(repr(str(tmp_path / place)))}, expected a folder"
    )


def test_a_wrong_file_of_limits_is_said_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tenants.yaml").write_text(ONE_OF_EACH)
    (tmp_path / "fleet.yaml").write_text("limits: 5")
    assert run_here(tmp_path / "out", TENANT_REGISTRY=str(tmp_path / "tenants.yaml")) == 2
    assert not (tmp_path / "out").exists()
    expected = "fleet.yaml:1: limits: received 5, expected a mapping from codes of quotas to numbers\n"
    assert capsys.readouterr() == ("", expected)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            RuntimeError("Error: ENOSPC: no space left on device, write"),
            "output: received no space left on device, expected somewhere that takes it\n",
        ),
        (
            RuntimeError("Error: EROFS: read-only file system, open '/out/cdk.tf.json'"),
            "/out/cdk.tf.json: received read-only file system, expected a file, folder or program that can be used\n",
        ),
        (
            OSError(28, "No space left on device"),
            "output: received No space left on device, expected somewhere that takes it\n",
        ),
    ],
    ids=["Node.js, no path", "Node.js, a path", "Python"],
)
def test_what_the_machine_refuses_is_one_line(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(main, "write_stacks", refuse)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    assert main.main() == 2
    assert capsys.readouterr() == ("", said)


def test_a_defect_is_no_refusal_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("Error: Expected object reference, got null")

    monkeypatch.setattr(main, "write_stacks", fail)
    with pytest.raises(RuntimeError, match="object reference"):
        main.main()


def test_a_disk_that_takes_no_more_is_one_line(tmp_path: Path) -> None:
    """No file may be larger than a block, wherever it is: jsii cannot even unpack its runtime."""
    limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)); "
    started = limited + "runpy.run_path('main.py', run_name='__main__')"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    found = subprocess.run(
        [sys.executable, "-c", started],
        cwd=ROOT,
        env={**inherited, **OFF, "CDKTF_OUTDIR": str(tmp_path / "out"), "SYNTH_CACHE": "off"},
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "output: received File too large, expected somewhere that takes it\n"
