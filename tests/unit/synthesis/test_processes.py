"""Several processes write what one would, or say why they did not."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
import pytest

import main
import synthesis.processes
from config.settings import load_settings
from synthesis.processes import (
    LARGEST_SHARE,
    SMALLEST_SHARE,
    SynthesisError,
    cores,
    deal,
    linked,
    merge,
    synthesize,
)
from tests.synthesis import fargate_registry, registry_with
from tests.unit.stacks.test_main import digests

OLD_MANIFEST = '{"stacks": {}, "version": "before"}'
SILOS = registry_with(
    **{f"tenant_{index}": {"silo": {"cidr": f"10.{index}.0.0/16"}} for index in range(1, 8)}
)
REGISTRY = {
    **SILOS,
    "platform": {},
    "tenants": {**SILOS["tenants"], **fargate_registry("service")["tenants"]},
}


def ids(count: int) -> list[str]:
    return [f"stack-{index}" for index in range(count)]


@pytest.mark.parametrize(
    ("stacks", "processes", "sizes"),
    [
        (1, 8, [1]),
        (2 * SMALLEST_SHARE - 1, 2, [2 * SMALLEST_SHARE - 1]),
        (2 * SMALLEST_SHARE, 2, [SMALLEST_SHARE] * 2),
        (2 * SMALLEST_SHARE, 8, [SMALLEST_SHARE] * 2),
        (501, 2, [251, 250]),
        (500, 1, [500]),
        (LARGEST_SHARE + 1, 1, [LARGEST_SHARE // 2 + 1, LARGEST_SHARE // 2]),
    ],
)
def test_every_stack_is_in_one_share_and_no_share_is_too_small_or_too_large(
    stacks: int, processes: int, sizes: list[int]
) -> None:
    dealt = deal(ids(stacks), processes)
    assert [len(share) for share in dealt] == sizes
    assert sorted(stack for share in dealt for stack in share) == sorted(ids(stacks))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registry of a synthesis, small as it is, in up to three processes."""
    file = tmp_path / "registry" / "tenants.yaml"
    file.parent.mkdir()
    file.write_text(json.dumps(REGISTRY))
    monkeypatch.setattr(synthesis.processes, "SMALLEST_SHARE", 2)
    monkeypatch.setenv("TENANT_REGISTRY", str(file))
    monkeypatch.setenv("SYNTH_CACHE", "off")
    return file


def test_several_processes_write_the_bytes_of_one(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With enough stacks for cdktf's counters to have one digit more in one process than in three.

    What the account is said to allow is asked of the whole, however many processes synthesize parts of it: each share
    alone has fewer VPCs.
    """
    registry.with_name("fleet.yaml").write_text(
        "limits: {vpc/L-F678F1CE: 8, vpc/L-1B52E74A: 200, monitoring/L-DBD11BCC: 200}\n"
    )
    used: list[int] = []

    def counted(stacks: Sequence[str], processes: int) -> list[tuple[str, ...]]:
        used.append(len(deal(stacks, processes)))
        return deal(stacks, processes)

    monkeypatch.setattr(main, "deal", counted)
    for processes in (1, 3):
        monkeypatch.setenv("SYNTH_PROCESSES", str(processes))
        monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / str(processes)))
        assert main.main() == 2
        assert capsys.readouterr().err == (
            "us-east-1: VPCs per region (vpc/L-F678F1CE): received 9, expected at most 8 (fleet.yaml, 1 of them not "
            "for these stacks); raise it with `aws service-quotas request-service-quota-increase --service-code vpc "
            "--quota-code L-F678F1CE --desired-value 9 --region us-east-1`, then say so in fleet.yaml\n"
        )
    assert used == [1, 3]
    one, three = digests(tmp_path / "1"), digests(tmp_path / "3")
    assert len([name for name in one if name.endswith("cdk.tf.json")]) == 8
    assert one == three
    assert sorted(path.name for path in (tmp_path / "3").iterdir()) == ["manifest.json", "stacks"]
    # Each package is on disk once, whichever process placed it.
    packages = [*(tmp_path / "1").rglob("*.zip"), *(tmp_path / "3").rglob("*.zip")]
    assert len(packages) == 2 * (2 * 7 + 1)
    assert len({file.stat().st_ino for file in packages}) == 3


def one_after_another(
    shares: Sequence[Sequence[str]],
    *,
    command: Sequence[str],
    environment: Callable[[Sequence[str], Path], Mapping[str, str]],
    outdir: Path,
) -> None:
    """What `synthesize` does, with each share in this process, as its command would have it."""
    for index, share in enumerate(shares):
        folder = linked(outdir.parent / f"share-{index}", outdir)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "environ", dict(environment(share, folder)))
            patch.setattr(sys, "argv", command[2:])
            assert main.main() == 0
    manifests = [json.loads(file.read_text()) for file in outdir.parent.glob("share-*/manifest.json")]
    (outdir / "manifest.json").write_text(merge(manifests))


def test_packages_for_a_bucket_are_written_once_beside_the_stacks(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each of two shares, which have the packages in common."""
    outdir = tmp_path / "out"
    monkeypatch.setattr(main, "synthesize", one_after_another)
    monkeypatch.setenv("SYNTH_PROCESSES", "2")
    monkeypatch.setenv("PACKAGE_BUCKET", "our-packages")
    monkeypatch.setenv("CDKTF_OUTDIR", str(outdir))
    assert main.main() == 0
    assert len(list(tmp_path.glob("share-*"))) == 2
    assert sorted(path.name for path in outdir.iterdir()) == ["manifest.json", "packages", "stacks"]
    packages = list(outdir.rglob("*.zip"))
    assert {path.parent.name for path in packages} == {"packages"}
    assert len(packages) == 3


def test_what_terraform_keeps_in_a_stacks_folder_stays(outdir: Path) -> None:
    kept = outdir / "stacks" / "a" / ".terraform" / "kept"
    kept.parent.mkdir(parents=True)
    kept.touch()
    run(outdir, WRITE)
    assert kept.exists()
    assert json.loads((outdir / "manifest.json").read_text()) == {
        "stacks": {stack: {"name": stack} for stack in "abc"},
        "version": "now",
    }


WRITE = """
import json, os, pathlib
stacks = os.environ["STACKS"].split(",")
manifest = {"stacks": {stack: {"name": stack} for stack in stacks}, "version": "now"}
pathlib.Path(os.environ["CDKTF_OUTDIR"], "manifest.json").write_text(json.dumps(manifest))
"""
REFUSE = """
import os, sys, time
if os.environ["STACKS"] != "a":
    time.sleep(600)
print("acme-corp: no such thing", file=sys.stderr)
sys.exit(2)
"""


def run(outdir: Path, code: str) -> None:
    """Run `code` for each of three shares."""
    synthesize(
        [["a"], ["b"], ["c"]],
        command=[sys.executable, "-c", code],
        environment=lambda share, folder: {
            **os.environ,
            "STACKS": ",".join(share),
            "CDKTF_OUTDIR": str(folder),
        },
        outdir=outdir,
    )


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text(OLD_MANIFEST)
    return tmp_path


def test_a_process_that_fails_is_heard_and_the_others_end(outdir: Path) -> None:
    with pytest.raises(SynthesisError) as raised:
        run(outdir, REFUSE)
    assert str(raised.value) == "acme-corp: no such thing"
    assert raised.value.exit_code == 2
    assert (outdir / "manifest.json").read_text() == OLD_MANIFEST
    assert sorted(path.name for path in outdir.iterdir()) == ["manifest.json", "stacks"]
    assert not [child for child in psutil.Process().children() if "time.sleep(600)" in str(child.cmdline())]


def test_a_warning_of_all_is_passed_on_once(outdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(outdir, f"import sys; print('deprecated: x', file=sys.stderr)\n{WRITE}")
    assert capsys.readouterr() == ("", "deprecated: x\n")


def test_the_command_ends_with_what_a_process_said_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing() -> None:
        raise SynthesisError("tenant-b: no such thing", 3)

    monkeypatch.setattr(main, "write_stacks", failing)
    assert main.main() == 3
    assert capsys.readouterr() == ("", "tenant-b: no such thing\n")


def test_processes_default_to_one_per_core() -> None:
    assert load_settings({}).processes is None
    assert 1 <= cores() <= (os.cpu_count() or 1)
