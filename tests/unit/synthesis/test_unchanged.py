"""Stacks are taken from where they are kept, and only from there where they are whole and made from the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import main
from config.problems import Refusal
from synthesis import kept as kept_module
from synthesis.kept import KeptStacks, link
from synthesis.processes import MANIFEST, STACKS
from synthesis.unchanged import Program, synthesize_changed
from tenancy.fleet import Fleet

ROOT = Path(__file__).resolve().parents[3]
SHA256 = "ab" * 32
KEY = f"packages/{SHA256}.zip"
PACKAGE = b"a function's code"


class Synthesis:
    """A synthesis of stacks that are their plans as JSON, each with one function."""

    def __init__(self, folder: Path) -> None:
        self.root, self.outdir, self.kept = folder / "root", folder / "out", folder / "kept"
        (self.root / "stacks").mkdir(parents=True)
        self.source = self.root / "stacks" / "app.py"
        self.source.write_text("")
        (self.outdir / STACKS).mkdir(parents=True)
        self.package = folder / "package.zip"
        self.package.write_bytes(PACKAGE)
        self.asked: list[str] = []
        self.stack: dict[str, Any] = {"dependencies": [], "annotations": []}
        self.sha256 = SHA256

    def run(self, plans: dict[str, object], outdir: Path | None = None) -> list[str]:
        """Return the ids of the stacks that were not taken from where they are kept."""
        self.asked = []
        self.plans = plans
        of = Program(root=self.root, modules=["stacks"], variables={}, packages=[self.sha256])
        there = KeptStacks(self.kept, {self.sha256: self.package}, {self.sha256: KEY})
        outdir = outdir or self.outdir
        (outdir / STACKS).mkdir(parents=True, exist_ok=True)
        synthesize_changed(plans, of, there, outdir, self.synthesize)
        return self.asked

    def synthesize(self, ids: Sequence[str], folder: Path) -> None:
        self.asked += ids
        stacks = {}
        for id_ in ids:
            file = folder / STACKS / id_ / "cdk.tf.json"
            asset = file.parent / "assets" / "function" / self.sha256 / "package.zip"
            if KEY in json.dumps(self.plans[id_]):
                asset = self.outdir / KEY
            file.parent.mkdir(parents=True, exist_ok=True)
            asset.parent.mkdir(parents=True, exist_ok=True)
            asset.write_bytes(self.package.read_bytes())
            file.write_text(json.dumps(self.plans[id_]))
            stacks[id_] = {**self.stack, "synthesizedStackPath": f"{STACKS}/{id_}/cdk.tf.json"}
        (folder / MANIFEST).write_text(json.dumps({STACKS: stacks, "version": "1"}))

    def files(self, outdir: Path | None = None) -> dict[str, bytes]:
        outdir = outdir or self.outdir
        return {
            path.relative_to(outdir).as_posix(): path.read_bytes()
            for path in sorted(outdir.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def synthesis(tmp_path: Path) -> Synthesis:
    return Synthesis(tmp_path)


PLANS: dict[str, object] = {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 3}}


def test_what_is_unchanged_is_not_synthesized_again(synthesis: Synthesis, tmp_path: Path) -> None:
    assert synthesis.run(PLANS) == ["a", "b", "c"]
    fresh = synthesis.files()
    assert synthesis.run(PLANS) == []
    assert synthesis.files() == fresh
    assert synthesis.run(PLANS, tmp_path / "elsewhere") == []
    assert synthesis.files(tmp_path / "elsewhere") == fresh
    assert set(json.loads(fresh[MANIFEST])[STACKS]) == set(PLANS)


def test_a_package_for_a_bucket_is_written_for_a_kept_stack_as_well(
    synthesis: Synthesis, tmp_path: Path
) -> None:
    plans: dict[str, object] = {"a": {"s3_key": KEY}}
    assert synthesis.run(plans) == ["a"]
    fresh = synthesis.files()
    assert fresh[KEY] == PACKAGE
    assert not [name for name in fresh if "assets" in name]
    assert synthesis.run(plans, tmp_path / "elsewhere") == []
    assert synthesis.files(tmp_path / "elsewhere") == fresh


def test_packages_of_an_earlier_synthesis_do_not_stay(synthesis: Synthesis) -> None:
    synthesis.run(PLANS)
    fresh = synthesis.files()
    old = synthesis.outdir / STACKS / "a" / "assets" / "function" / ("0" * 64) / "package.zip"
    old.parent.mkdir()
    old.write_bytes(b"old")
    assert synthesis.run(PLANS) == []
    assert synthesis.files() == fresh
    assert not old.parent.exists()


def test_a_changed_plan_costs_its_own_stack(synthesis: Synthesis) -> None:
    synthesis.run(PLANS)
    assert synthesis.run({**PLANS, "b": {"x": 4}}) == ["b"]
    assert json.loads(synthesis.files()["stacks/b/cdk.tf.json"]) == {"x": 4}
    assert set(json.loads(synthesis.files()[MANIFEST])[STACKS]) == set(PLANS)
    assert synthesis.run(PLANS) == []


def test_changed_code_or_another_package_costs_all(synthesis: Synthesis) -> None:
    synthesis.run(PLANS)
    synthesis.source.write_text("x = 1")
    assert synthesis.run(PLANS) == list(PLANS)
    synthesis.sha256 = "cd" * 32
    assert synthesis.run(PLANS) == list(PLANS)
    assert synthesis.run(PLANS) == []


def test_a_stack_of_another_id_is_another(synthesis: Synthesis) -> None:
    """Two stacks of one plan: each is kept under a digest, and says whose it is."""
    synthesis.run({"a": {"x": 1}})
    assert synthesis.run({"z": {"x": 1}}) == ["z"]


def test_what_is_not_selected_is_left_alone(synthesis: Synthesis) -> None:
    synthesis.run(PLANS)
    before = synthesis.files()
    assert synthesis.run({"a": {"x": 1}}) == []
    after = synthesis.files()
    assert list(json.loads(after.pop(MANIFEST))[STACKS]) == ["a"]
    assert after.items() <= before.items()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content.replace(b'"x": 1', b'"x": 9'),
        lambda content: content.replace(b'"version"', b'"Version"'),
        lambda content: bytes(len(content)),
        lambda content: b"\xff\n{}",
    ],
)
def test_a_damaged_stack_is_noticed_and_made_again(synthesis: Synthesis, damage: Any) -> None:
    synthesis.run({"a": {"x": 1}})
    fresh = synthesis.files()
    (file,) = synthesis.kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert synthesis.run({"a": {"x": 1}}) == ["a"]
    assert (synthesis.files(), file.read_bytes()) == (fresh, whole)


def test_a_folder_in_place_of_a_stack_is_no_stack(synthesis: Synthesis) -> None:
    synthesis.run({"a": {"x": 1}})
    (file,) = synthesis.kept.iterdir()
    file.unlink()
    file.mkdir()
    assert synthesis.run({"a": {"x": 1}}) == ["a"]


def test_what_somebody_changed_in_the_output_is_put_right(synthesis: Synthesis) -> None:
    synthesis.run(PLANS)
    fresh = synthesis.files()
    (synthesis.outdir / STACKS / "a" / "cdk.tf.json").write_text("edited")
    (asset,) = (synthesis.outdir / STACKS / "b").rglob("*.zip")
    asset.unlink()
    asset.write_bytes(b"other code")
    (synthesis.outdir / STACKS / "c" / "cdk.tf.json").unlink()
    assert synthesis.run(PLANS) == []
    assert synthesis.files() == fresh


def test_what_terraform_keeps_beside_a_stack_stays(synthesis: Synthesis) -> None:
    synthesis.run(PLANS)
    beside = synthesis.outdir / STACKS / "a" / ".terraform.lock.hcl"
    beside.write_text("locked")
    synthesis.run(PLANS)
    synthesis.run({**PLANS, "a": {"x": 5}})
    assert beside.read_text() == "locked"


def test_a_stack_whose_output_cannot_be_written_is_synthesized(synthesis: Synthesis) -> None:
    synthesis.run({"a": {"x": 1}})
    (synthesis.outdir / STACKS / "a" / "cdk.tf.json").unlink()
    (synthesis.outdir / STACKS / "a" / "cdk.tf.json").mkdir()
    with pytest.raises(IsADirectoryError):
        synthesis.run({"a": {"x": 1}})
    assert synthesis.asked == ["a"]


@pytest.mark.parametrize(
    "stack",
    [
        {"dependencies": ["b"], "annotations": []},
        {"dependencies": [], "annotations": [{"level": "warn", "message": "heard each time"}]},
    ],
)
def test_a_stack_that_refers_to_another_or_says_something_is_not_kept(
    synthesis: Synthesis, stack: dict[str, Any]
) -> None:
    synthesis.stack = stack
    assert synthesis.run(PLANS) == synthesis.run(PLANS) == list(PLANS)


def test_a_stack_with_a_package_that_is_no_function_s_is_not_kept(
    synthesis: Synthesis, tmp_path: Path
) -> None:
    there = KeptStacks(synthesis.kept, {}, {})
    synthesis.run({"a": {"x": 1}})
    (file,) = synthesis.kept.iterdir()
    file.unlink()
    there.keep({"a": "0" * 64}, synthesis.outdir, ())
    assert list(synthesis.kept.iterdir()) == []


def test_a_failed_synthesis_leaves_the_manifest_and_keeps_nothing(synthesis: Synthesis) -> None:
    synthesis.run({"a": {"x": 1}})
    manifest = synthesis.files()[MANIFEST]

    def refused(ids: Sequence[str], folder: Path) -> None:
        raise Refusal("no")

    of = Program(root=synthesis.root, modules=["stacks"], variables={}, packages=[])
    with pytest.raises(Refusal, match="no"):
        synthesize_changed(PLANS, of, KeptStacks(synthesis.kept, {}, {}), synthesis.outdir, refused)
    assert synthesis.files()[MANIFEST] == manifest
    assert len(list(synthesis.kept.iterdir())) == 1
    assert not [path for path in synthesis.outdir.iterdir() if path.name.startswith(".")]


def test_code_that_was_edited_in_the_meantime_keeps_nothing(synthesis: Synthesis) -> None:
    plain = synthesis.synthesize

    def edited(ids: Sequence[str], folder: Path) -> None:
        synthesis.source.write_text("x = 2")
        plain(ids, folder)

    synthesis.synthesize = edited  # type: ignore[method-assign]
    synthesis.run(PLANS)
    assert not synthesis.kept.exists()


def test_a_folder_that_cannot_be_written_to_keeps_nothing(synthesis: Synthesis) -> None:
    synthesis.kept.write_text("in the way")
    assert synthesis.run(PLANS) == synthesis.run(PLANS) == list(PLANS)
    assert set(json.loads(synthesis.files()[MANIFEST])[STACKS]) == set(PLANS)


def test_a_package_is_one_file_with_many_names(synthesis: Synthesis, tmp_path: Path) -> None:
    synthesis.run(PLANS)
    synthesis.run(PLANS, tmp_path / "other")
    assets = list((tmp_path / "other").rglob("*.zip"))
    assert len(assets) == 3
    assert {path.stat().st_ino for path in assets} == {synthesis.package.stat().st_ino}


def test_cdktf_does_not_write_into_a_file_that_others_have(synthesis: Synthesis, tmp_path: Path) -> None:
    """It copies over what is there: the asset of a changed stack must be no name of the package."""
    synthesis.run(PLANS)
    synthesis.run(PLANS, tmp_path / "other")
    synthesis.run({**PLANS, "a": {"x": 7}}, tmp_path / "other")
    (own,) = (tmp_path / "other" / STACKS / "a").rglob("*.zip")
    assert own.stat().st_ino != synthesis.package.stat().st_ino


def test_a_file_system_without_links_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("synthesis.kept.os.link", refused)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(PACKAGE)
    link(source, target)
    assert target.read_bytes() == PACKAGE
    assert target.stat().st_ino != source.stat().st_ino
    assert {path.name for path in tmp_path.iterdir()} == {"source", "target"}


def test_what_was_not_used_for_longest_is_deleted_first(
    synthesis: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, age in enumerate((300, 100, 200)):
        synthesis.run({"a": {"x": number}})
        (newest,) = set(synthesis.kept.iterdir()) - {
            path for path in synthesis.kept.iterdir() if path.stat().st_mtime < 1e9
        }
        os.utime(newest, (1e9 - age, 1e9 - age))
    size = newest.stat().st_size
    monkeypatch.setattr(kept_module, "MOST_BYTES", 3 * size)
    # It uses the oldest one, which so becomes the newest, and adds another.
    assert synthesis.run({"a": {"x": 0}}) == []
    assert synthesis.run({"a": {"x": 3}}) == ["a"]
    assert len(list(synthesis.kept.iterdir())) == 3
    assert [synthesis.run({"a": {"x": number}}) for number in (0, 1, 3)] == [[], [], []]
    assert synthesis.run({"a": {"x": 2}}) == ["a"]


def test_what_a_run_needs_is_kept_however_much_it_is(
    synthesis: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "MOST_BYTES", 0)
    synthesis.run({"a": {"x": 1}})
    synthesis.run(PLANS)
    assert synthesis.run(PLANS) == []


def test_several_syntheses_at_once_get_along(synthesis: Synthesis, tmp_path: Path) -> None:
    def run(number: int) -> dict[str, bytes]:
        own = Synthesis(tmp_path / str(number))
        own.kept = synthesis.kept
        for turn in range(20):
            own.run({id_: {"x": (turn + index) % 5} for index, id_ in enumerate(PLANS)})
            for file in list(synthesis.kept.iterdir())[:2]:
                file.unlink(missing_ok=True)
        return own.files()

    with ThreadPoolExecutor(4) as pool:
        one, *others = pool.map(run, range(4))
    assert all(other == one for other in others)
    assert {json.loads(one[f"stacks/{id_}/cdk.tf.json"])["x"] for id_ in PLANS} == {4, 0, 1}


LOADED = "sorted({'cdktf', 'jsii'} & set(sys.modules))"
"""What a process has loaded that takes seconds to load."""


def files_of(outdir: Path) -> dict[str, bytes]:
    return {
        path.relative_to(outdir).as_posix(): path.read_bytes() for path in outdir.rglob("*") if path.is_file()
    }


def app(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, **variables: str) -> tuple[str, ...]:
    """Run the app here, and return the ids of the stacks that were not taken from where they are kept."""
    synthesized: list[str] = []

    def synthesize_here(fleet: Fleet, outdir: Path) -> None:
        synthesized.extend(fleet.ids)
        in_this_process(fleet, outdir)

    with monkeypatch.context() as patch:
        in_this_process = main.synthesize_here
        patch.setattr(main, "synthesize_here", synthesize_here)
        patch.setattr(main, "CACHE", folder / "kept")
        patch.setattr(os, "environ", {**environment(), "CDKTF_OUTDIR": str(folder / name), **variables})
        assert main.main() == 0
    return tuple(synthesized)


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def test_the_app_loads_no_cdktf_where_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesized = app(monkeypatch, tmp_path, "first")
    # The question below has another answer where stacks were synthesized.
    assert eval(LOADED) == ["cdktf", "jsii"]
    code = (
        "import sys, pathlib, main; main.CACHE = pathlib.Path(sys.argv[1]); code = main.main(); "
        f"print({LOADED}); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "kept")],
        cwd=ROOT,
        env={**environment(), "CDKTF_OUTDIR": str(tmp_path / "second")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    assert app(monkeypatch, tmp_path, "fresh", SYNTH_CACHE="off") == synthesized
    first, second, fresh = (files_of(tmp_path / name) for name in ("first", "second", "fresh"))
    assert first == second == fresh
    assert len(list((tmp_path / "kept").iterdir())) == len(list((tmp_path / "first" / STACKS).iterdir()))


def test_each_setting_that_a_stack_shows_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that no stack shows is none."""
    stack = "tenant-acme-corp-test"
    for variables, synthesized in (
        ({}, (stack,)),
        ({"SYNTH_PROCESSES": "2"}, ()),
        ({"COMMIT_AUTHOR": "somebody"}, (stack,)),
        ({"AWS_REGION": "eu-west-1"}, (stack,)),
        ({"STATE_BUCKET": "states"}, (stack,)),
        ({}, ()),
    ):
        assert app(monkeypatch, tmp_path, "out", STACKS=stack, **variables) == synthesized, variables
