"""What the move to the successor's packages renames, what it must leave equal, and what stops it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.problems import Refusal
from tools.successor import __main__ as command
from tools.successor.comparison import judge
from tools.successor.moves import MOVES
from tools.successor.renaming import rename, renamed
from tools.successor.workplace import copy, refusal


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from cdktf import App", "from cdktn import App"),
        ("    import cdktf", "    import cdktn"),
        ("from cdktf_cdktf_provider_aws.vpc import Vpc", "from cdktn_provider_aws.vpc import Vpc"),
        ('BINDINGS = ("cdktf_cdktf_provider_aws",)', 'BINDINGS = ("cdktn_provider_aws",)'),
        ('PACKAGES: Final = ("cdktf", "x")', 'PACKAGES: Final = ("cdktn", "x")'),
        ('path.join("node_modules", "@cdktf")', 'path.join("node_modules", "@cdktn")'),
        ('"cdktf-cli": "0.21.0"', '"cdktn-cli": "0.21.0"'),
        ("forbidden_modules =\n    cdktf\n    jsii", "forbidden_modules =\n    cdktn\n    jsii"),
        ('cdktf = "==0.21.0"', 'cdktn = "==0.21.0"'),
    ],
)
def test_names_of_packages_are_renamed_once(before: str, after: str) -> None:
    assert renamed(before) == after
    assert renamed(after) == after


@pytest.mark.parametrize(
    "text", ['"ManagedBy": "CDKTF"', "CDKTF_OUTDIR", '"cdktf.out"', "cdktf.json", "def cdktf()"]
)
def test_what_terraform_sees_and_what_people_set_keep_their_names(text: str) -> None:
    assert renamed(text) == text


def test_the_rename_follows_no_link_and_reads_no_data(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text("from cdktf import App\n")
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "main.py").write_text("from cdktf import App\n")
    (folder / "notes.md").write_text("from cdktf import App\n")
    (folder / "link.py").symlink_to(elsewhere)
    assert rename(folder) == 1
    assert (folder / "main.py").read_text() == "from cdktn import App\n"
    assert (folder / "notes.md").read_text() == elsewhere.read_text() == "from cdktf import App\n"


def test_no_import_of_this_repository_is_left_behind() -> None:
    for folder in ("stacks", "constructs", "synthesis"):
        for path in (command.ROOT / folder).rglob("*.py"):
            code = [line for line in renamed(path.read_text()).splitlines() if "import" in line]
            assert not [line for line in code if line.startswith(("from cdktf", "import cdktf"))], path


def document(**changes: Any) -> bytes:
    stack: dict[str, Any] = {
        "//": {"metadata": {"version": "0.21.0"}},
        "terraform": {
            "backend": {"s3": {"bucket": "states", "key": "a"}},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        "resource": {"aws_vpc": {"vpc": {"//": {"path": "a/vpc"}, "tags": [{"a": "b"}]}}},
        "output": {"vpc_id": {"value": "${aws_vpc.vpc.id}"}},
    }
    return json.dumps({**stack, **changes}).encode()


def test_metadata_and_the_providers_version_may_differ() -> None:
    providers = {"aws": {"source": "hashicorp/aws", "version": "6.69.1"}}
    backend = {"s3": {"bucket": "states", "key": "a"}}
    after = document(**{"//": {}, "terraform": {"backend": backend, "required_providers": providers}})
    verdict = judge({"a": document()}, {"a": after})
    assert (verdict.broken, verdict.arguments, verdict.stacks) == ((), {}, 1)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        (
            {"resource": {"aws_vpc": {"main": {"tags": [{"a": "b"}]}}}},
            ("a: resource aws_vpc.vpc: removed", "a: resource aws_vpc.main: added"),
        ),
        (
            {"resource": {}},
            ("a: resource aws_vpc.vpc: removed",),
        ),
        ({"output": {}}, ('a: output.vpc_id: {"value": "${aws_vpc.vpc.id}"} -> absent',)),
        (
            {
                "terraform": {
                    "backend": {"s3": {"bucket": "states", "key": "b"}},
                    "required_providers": {"aws": {"source": "other/aws", "version": "1"}},
                }
            },
            (
                'a: terraform.backend.s3.key: "a" -> "b"',
                'a: terraform.required_providers.aws.source: "hashicorp/aws" -> "other/aws"',
            ),
        ),
    ],
)
def test_what_deployed_stacks_are_known_by_must_not_differ(
    changes: dict[str, Any], broken: tuple[str, ...]
) -> None:
    assert judge({"a": document()}, {"a": document(**changes)}).broken == broken


def test_a_stack_that_one_side_lacks_is_a_difference() -> None:
    assert judge({"a": document()}, {"b": document()}).broken == ("a: removed", "b: added")


def test_arguments_are_counted_without_the_resources_names() -> None:
    after = document(resource={"aws_vpc": {"vpc": {"tags": [{"a": "c"}]}}})
    verdict = judge({"a": document(), "b": document()}, {"a": after, "b": after})
    assert verdict.broken == ()
    assert verdict.arguments == {"aws_vpc.tags.*.a": 2}
    assert verdict.examples == {"aws_vpc.tags.*.a": 'a: resource.aws_vpc.vpc.tags.0.a: "b" -> "c"'}


def test_a_copy_has_the_working_trees_files_and_not_what_git_ignores(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    files = {
        ".gitignore": "build/\n",
        "kept.py": "kept",
        "gone.py": "gone",
        "build/lambda/x": "x",
        "build/y": "y",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "-C", str(root), "add", "."], check=True)
    (root / "gone.py").unlink()
    (root / "new.py").write_text("new")
    copy(root, tmp_path / "copy")
    found = {path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*")}
    assert found == {".gitignore", "kept.py", "new.py", "build", "build/lambda"}
    assert (tmp_path / "copy" / "build" / "lambda" / "x").read_text() == "x"


def test_an_index_that_cannot_be_reached_is_said_in_one_line() -> None:
    said = (
        "WARNING: Retrying (Retry(total=0)) after connection broken\n"
        "ERROR: Could not find a version that satisfies the requirement cdktn==0.24.0 (from versions: none)\n"
        "ERROR: No matching distribution found for cdktn==0.24.0\n"
    )
    assert refusal(["python", "-m", "pip", "install"], 1, said) == (
        "cdktn==0.24.0: received nothing from the package index, "
        "expected a package index that has it, by pip's own configuration"
    )
    assert refusal(["git", "ls-files"], 128, "fatal: no repository\n") == (
        "git ls-files: ended with 128: fatal: no repository"
    )


def test_a_move_that_cannot_be_tried_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise Refusal("no index")

    monkeypatch.setattr(command, "workplace", refuse)
    assert command.main(["terrain"]) == 2
    assert capsys.readouterr().err == "successor: no index\n"
    with pytest.raises(SystemExit, match="2"):
        command.main(["terraine"])
    assert "MOVE: received 'terraine', expected one of provider-6, terrain" in capsys.readouterr().err


def test_every_package_is_pinned_by_its_hash_and_no_index_is_named() -> None:
    for move in MOVES:
        for line in move.requirements.read_text().splitlines():
            assert line.startswith("#") or ("==" in line and "--hash=sha256:" in line), line
            assert "://" not in line
