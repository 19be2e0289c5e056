"""Several processes write what one would, or say why they did not."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
import pytest

import main
from config.settings import load_settings
from stacks import parallel_synthesis
from stacks.parallel_synthesis import LARGEST_SHARE, SMALLEST_SHARE, SynthesisError, shares, synthesize
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
    dealt = shares(ids(stacks), processes)
    assert [len(share) for share in dealt] == sizes
    assert sorted(stack for share in dealt for stack in share) == sorted(ids(stacks))


def test_several_processes_write_the_bytes_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With enough stacks for cdktf's counters to have one digit more in one process than in three."""
    registry = tmp_path / "registry.yaml"
    registry.write_text(json.dumps(REGISTRY))
    monkeypatch.setattr(parallel_synthesis, "SMALLEST_SHARE", 2)
    monkeypatch.setenv("TENANT_REGISTRY", str(registry))
    started: list[Sequence[str]] = []
    deal = parallel_synthesis.shares

    def counted(stacks: Sequence[str], processes: int) -> list[tuple[str, ...]]:
        started[:] = deal(stacks, processes)
        return deal(stacks, processes)

    monkeypatch.setattr(main, "shares", counted)
    for processes in (1, 3):
        monkeypatch.setenv("SYNTH_PROCESSES", str(processes))
        monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / str(processes)))
        assert main.main() == 0
        assert len(started) == processes
    one, three = digests(tmp_path / "1"), digests(tmp_path / "3")
    assert len([name for name in one if name.endswith("cdk.tf.json")]) == 8
    assert one == three
    assert sorted(path.name for path in (tmp_path / "3").iterdir()) == ["manifest.json", "stacks"]


def refuse(share: Sequence[str], outdir: Path) -> tuple[list[str], Mapping[str, str]]:
    code = "import sys; print('acme-corp: no such thing', file=sys.stderr); sys.exit(2)"
    return [sys.executable, "-c", code], os.environ


def wait_for_ever(share: Sequence[str], outdir: Path) -> tuple[list[str], Mapping[str, str]]:
    return [sys.executable, "-c", "import time; time.sleep(600)"], os.environ


def write_manifest(share: Sequence[str], outdir: Path) -> None:
    manifest = {"stacks": {stack: {"name": stack} for stack in share}, "version": "now"}
    (outdir / "manifest.json").write_text(json.dumps(manifest))


def fail(share: Sequence[str], outdir: Path) -> None:
    raise RuntimeError("the first share failed")


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text(OLD_MANIFEST)
    return tmp_path


def test_a_process_that_fails_is_heard_and_the_manifest_stays(outdir: Path) -> None:
    with pytest.raises(SynthesisError) as raised:
        synthesize([["a"], ["b"], ["c"]], here=write_manifest, elsewhere=refuse, outdir=outdir)
    assert str(raised.value) == "acme-corp: no such thing"
    assert raised.value.exit_code == 2
    assert (outdir / "manifest.json").read_text() == OLD_MANIFEST
    assert sorted(path.name for path in outdir.iterdir()) == ["manifest.json", "stacks"]


def test_no_process_outlives_a_failure(outdir: Path) -> None:
    with pytest.raises(RuntimeError, match="the first share failed"):
        synthesize([["a"], ["b"], ["c"]], here=fail, elsewhere=wait_for_ever, outdir=outdir)
    sleepers = [
        child
        for child in psutil.Process().children(recursive=True)
        if "time.sleep(600)" in child.cmdline()[-1:]
    ]
    assert not sleepers
    assert (outdir / "manifest.json").read_text() == OLD_MANIFEST


def test_the_command_passes_on_what_a_process_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(settings: object, registry: object) -> None:
        raise SynthesisError("tenant-b: no such thing", 3)

    monkeypatch.setattr(main, "synthesize_all", failing)
    assert main.main() == 3
    assert capsys.readouterr() == ("", "tenant-b: no such thing\n")


def test_processes_default_to_one_a_core() -> None:
    assert load_settings({}).processes is None
    assert 1 <= main.cores() <= (os.cpu_count() or 1)
