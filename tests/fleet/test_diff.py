"""What changes of this repository do to its tenants, as `fleet diff` says: each is made in a copy of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.comparison.dependencies import KEPT, PYTHON, locked
from fleet.comparison.report import Report
from fleet.comparison.shapes import Group
from fleet.diff import diff

ROOT = Path(__file__).resolve().parents[2]
SILOS = ["acme-corp", "retail-co", "tech-startup"]
FARGATE = ["acme-corp", "globex-inc", "initech-llc"]


class Copy:
    """The repository as it is, all committed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        listed = self._git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
        for name in listed.split("\0"):
            if (ROOT / name).is_file() and not name.startswith("tests/"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, root / name)
        (root / "build").mkdir()
        (root / "build" / "lambda").symlink_to(ROOT / "build" / "lambda", target_is_directory=True)
        self._git(root, "init", "--quiet", "--initial-branch=main")
        self._git(root, "add", "--all")
        names = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        self._git(root, *names, "commit", "--quiet", "--message", "Everything")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert text.count(old) == 1, (name, old)
        (self.root / name).write_text(text.replace(old, new))

    def diff(self, **variables: str) -> Report:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return diff("main", {**inherited, **variables}, root=self.root).report

    def restore(self) -> None:
        self._git(self.root, "checkout", "--quiet", ".")

    @staticmethod
    def _git(folder: Path, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
        ).stdout


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def copy(everything: Copy) -> Iterator[Copy]:
    yield everything
    everything.restore()


def tenants(groups: tuple[Group, ...]) -> list[tuple[str, list[str | None]]]:
    return [(group.kind, [unit.tenant for unit in group.units]) for group in groups]


def changed(report: Report) -> list[tuple[str, list[str | None], set[str]]]:
    """Of each group: the kind, the tenants, and the types and arguments that change."""
    return [
        (
            group.kind,
            [unit.tenant for unit in group.units],
            {f"{change.type or change.address}.{change.argument}" for change in group.changes},
        )
        for group in report.changed
    ]


def test_a_change_of_documents_changes_nothing(copy: Copy) -> None:
    copy.replace("docs/glossary.md", "# Glossary", "# Words")
    copy.replace("tenants.yaml", "tenants:\n", "# who is here\ntenants:\n")
    found = copy.diff()
    assert (found.empty, found.unchanged) == (True, 4)


def test_a_construct_s_argument_changes_all_that_use_it(copy: Copy) -> None:
    copy.replace("constructs/common/lambda_function.py", "MEGABYTES: Final = 256", "MEGABYTES: Final = 512")
    found = copy.diff()
    assert changed(found) == [
        ("silo", SILOS, {"aws_lambda_function.memory_size"}),
        ("platform", [None], {"aws_lambda_function.memory_size"}),
    ]
    assert (found.losses, found.tags) == ((), ())


def test_a_function_s_code_is_one_change_of_those_that_run_it(copy: Copy) -> None:
    with (copy.root / "lambda_src" / "tenant_api" / "handler.py").open("a") as file:
        file.write("# changed\n")
    found = copy.diff()
    assert changed(found) == [("silo", SILOS, {"aws_lambda_function.code"})]
    assert found.unchanged == 1


def test_a_dependency_is_one_change_of_those_that_run_it(copy: Copy) -> None:
    """The revision's own locked dependencies are there, as its `make setup` would have left them."""
    kept = copy.root / KEPT / locked(copy.root)
    shutil.copytree(ROOT / "build" / "lambda", kept / "lambda")
    with min((kept / "lambda" / "tenant_api").glob("*/__init__.py")).open("a") as file:
        file.write("# another version\n")
    (kept / PYTHON).parent.mkdir(parents=True)
    (kept / PYTHON).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (kept / PYTHON).chmod(0o755)
    with (copy.root / "Pipfile.lock").open("a") as file:
        file.write("\n")
    found = copy.diff()
    assert changed(found) == [("silo", SILOS, {"aws_lambda_function.code"})]
    assert found.unchanged == 1


def test_one_tenant_s_entry_is_one_stack(copy: Copy) -> None:
    text = (copy.root / "tenants.yaml").read_text()
    first = text.index("retail-co:")
    cidr = text[text.index("cidr:", first) :].splitlines()[0]
    copy.replace("tenants.yaml", cidr, f"{cidr}\n      log_retention_days: 7")
    found = copy.diff()
    assert changed(found) == [("silo", ["retail-co"], {"aws_cloudwatch_log_group.retention_in_days"})]
    assert found.unchanged == 3


def test_a_new_default_tag_is_one_change_of_all(copy: Copy) -> None:
    copy.replace(
        "tenancy/root_modules.py", '"ManagedBy": "CDKTF",', '"ManagedBy": "CDKTF", "Owner": "platform",'
    )
    found = copy.diff()
    assert changed(found) == [
        ("silo", SILOS, {"provider.aws.default_tags[0].tags.Owner"}),
        ("platform", [None], {"provider.aws.default_tags[0].tags.Owner"}),
    ]


def test_a_tag_that_changes_with_the_commit_is_set_apart(copy: Copy) -> None:
    copy.replace("tenancy/root_modules.py", "settings.commit_author,", "settings.commit_author.upper(),")
    found = copy.diff(COMMIT_AUTHOR="somebody")
    assert (found.changed, [(tag.key, tag.stacks) for tag in found.tags]) == ((), [("Author", 4)])


def test_a_version_of_the_provider_is_one_change_of_all(copy: Copy) -> None:
    line = "        self._create_backend(props.state)\n"
    override = '        self.add_override("terraform.required_providers.aws.version", "6.0.0")\n'
    copy.replace("stacks/base.py", line, line + override)
    arguments = {"terraform.required_providers.aws.version"}
    assert changed(copy.diff()) == [("silo", SILOS, arguments), ("platform", [None], arguments)]


def test_a_tenant_of_the_platform_that_changes_is_a_group(copy: Copy) -> None:
    text = (copy.root / "tenants.yaml").read_text()
    first = text.index("globex-inc:")
    priority = text[text.index("listener_priority:", first) :].splitlines()[0]
    copy.replace("tenants.yaml", priority, f"{priority}\n      maximum_tasks: 9")
    found = copy.diff()
    assert [(kind, names) for kind, names, _ in changed(found)] == [("Fargate tenant", ["globex-inc"])]
    (arguments,) = (arguments for _, _, arguments in changed(found))
    assert "aws_appautoscaling_target.max_capacity" in arguments


def test_a_renamed_tenant_loses_what_it_had(copy: Copy) -> None:
    copy.replace("tenants.yaml", "acme-corp:", "acme-inc:")
    found = copy.diff()
    assert tenants(found.added) == [("Fargate tenant", ["acme-inc"]), ("silo", ["acme-inc"])]
    assert tenants(found.removed) == [("Fargate tenant", ["acme-corp"]), ("silo", ["acme-corp"])]
    lost = {(loss.stack, loss.change.type) for loss in found.losses}
    assert {
        ("tenant-acme-corp-test", "aws_dynamodb_table"),
        ("shared-platform-test", "aws_s3_bucket"),
    } <= lost
    assert {loss.tenant for loss in found.losses} == {"acme-corp"}


def test_states_elsewhere_are_said_of_each_stack(copy: Copy) -> None:
    copy.replace("tenancy/root_modules.py", '{stack}.tfstate")', '{stack}/terraform.tfstate")')
    found = copy.diff()
    assert changed(found) == [
        ("silo", SILOS, {"terraform.backend.local.path"}),
        ("platform", [None], {"terraform.backend.local.path"}),
    ]


def test_what_is_replaced_is_a_loss(copy: Copy) -> None:
    text = (copy.root / "tenants.yaml").read_text()
    first = text.index("retail-co:")
    cidr = text[text.index("cidr:", first) :].splitlines()[0]
    copy.replace("tenants.yaml", cidr, "cidr: 10.200.0.0/16")
    found = copy.diff()
    assert "aws_vpc" in {loss.change.type for loss in found.losses}
    assert {loss.tenant for loss in found.losses} == {"retail-co"}
