"""docs/your-own-stack.md, done step by step in a fork, and then the next version merged into it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from isolation.api import prove
from isolation.catalogue.findings import NOT_MODELLED
from isolation.rendering.text import as_text
from progress.showing import OFF
from tools.successor.workplace import copy

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "your-own-stack.md").read_text()
BLOCK = re.compile(
    r"^`(extensions/\S+\.py)`[^\n]*(?:\n[^\n]+)*\n\n```python\n(.*?)```", re.DOTALL | re.MULTILINE
)
TENANT = "  acme-corp:\n"
DEPLOYER = ("deployer", "--account=123456789012", "--region=us-east-1", "--suffix=test")
STACKS = "tenant-acme-corp-test,reports-acme-corp-test"


def git(fork: Path, *arguments: str) -> str:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a"}
    variables = {**os.environ, **who, "GIT_COMMITTER_EMAIL": "a@b.c", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
    return subprocess.run(command, cwd=fork, env=variables, check=True, capture_output=True, text=True).stdout


def synthesize(fork: Path, stacks: str = STACKS) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    variables = {**kept, **OFF, "STACKS": stacks, "SYNTH_PROCESSES": "1"}
    command = [sys.executable, "-O", "main.py"]
    return subprocess.run(command, cwd=fork, env=variables, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The platform's repository with its next version on the branch `next`, and the page's steps on `main`."""
    folder = tmp_path_factory.mktemp("own") / "fork"
    copy(ROOT, folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Version 1")
    git(folder, "checkout", "--quiet", "-b", "next")
    for name in ("README.md", "main.py", "stacks/app.py", "tenancy/extending.py", "docs/your-own-stack.md"):
        text = (folder / name).read_text()
        (folder / name).write_text(f"{text}\n" if name.endswith(".md") else f"{text}\n# The next version.\n")
    git(folder, "commit", "--quiet", "--all", "--message=Version 2")
    git(folder, "checkout", "--quiet", "main")
    for name, block in BLOCK.findall(PAGE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(block)
    (setting,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    registry = (folder / "tenants.yaml").read_text()
    assert TENANT in registry
    (folder / "tenants.yaml").write_text(registry.replace(TENANT, TENANT + setting, 1))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Ours")
    return folder


@pytest.fixture(scope="module")
def outdir(fork: Path) -> Path:
    """What the fork synthesizes after the next version was merged without a conflict."""
    git(fork, "merge", "--quiet", "--no-edit", "next")
    result = synthesize(fork)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    return fork / "cdktf.out"


def test_the_page_touches_only_what_it_says_is_the_users(fork: Path) -> None:
    changed = git(fork, "diff", "--name-only", "next...main").split()
    assert "extensions/functions/report_writer/handler.py" in changed
    assert [name for name in changed if not name.startswith("extensions/") and name != "tenants.yaml"] == []


def test_the_users_stack_has_provider_state_tags_and_the_packed_function(outdir: Path) -> None:
    stack = json.loads((outdir / "stacks" / "reports-acme-corp-test" / "cdk.tf.json").read_text())
    (group,) = stack["resource"]["aws_cloudwatch_log_group"].values()
    assert group["retention_in_days"] == 30
    assert stack["terraform"]["backend"]["local"]["path"].endswith("/reports-acme-corp-test.tfstate")
    (provider,) = stack["provider"]["aws"]
    assert provider["default_tags"][0]["tags"]["TenantId"] == "acme-corp"
    (function,) = stack["resource"]["aws_lambda_function"].values()
    assert (outdir / "stacks" / "reports-acme-corp-test" / function["filename"]).is_file()
    assert stack["output"].keys() == {"report_function"}


def test_the_prover_judges_the_users_stack_with_the_others(outdir: Path) -> None:
    assert prove(outdir).verdict == "PROVED"


def test_the_users_setting_is_refused_in_one_line_as_the_page_shows(fork: Path, outdir: Path) -> None:
    registry = fork / "tenants.yaml"
    text = registry.read_text()
    try:
        for wrong in ("keep_days: 2", "keep_day: 30"):
            registry.write_text(text.replace("keep_days: 30", wrong))
            result = synthesize(fork)
            assert (result.returncode, result.stdout) == (2, "")
            key, value = wrong.split(": ")
            (shown,) = re.findall(r"^tenants\.acme-corp\.extensions\.reports: .*$", PAGE, re.MULTILINE)
            assert result.stderr == shown.replace("'keep_days': 2", f"'{key}': {value}", 1) + "\n"
    finally:
        registry.write_text(text)


def test_a_plan_without_a_stack_is_refused(fork: Path, outdir: Path) -> None:
    stacks = fork / "extensions" / "stacks.py"
    text = stacks.read_text()
    try:
        stacks.write_text(text.replace('{"reports": ReportsStack}', "{}"))
        result = synthesize(fork, "reports-acme-corp-test")
        assert (result.returncode, result.stderr) == (
            2,
            "extensions/stacks.py: STACKS: received 'reports', expected one of none\n",
        )
    finally:
        stacks.write_text(text)


def run(fork: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=fork, check=False, capture_output=True, text=True
    )


def test_whoever_deploys_gets_what_the_users_stack_needs(fork: Path, outdir: Path) -> None:
    arguments = [*DEPLOYER, "--state-bucket", "our-states", "--out", "cdktf.out"]
    printed = run(fork, *arguments)
    assert (printed.returncode, printed.stderr) == (0, "")
    statements = {
        statement["Sid"]: statement
        for policy in json.loads(printed.stdout)["policies"]
        for statement in policy["document"]["Statement"]
    }
    assert statements["ReportFunctions"]["Resource"] == [
        "arn:aws:lambda:us-east-1:123456789012:function:reports-*-test"
    ]
    assert statements["PassReportRoles"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}
    }
    states = {
        arn for statement in statements.values() for arn in statement["Resource"] if "our-states" in arn
    }
    assert "arn:aws:s3:::our-states/reports-*-test/terraform.tfstate" in states


@pytest.fixture(scope="module")
def stranger(fork: Path, outdir: Path) -> Iterator[Path]:
    """The stacks with a type in the user's that the platform does not have."""
    construct = fork / "extensions" / "report_writer.py"
    text = construct.read_text()
    added = "from cdktf_cdktf_provider_aws.iam_role import IamRole\n"
    assert added in text
    construct.write_text(
        text.replace(added, f"{added}from cdktf_cdktf_provider_aws.iot_thing import IotThing\n").replace(
            "        code = ", '        IotThing(self, "thing", name=props.name)\n        code = '
        )
    )
    result = synthesize(fork)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    yield outdir
    construct.write_text(text)


def test_a_type_that_nobody_knows_is_said_by_each_command_as_the_page_says(
    fork: Path, stranger: Path
) -> None:
    report = prove(stranger)
    assert report.verdict == "UNKNOWN"
    ((owner, gap),) = report.gaps
    assert (owner, gap.endswith("resource type aws_iot_thing")) == ("acme-corp", True)
    assert gap.startswith("reports-acme-corp-test/aws_iot_thing.")
    lines = as_text(report).splitlines()
    (said,) = [number for number, line in enumerate(lines) if line.startswith("UNKNOWN ISO-302 acme-corp: ")]
    assert lines[said + 1] == f"  mend       {NOT_MODELLED.mend}"

    cost = run(fork, "fleet", "cost")
    assert cost.returncode == 1
    (unpriced,) = [line for line in cost.stdout.splitlines() if "aws_iot_thing" in line]
    policy = run(fork, *DEPLOYER, "--out", "cdktf.out")
    assert (policy.returncode, policy.stdout) == (2, "")
    shown = [unpriced, policy.stderr.strip().removeprefix("deployer: ")]
    assert [line for line in shown if line not in PAGE] == []


def test_the_users_code_is_held_by_the_same_lint(fork: Path) -> None:
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        ruff = Path(sys.executable).parent / "ruff"
        result = subprocess.run(
            [str(ruff), *command, "extensions"], cwd=fork, check=False, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout
