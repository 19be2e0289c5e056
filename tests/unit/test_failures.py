"""What each command says where the machine, the network or its input lets it down: one line, and the right exit code.

`TABLE` has what is not tried elsewhere; `ELSEWHERE` says where the rest is.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from terraform.binary import find_installation
from tests.commands import among, commands
from tests.faults import FULL, READ_ONLY, refuse_writes

ROOT = Path(__file__).resolve().parents[2]
DIGEST = "0" * 64
NOWHERE = "http://127.0.0.1:9"
"""The port of `discard`, where nothing listens: a network that does not answer."""
DEPLOYER = "--account 123456789012 --region us-east-1 --suffix dev"
STACKS = ("quota", "cost", "page", "publish", "release")


@dataclass(frozen=True, slots=True)
class Case:
    """One row.

    Attributes:
        command: a module and its arguments; `{here}` is a folder of the test's own.
        situation: what is done to the machine first, a key of `SITUATIONS`.
        says: a pattern of the one line.
        code: the exit code.
    """

    command: str
    situation: str
    says: str
    code: int = 2

    def __str__(self) -> str:
        return f"{self.command} - {self.situation}"


def _empty_path(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "empty").mkdir()
    monkeypatch.setenv("PATH", str(here / "empty"))
    # Another test of the process may have found one before.
    find_installation.cache_clear()


def _no_network(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": NOWHERE,
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)


def _no_credentials(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(here / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(here / "none"))


def _no_pip(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    """No installation of a package succeeds, as without a network."""

    def install(*_: object) -> None:
        raise subprocess.CalledProcessError(1, ["/somewhere/python", "-m", "pip"])

    monkeypatch.setattr("tools.scan.environment.install", install)


def _half_written(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    """What a synthesis that was killed left."""
    stack = here / "cdktf.out" / "stacks" / "tenant-a-dev" / "cdk.tf.json"
    stack.parent.mkdir(parents=True)
    stack.write_text('{"terraform": {')
    (here / "cdktf.out" / "manifest.json").write_text('{"version": "0.21.0", "stacks": {')


def _bad_registry(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    (here / "bad.yaml").write_text("tenants: {acme: {silo: {cidr: 8.8.8.0/24}}}\ncreated_at: yesterday\n")
    monkeypatch.setenv("TENANT_REGISTRY", str(here / "bad.yaml"))


def _bad_environment(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "Not-A-Suffix")


def _writes_refused(number: int) -> Callable[[pytest.MonkeyPatch, Path], None]:
    return lambda monkeypatch, here: refuse_writes(monkeypatch, here / "out", number)


def _repository_refused(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    refuse_writes(monkeypatch, ROOT, READ_ONLY)


SITUATIONS: dict[str, Callable[[pytest.MonkeyPatch, Path], None]] = {
    "nothing is synthesized": lambda monkeypatch, here: None,
    "nothing is released": lambda monkeypatch, here: None,
    "no package index": _no_pip,
    "a synthesis was killed": _half_written,
    "a bad registry": _bad_registry,
    "a bad environment": _bad_environment,
    "no program on PATH": _empty_path,
    "no network": _no_network,
    "no credentials": _no_credentials,
    "a full disk": _writes_refused(FULL),
    "a read-only folder": _writes_refused(READ_ONLY),
    "a read-only checkout": _repository_refused,
}
REGISTRY = r"\S*bad.yaml:\d+: \S+: received .+, expected "
SUFFIX = "ENVIRONMENT_SUFFIX: received 'Not-A-Suffix', expected 1 to 12 lowercase letters and digits"
REFUSED = {"a full disk": "No space left on device", "a read-only folder": "Read-only file system"}
GIT = "git: received No such file or directory, expected the program on PATH"
TERRAFORM = r"Terraform >= [\d.]+ \(or OpenTofu\) is needed: neither is on PATH"

TABLE = [
    *(
        Case(f"fleet {name} --out {{here}}/cdktf.out", situation, rf"fleet: \S*cdktf.out\S*: .+{hint}")
        for name in STACKS
        for situation, hint in (
            ("nothing is synthesized", "run `make synth`"),
            ("a synthesis was killed", ""),
        )
    ),
    *(
        Case(f"{module} {{here}}/cdktf.out", situation, rf"{name}: \S*cdktf.out\S*: .+")
        for module, name in (("isolation", "isolation"), ("preflight", "preflight"), ("tools.scan", "scan"))
        for situation in ("nothing is synthesized", "a synthesis was killed")
    ),
    Case("fleet allocate new-co --silo", "a bad registry", rf"(fleet: )?{REGISTRY}"),
    Case("rotation acme", "a bad registry", rf"(rotation: )?{REGISTRY}"),
    Case("fleet allocate new-co --silo", "a bad environment", rf"(fleet: )?{SUFFIX}"),
    Case("rotation acme-corp", "a bad environment", rf"(rotation: )?{SUFFIX}"),
    *(
        Case(f"fleet {command}", situation, f"fleet: {says}")
        for command in ("release", "retire acme")
        for situation, says in (("a bad registry", REGISTRY), ("a bad environment", SUFFIX))
    ),
    Case("fleet status --engine step-functions", "a bad environment", f"fleet: {SUFFIX}"),
    Case("emulator.demo up --folder {here}/demo", "a bad environment", f"demo: {SUFFIX}"),
    Case("tools.demo_fleet", "a bad environment", f"demo-fleet: {SUFFIX}"),
    Case("tools.test_aws", "a bad environment", "test-aws: TEST_AWS_ACCOUNT: received nothing, expected .+"),
    *(
        Case(f"fleet {command}", "no network", "fleet: .*received 'Could not connect .+")
        for command in (
            "receipts --receipts s3://receipts-of-ours/test",
            "status --folder dynamodb://delivery-records-test",
            "drift --folder dynamodb://delivery-records-test",
            f"plan s3://releases-of-ours/{DIGEST}",
            f"start s3://releases-of-ours/{DIGEST}",
            f"worker s3://releases-of-ours/{DIGEST} stack",
        )
    ),
    *(
        Case(
            f"fleet {command} {{here}}/none",
            "nothing is released",
            "fleet: \\S+: received .+, expected .+release",
        )
        for command in ("plan", "start", "status", "pause", "resume", "abort", "retry")
    ),
    Case("tools.successor terrain", "no program on PATH", "successor: git: received no such command, .+"),
    Case("tools.provider_schema", "no program on PATH", f"provider-schema: {TERRAFORM}"),
    Case("tools.bench", "no program on PATH", TERRAFORM),
    Case("tools.scan.environment", "no package index", "setup-scan: python ended with 1"),
    Case("restoration copies one two", "no network", "restoration: Could not connect.+"),
    Case("fleet diff HEAD", "no program on PATH", f"fleet: {GIT}"),
    Case(
        "fleet release",
        "no program on PATH",
        r"fleet: \S+: received '?No such file or directory.+ git checkout",
    ),
    Case("tools.compare HEAD", "no program on PATH", f"compare: {GIT}"),
    Case("fleet drift", "no program on PATH", f"fleet: {TERRAFORM}"),
    Case("emulator.demo up --folder {here}/out", "no program on PATH", f"demo: {TERRAFORM}"),
    Case("tools.demo_fleet", "no program on PATH", f"demo-fleet: {TERRAFORM}"),
    Case("tools.picture --page README.md", "no program on PATH", r"picture: no Chromium on PATH.+"),
    Case(
        "restoration objects bucket --at 2026-01-01T00:00:00Z",
        "no network",
        "restoration: Could not connect.+",
    ),
    Case("restoration items one two", "no network", "restoration: Could not connect.+"),
    Case("rotation acme-corp", "no network", "rotation: nothing has changed: Could not connect.+", 1),
    Case(
        "rotation acme-corp",
        "no credentials",
        "rotation: nothing has changed: Unable to locate credentials",
        1,
    ),
    Case(
        "restoration objects bucket --at 2026-01-01T00:00:00Z",
        "no credentials",
        "restoration: Unable to locate credentials",
    ),
    *(
        Case(command, situation, rf"{name}: (--output: )?\S*/out\S*: .*{reason}.*")
        for situation, reason in REFUSED.items()
        for command, name in (
            (f"deployer {DEPLOYER} --output {{here}}/out/policies", "deployer"),
            ("emulator.demo up --folder {here}/out/demo", "demo"),
        )
    ),
    *(
        Case(module, "a read-only checkout", rf"{name}: \S+: .*Read-only file system.*")
        for module, name in (
            ("tools.schema", "schema"),
            ("tools.lock", "lock"),
            ("bundling.vendoring", "vendoring"),
        )
    ),
]

ELSEWHERE = {
    "a wrong version of Terraform": "tests/terraform/test_installation.py",
    "a download of Terraform that fails, a full disk there": "tests/terraform/test_download.py",
    "an output folder that cannot be used, any registry and environment": "tests/unit/stacks/test_main.py",
    "hostile registries": "tests/unit/config/test_refused_input.py",
    "preflight without an account": "tests/preflight/test_command.py",
    "reports of the prover that cannot be written": "tests/isolation/test_command.py",
    "reports of the scanners, scanners that are missing": "tests/unit/tools/test_scan_command.py",
    "a registry that cannot be written, an allocation that waits for another": "tests/fleet/test_allocate.py",
    "a page that cannot be written": "tests/fleet/test_page.py",
    "a release, a bucket of releases": "tests/fleet/test_release.py",
    "a rollout that was killed": "tests/fleet/test_rollout.py",
    "a worker that was killed, a lock that is held": "tests/fleet/test_worker.py",
    "MkDocs or npm that is missing": "tests/unit/tools/test_site.py",
    "ports of the emulator and of PostgreSQL": "tests/emulator/test_server.py",
}
"""What else can go wrong, and the file that tries it."""


TRIED_IN = {
    "main": "tests/unit/stacks/test_main.py",
    "terraform.download": "tests/terraform/test_download.py",
    "tools.site": "tests/unit/tools/test_site.py",
    "tools.site.environment": "tests/unit/tools/test_site.py",
    "tools.fuzz": "tests/unit/tools/test_fuzz.py",
    "tools.mutate": "tests/unit/tools/test_mutate.py",
    "tools.doctor": "tests/unit/tools/test_doctor.py",
    "tools.imports": "tests/unit/test_repository.py",
    "tools.reference": "tests/unit/tools/test_reference.py",
    "tools.vocabulary": "tests/unit/tools/test_vocabulary.py",
}
"""Commands that no row has, and the file that tries what can go wrong with each."""
NOT_OURS = {"pip", "pytest"}


def test_every_command_is_tried() -> None:
    rows = {case.command for case in TABLE}
    tried = {command for command in commands() if among(command, rows)}
    assert commands() - tried - NOT_OURS == TRIED_IN.keys()


def run(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command in this process; return its exit code and what it wrote to standard error."""
    module, *arguments = command.split()
    try:
        loaded: Any = importlib.import_module(f"{module}.__main__")
    except ModuleNotFoundError:
        loaded = importlib.import_module(module)
    try:
        code = loaded.main(arguments) if arguments or hasattr(loaded, "argparse") else loaded.main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().err


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_one_line_and_the_right_code(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    module = case.command.split()[0]
    importlib.import_module(module)
    (tmp_path / "out").mkdir()
    SITUATIONS[case.situation](monkeypatch, tmp_path)
    code, said = run(case.command.format(here=tmp_path), capsys)
    assert (code, said.count("\n")) == (case.code, len(said.splitlines())), said
    lines = said.splitlines()
    assert lines, "nothing was said"
    assert all("Traceback" not in line for line in lines)
    assert re.match(case.says, lines[0]), said
    # A registry may have several mistakes, one in each line.
    assert len(lines) == 1 or case.situation == "a bad registry", said


@pytest.mark.parametrize(
    "command",
    ["fleet allocate nobody-here --silo --prefix 99", f"deployer {DEPLOYER} --what", "isolation --what"],
)
def test_a_wrong_argument_is_2(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(command, capsys)
    assert code == 2
    assert said.splitlines()[-1].startswith(("python -m ", "deployer: ")) or "error:" in said


@pytest.mark.parametrize(("module", "name"), [("deployer", "deployer"), ("fleet", "fleet")])
def test_output_that_nobody_takes_is_told_once(module: str, name: str, tmp_path: Path) -> None:
    arguments = DEPLOYER.split() if module == "deployer" else ["status", "--folder", str(tmp_path)]
    # A descriptor that nobody may write to fails as a full disk does, on every system.
    with Path(os.devnull).open() as unwritable:
        ended = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdout=unwritable,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    expected = f"{name}: output: received Bad file descriptor, expected somewhere that takes it\n"
    assert (ended.returncode, ended.stderr) == (2, expected)


@pytest.mark.parametrize("file", sorted({*ELSEWHERE.values(), *TRIED_IN.values()}))
def test_what_is_tried_elsewhere_is_there(file: str) -> None:
    assert (ROOT / file).is_file()
