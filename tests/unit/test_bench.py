"""The benchmark measures what it says, and its page shows it; figures themselves are never tested."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from fleet.synthesized import read_stacks
from terraform.binary import find_installation
from tests.guards import GUARD_SECONDS
from tests.synthesis import synthesize
from tools.bench import __main__ as bench
from tools.bench.fleet import Measured, commands, copied
from tools.bench.fleet import table as fleet_table
from tools.bench.floor import floor
from tools.bench.functions import OnDisk, disk_line, on_disk
from tools.bench.processes import ROOT, Measurement, environment, measure
from tools.bench.registries import registry, written
from tools.bench.synthesis import Size, marginal, phase_table, table
from tools.bench.unchanged import Kept
from tools.bench.unchanged import table as kept_table


def measurement(seconds: float) -> Measurement:
    return Measurement(seconds=seconds, megabytes=100 * seconds)


def size(tenants: int, *, platform: bool, processes: int) -> Size:
    return Size(
        tenants=tenants,
        platform=platform,
        resources=54 * tenants,
        processes=processes,
        one=measurement(1 + 0.2 * tenants),
        default=measurement(1 + 0.1 * tenants),
        eager=measurement(10 + 0.4 * tenants),
        floor=measurement(0.5 + 0.01 * tenants),
    )


def test_javascript_writes_what_the_app_writes(tmp_path: Path) -> None:
    assert floor(synthesize(registry(1, platform=True)).outdir, tmp_path / "floor", 1).seconds > 0


def test_javascript_that_writes_anything_else_is_no_floor(tmp_path: Path) -> None:
    stack = tmp_path / "out" / "stacks" / "tenant-a-test"
    stack.mkdir(parents=True)
    (stack / "cdk.tf.json").write_text("{}")
    with pytest.raises(SystemExit, match="ended with exit code"):
        floor(tmp_path / "out", tmp_path / "floor", 1)


def test_a_process_is_measured_with_its_children() -> None:
    child = "import time; held = bytes([1]) * 300_000_000; time.sleep(0.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    found = measure([sys.executable, "-c", parent], {}, 1)
    assert found.seconds > 0.5
    assert found.megabytes > 280


def test_what_is_set_here_does_not_reach_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"STACKS", "NODE_OPTIONS", "EAGER_BINDINGS", "PYTHONDONTWRITEBYTECODE"}
    for name in names:
        monkeypatch.setenv(name, "1")
    assert not names & environment({}).keys()
    assert environment({"STACKS": "a"})["STACKS"] == "a"


def test_the_phases_are_those_of_a_whole_synthesis(tmp_path: Path) -> None:
    variables = {
        "TENANT_REGISTRY": str(written(tmp_path, 1, platform=False)),
        "CDKTF_OUTDIR": str(tmp_path / "out"),
    }
    command = [sys.executable, "-m", "tools.bench.phases"]
    phases = json.loads(
        subprocess.check_output(command, cwd=ROOT, env=environment(variables), timeout=GUARD_SECONDS)
    )
    assert (tmp_path / "out" / "manifest.json").is_file()
    made = next(phase for phase in phases if phase["phase"] == "constructs are created")
    assert made["messages"] > 100
    assert 0 < made["waiting"] < made["seconds"]
    assert phase_table(phases).count("\n") == len(phases) + 1


def test_the_tables_compare_with_the_default() -> None:
    found = [size(1, platform=False, processes=1), size(100, platform=True, processes=2)]
    *_, small, large = table(found).splitlines()
    assert small == "| 1 tenant | 54 | 1.20 | 120 |  |  |  | 10.40 | 1040 | 9.5 | 0.51 | 2.2 |"
    assert large == (
        "| 100 tenants and the platform | 5,400 | 21.00 | 2100 | 2 | 11.00 | 1100 | 50.00 | 5000 | 4.5 | 1.50 | 7.3 |"
    )


def test_a_further_tenant_costs_the_difference() -> None:
    found = [size(count, platform=False, processes=2) for count in (1, 50, 500)]
    text = marginal([*found, size(500, platform=True, processes=2)])
    assert "200 ms in one process and 100 ms in 2, 400 ms with the plain import, 10 ms in JavaScript" in text
    assert "(from 50 to 500 tenants)" in text


def test_copies_of_a_stack_are_stacks_of_their_own_tenants(tmp_path: Path) -> None:
    synthesized = synthesize(registry(1, platform=False)).outdir
    stacks = read_stacks(copied(synthesized, tmp_path / "copies", 3))
    assert [stack.silo for stack in stacks] == ["tenant-000", "tenant-001", "tenant-002"]
    assert [next(stack.literals("aws_s3_bucket", "bucket")) for stack in stacks] == [
        f"tenant-tenant-00{index}-data-test" for index in range(3)
    ]
    assert all((stack.folder / "assets").is_dir() for stack in stacks)


def test_each_command_over_a_fleet_is_measured_at_each_size(tmp_path: Path) -> None:
    found = commands(synthesize(registry(1, platform=False)).outdir, tmp_path, 1, (1, 2))
    assert [(one.command, one.tenants) for one in found] == [
        (command, count) for count in (1, 2) for command in ("quota", "cost", "page", "allocate")
    ]
    assert "  new-0:\n" in (tmp_path / "2.yaml").read_text()


def test_the_table_of_the_fleet_says_how_each_command_grows() -> None:
    found = [Measured(command="cost", tenants=n, found=measurement(s)) for n, s in ((500, 0.5), (4_000, 3))]
    assert fleet_table(found) == (
        "| command | 500 tenants, s | MB | 4,000 tenants, s | MB | times as long |\n"
        "|---|---|---|---|---|---|\n"
        "| `cost` | 0.50 | 50 | 3.00 | 300 | 6.0 |"
    )


def test_packages_on_disk_count_once_for_all_their_names(tmp_path: Path) -> None:
    for index, stack in enumerate("abc"):
        file = tmp_path / "stacks" / stack / "assets" / "function" / "digest" / "f.zip"
        file.parent.mkdir(parents=True)
        if index:
            os.link(tmp_path / "stacks" / "a" / "assets" / "function" / "digest" / "f.zip", file)
        else:
            file.write_bytes(b"x" * 1_048_576)
    found = on_disk(tmp_path)
    assert (found.stacks, found.files, found.apparent) == (3, 3, 3 * 1_048_576)
    assert found.taken == file.stat().st_blocks * 512 < 2 * 1_048_576
    assert disk_line(OnDisk(stacks=501, files=1_001, apparent=5_000 * 1_048_576, taken=1_048_576)) == (
        "In `cdktf.out` 501 stacks have 1,001 packages of 5,000.0 MB in all, which take\n1.0 MB on disk."
    )


def test_the_table_of_kept_stacks_has_a_line_for_each_size() -> None:
    seconds = {"all": 9, "one": 3, "none": 2, "diff": 4}
    given = {name: measurement(value) for name, value in seconds.items()}
    found = [Kept(tenants=count, comparing=0.5, **given) for count in (100, 500)]
    assert kept_table(found).splitlines()[2:] == [
        f"| {count} | 9.00 | 3.00 | 2.00 | 4.00 | 0.50 |" for count in (100, 500)
    ]


def test_the_page_has_a_place_for_all_that_is_measured() -> None:
    asked = {name for _, name, _, _ in string.Formatter().parse(bench.PAGE.read_text()) if name}
    assert asked == {field.name for field in fields(bench.Page)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tenants", "1"], "received '1', expected two or more counts, such as '1,3,50'"),
        (["--tenants", "1,many"], "received '1,many', expected two or more counts, such as '1,3,50'"),
        (["--runs", "0"], "received '0', expected a number from 1"),
    ],
)
def test_arguments_that_cannot_be_measured_are_refused_before_anything_runs(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    with pytest.raises(SystemExit) as raised:
        bench.main()
    assert raised.value.code == 2
    assert capsys.readouterr().err.rstrip().endswith(message)


def test_a_missing_terraform_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench"])
    monkeypatch.setenv("PATH", str(tmp_path))
    find_installation.cache_clear()
    assert bench.main() == 2
    assert "neither is on PATH" in capsys.readouterr().err
    find_installation.cache_clear()
