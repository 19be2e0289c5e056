"""Another revision is synthesized beside this one, with its own locked dependencies, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from fleet.comparison.report import Report
from fleet.comparison.revisions import WORK, RevisionError, commit_of, workplace
from fleet.diff import diff, shared

ROOT = Path(__file__).resolve().parents[2]
APP = """\
import hashlib, json, os, pathlib, signal, sys
said = json.loads(pathlib.Path(os.environ.get("TENANT_REGISTRY", "registry.json")).read_text())
if "refused" in said:
    sys.exit(said["refused"])
if "waits" in said:
    pathlib.Path(said["waits"]).write_text(str(os.getpid()))
    signal.pause()
code = pathlib.Path("build/lambda/api.py")
digest = hashlib.sha256(code.read_bytes() if code.exists() else b"").hexdigest()
for tenant, keys in said.items():
    folder = pathlib.Path(os.environ["CDKTF_OUTDIR"], "stacks", f"tenant-{tenant}-test")
    folder.mkdir(parents=True)
    resources = {"aws_kms_key": keys, "aws_lambda_function": {"api": {"source_code_hash": digest}}}
    tags = {"TenantId": tenant, "Author": os.environ.get("COMMIT_AUTHOR", "unknown")}
    provider = {"region": "us-east-1", "default_tags": [{"tags": tags}]}
    (folder / "cdk.tf.json").write_text(json.dumps({"resource": resources, "provider": {"aws": [provider]}}))
"""
MAKEFILE = """\
setup:
\techo . >> {log}
\tmkdir -p .venv/bin build/lambda
\tprintf '#!/bin/sh\\nexec {python} "$$@"\\n' > .venv/bin/python
\tchmod +x .venv/bin/python
\techo "$$(cat Pipfile.lock)" > build/lambda/api.py
\ttest ! -e broken || {{ echo it is broken; exit 3; }}
"""


class Repository:
    """A repository whose app writes what its registry says."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        self.told: list[str] = []
        self.log = folder / "setups"
        self.root.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.write("main.py", APP)
        self.write("Pipfile.lock", "1")
        self.write("Makefile", MAKEFILE.format(log=self.log, python=sys.executable))
        self.write(".gitignore", "build/\n.venv/\n")
        self.write("build/lambda/api.py", "1\n")
        self.registry(a={"key": {"x": 1}}, b={"key": {"x": 1}})
        self.commit()

    def git(self, *arguments: str) -> str:
        names = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        command = ["git", *names, *arguments]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change")

    def write(self, name: str, content: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(content)

    def registry(self, **said: object) -> None:
        self.write("registry.json", json.dumps(said))

    def diff(self, revision: str = "HEAD", **variables: str) -> Report:
        found = diff(
            revision, {"PATH": os.environ["PATH"], **variables}, root=self.root, notify=self.told.append
        )
        return found.report

    @property
    def left(self) -> list[str]:
        """What a comparison left behind."""
        worktrees = self.git("worktree", "list", "--porcelain").count("worktree ") - 1
        work = self.root / WORK
        return [*["worktree"] * worktrees, *(path.name for path in work.glob("run-*"))]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_what_is_not_committed_is_compared(repository: Repository) -> None:
    assert repository.diff().empty
    repository.registry(a={"key": {"x": 2}}, b={"key": {"x": 1}})
    found = repository.diff()
    (group,) = found.changed
    assert ([unit.tenant for unit in group.units], found.unchanged) == (["a"], 1)
    assert repository.left == []


def test_a_change_that_reaches_no_stack_is_none(repository: Repository) -> None:
    repository.write("docs/page.md", "changed")
    repository.commit()
    assert repository.diff("HEAD~1").empty


def test_a_revision_is_named_as_git_names_it(repository: Repository) -> None:
    repository.git("tag", "v1")
    repository.git("branch", "feature")
    repository.registry(a={"key": {"x": 1}})
    repository.commit()
    commit = repository.git("rev-parse", "v1").strip()
    for revision in ("v1", "feature", "HEAD~1", commit, commit[:8]):
        assert commit_of(repository.root, revision) == commit
        (group,) = repository.diff(revision).removed
        assert [unit.tenant for unit in group.units] == ["b"]


@pytest.mark.parametrize(
    "revision",
    [
        "nowhere",
        "--upload-pack=touch x",
        "-h",
        "--all",
        "",
        " ",
        "HEAD:main.py",
        "a\0b",
        "HEAD..HEAD",
        "../..",
    ],
)
def test_what_is_no_revision_is_one_line(repository: Repository, revision: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        repository.diff(revision)
    (line,) = str(raised.value).splitlines()
    assert line.startswith("BASE: received ")
    assert line.endswith(", expected a revision of this repository, such as 'main'")
    assert repository.left == []


def test_a_folder_that_is_no_repository_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        commit_of(tmp_path, "main")


@pytest.mark.parametrize("base", [True, False])
def test_the_message_of_a_checkout_that_cannot_be_synthesized_is_shown(
    repository: Repository, base: bool
) -> None:
    repository.registry(refused="tenants.yaml:3: received x")
    if base:
        repository.commit()
        repository.registry(a={})
    name = "HEAD" if base else "the working tree"
    with pytest.raises(RevisionError, match=rf"^{name} cannot be synthesized:\ntenants.yaml:3: received x$"):
        repository.diff()
    assert repository.left == []


def test_both_have_the_same_settings_and_each_its_own_registry(repository: Repository) -> None:
    repository.registry(a={"key": {"x": 1}}, b={"key": {"x": 3}})
    found = repository.diff(COMMIT_AUTHOR="somebody", TENANT_REGISTRY=str(repository.root / "registry.json"))
    assert (found.tags, len(found.changed)) == ((), 1)
    outside = repository.root.parent / "outside.json"
    outside.write_text("{}")
    assert repository.diff(TENANT_REGISTRY=str(outside)).empty


def test_where_one_checkout_imports_and_writes_is_not_the_other_s(tmp_path: Path) -> None:
    given = {
        "CDKTF_OUTDIR": "x",
        "PYTHONPATH": "x",
        "PR_NUMBER": "1",
        "COMMIT_AUTHOR": "a",
        "PROFILE": "development",
        "TENANT_REGISTRY": "a.yaml",
    }
    assert shared(given, tmp_path) == {"PROFILE": "development", "TENANT_REGISTRY": "a.yaml"}


def test_git_s_own_variables_and_hooks_have_no_say(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a hook that compares before a push."""
    hook = repository.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {repository.root.parent}/hooked\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert repository.diff().empty
    assert not (repository.root.parent / "hooked").exists()


def test_other_locks_are_installed_once_and_used(repository: Repository) -> None:
    repository.write("Pipfile.lock", "2")
    repository.write("build/lambda/api.py", "2\n")
    for _ in range(2):
        (group,) = repository.diff().changed
        assert [change.argument for change in group.changes] == ["code"]
        assert repository.told == [
            "HEAD: its locked dependencies are others, and are installed into build/dependencies, which takes minutes, "
            "once"
        ]
    assert repository.log.read_text() == ".\n"
    repository.write("Pipfile.lock", "1")
    repository.write("build/lambda/api.py", "1\n")
    assert repository.diff().empty
    assert repository.log.read_text() == ".\n"


def test_dependencies_that_cannot_be_installed_are_said(repository: Repository) -> None:
    repository.write("broken", "")
    repository.commit()
    repository.write("Pipfile.lock", "3")
    expected = r"^HEAD: its dependencies cannot be installed:\n(.*\n)*it is broken\n"
    for _ in range(2):
        with pytest.raises(RevisionError, match=expected):
            repository.diff()
    assert repository.left == []


def command(repository: Repository, *options: str) -> subprocess.Popen[str]:
    root = str(repository.root)
    code = f"import pathlib, sys, fleet.__main__ as f; f.ROOT = pathlib.Path({root!r}); sys.exit(f.main())"
    return subprocess.Popen(
        [sys.executable, "-c", code, "diff", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def waiting(repository: Repository, process: subprocess.Popen[str], marker: Path) -> int:
    """Wait until the app of the revision runs, and return its process id."""
    while not (marker.exists() and marker.read_text()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return int(marker.read_text())


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().split()[2] == "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_interrupted_leaves_nothing_behind(
    repository: Repository, tmp_path: Path, number: signal.Signals
) -> None:
    marker = tmp_path / "runs"
    repository.registry(waits=str(marker))
    repository.commit()
    process = command(repository, "HEAD")
    app = waiting(repository, process, marker)
    process.send_signal(number)
    said = process.communicate()
    assert (process.returncode, *said) == (130, "", "")
    assert repository.left == []
    assert gone(app)


def test_what_was_killed_is_removed_by_the_next(repository: Repository, tmp_path: Path) -> None:
    marker = tmp_path / "runs"
    repository.registry(waits=str(marker))
    repository.commit()
    process = command(repository, "HEAD")
    app = waiting(repository, process, marker)
    process.kill()
    process.communicate()
    os.kill(app, signal.SIGKILL)
    assert len(repository.left) == 2
    repository.registry(a={"key": {}})
    repository.commit()
    assert repository.diff().empty
    assert repository.left == []


def test_two_comparisons_at_once_leave_each_other_alone(repository: Repository) -> None:
    with workplace(repository.root) as one:
        (one / "kept").touch()
        assert repository.diff().empty
        assert (one / "kept").exists()
    assert repository.left == []


def test_exit_codes_and_output(repository: Repository) -> None:
    def run(*options: str) -> tuple[int, str, str]:
        process = command(repository, *options)
        said = process.communicate()
        return process.returncode, *said

    code, said, _ = run("HEAD")
    assert (code, said.count("\n")) == (0, 1)
    repository.registry(a={"key": {"x": 1}})
    code, said, _ = run("HEAD")
    assert (code, "1 stack gone" in said) == (1, True)
    code, said, _ = run("HEAD", "--json")
    assert (code, json.loads(said)["removed"][0]["units"]) == (1, [{"stack": "tenant-b-test", "tenant": "b"}])
    code, said, _ = run("HEAD", "--markdown")
    assert (code, said.startswith("### Compared with HEAD (")) == (1, True)
    assert run("HEAD", "--markdown", "--json")[0] == 2
    code, said, error = run("--", "--upload-pack")
    assert (code, said) == (2, "")
    assert error == (
        "fleet: BASE: received '--upload-pack', expected a revision of this repository, such as 'main'\n"
    )
    assert run("--upload-pack")[0] == 2
