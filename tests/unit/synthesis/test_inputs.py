"""What a stack's digest is made of: nothing that a stack is made from is left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config.loading import load
from stacks import app
from synthesis.inputs import FILES, digest, encoded, files, installed, program
from tenancy.plans import StackPlan
from tenancy.resolution import resolve
from tools.compare.__main__ import CASES, PRODUCTION

ROOT = Path(__file__).resolve().parents[3]
MODULES = ("stacks", "synthesis")
HANDED_OVER = """
import json, os, sys
from pathlib import Path
import synthesis.jsii
from config.loading import load
from tenancy.resolution import resolve
fleet = resolve(*load(os.environ, root=Path(".")))
opened = []
sys.addaudithook(lambda event, given: opened.append(given[0]) if event == "open" else None)
from stacks.app import FleetApp
FleetApp(fleet, outdir=sys.argv[1]).synth()
loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps([str(path) for path in [*opened, *loaded] if isinstance(path, str)]))
"""


@dataclass(frozen=True)
class Point:
    x: object
    y: object = 0


@dataclass(frozen=True)
class OtherPoint:
    x: object
    y: object = 0


class Colour(Enum):
    RED = "red"


def plans(case: str) -> tuple[StackPlan, ...]:
    return resolve(*load(CASES[case], root=ROOT)).stacks


def variants(value: Any) -> Iterator[Any]:  # noqa: C901, PLR0912 (one branch for each type)
    """Values that differ from `value` in one place each, and each place once."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for other in variants(getattr(value, field.name)):
                yield replace(value, **{field.name: other})
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            for other in variants(getattr(value, name)):
                yield value.model_copy(update={name: other})
    elif isinstance(value, Mapping):
        yield {**value, "another": "key"}
        for key, item in value.items():
            for other in variants(item):
                yield {**value, key: other}
    elif isinstance(value, tuple):
        yield (*value, "another")
        for index, item in enumerate(value):
            for other in variants(item):
                yield (*value[:index], other, *value[index + 1 :])
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, IPv4Network):
        yield value.supernet()
    elif value is None:
        yield "something"
    elif isinstance(value, int):
        yield value + 1
    else:
        yield f"{value}x"


@pytest.mark.parametrize("case", CASES)
def test_each_field_of_each_plan_counts(case: str) -> None:
    for plan in plans(case):
        others = list(variants(plan))
        assert len(others) > 20
        assert len({digest(other) for other in [plan, *others]}) == 1 + len(others)


def test_equal_plans_have_equal_digests() -> None:
    one, other = (plans("every setting, production") for _ in range(2))
    assert one[0] is not other[0]
    assert [digest(plan) for plan in one] == [digest(plan) for plan in other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, True),
        (1, 1.0),
        (None, "None"),
        (("a",), ["a"]),
        (("a", "b"), ("a,b",)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({}, ()),
        (Point(1), OtherPoint(1)),
        (Point(1, 2), Point(2, 1)),
        (IPv4Network("10.0.0.0/8"), "10.0.0.0/8"),
        (Colour.RED, "red"),
        (Path("a"), "a"),
    ],
)
def test_values_that_differ_have_different_digests(one: object, other: object) -> None:
    assert digest(one) != digest(other)
    assert digest(one, other) != digest(other, one)


def test_sets_have_no_order() -> None:
    assert digest(frozenset({"a", "b"})) == digest(frozenset(["b", "a"]))


@pytest.mark.parametrize("value", [object(), {"a": [b"bytes"]}, Point(lambda: None)])
def test_a_value_of_an_unknown_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=r"received a builtins\.\w+, expected a value that a plan is made of"):
        encoded(value)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of a few files, of which `stacks` leads to `things` and from there to `deep`."""
    for name, text in {
        "main.py": "import fleet\n",
        "Pipfile.lock": "{}",
        "package-lock.json": "{}",
        "stacks/__init__.py": "",
        "stacks/app.py": "import os, things.first as first\n",
        "things/first.py": "def late():\n    from deep.down import x\n",
        "things/data.json": "1",
        "things/inner/second.py": "",
        "deep/down.py": "x = 1\n",
        "fleet/__init__.py": "",
        "alone.py": "",
        "docs/page.md": "",
        "lambda_src/api/handler.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


COUNTED = (
    "main.py",
    "Pipfile.lock",
    "package-lock.json",
    "stacks/__init__.py",
    "stacks/app.py",
    "things/first.py",
    "things/data.json",
    "things/inner/second.py",
    "deep/down.py",
)


@pytest.mark.parametrize("name", COUNTED)
def test_each_file_that_synthesis_is_made_of_counts(repository: Path, name: str) -> None:
    before = program(repository, ["stacks"], {})
    assert program(repository, ["stacks"], {}) == before
    with (repository / name).open("a") as file:
        file.write(" ")
    assert program(repository, ["stacks"], {}) != before


@pytest.mark.parametrize(
    "name", ["fleet/__init__.py", "docs/page.md", "alone.py", "stacks/__pycache__/app.pyc"]
)
def test_other_files_do_not_count(repository: Path, name: str) -> None:
    before = program(repository, ["stacks"], {})
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text("changed")
    assert program(repository, ["stacks"], {}) == before


def test_a_file_that_is_new_gone_or_renamed_counts(repository: Path) -> None:
    found = [program(repository, ["stacks"], {})]
    (repository / "things" / "new.py").write_text("")
    found.append(program(repository, ["stacks"], {}))
    (repository / "things" / "new.py").rename(repository / "things" / "renamed.py")
    found.append(program(repository, ["stacks"], {}))
    (repository / "deep" / "down.py").unlink()
    found.append(program(repository, ["stacks"], {}))
    # It hides the standard library's module, which `stacks` imports.
    (repository / "os.py").write_text("")
    found.append(program(repository, ["stacks"], {}))
    assert len(set(found)) == len(found)


def test_the_variables_that_cdktf_reads_count_and_no_others(repository: Path) -> None:
    def of(**variables: str) -> str:
        return program(repository, ["stacks"], variables)

    assert of(CDKTF_CONTEXT_JSON="{}") != of()
    assert of(SYNTH_HCL_OUTPUT="true") != of()
    assert of(CDKTF_OUTDIR="elsewhere", HOME="/root", SYNTH_PROCESSES="2") == of()


def test_what_is_installed_counts(tmp_path: Path) -> None:
    record = tmp_path / "cdktf-0.21.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("cdktf/__init__.py,sha256=a,1\n")
    found = [installed([str(tmp_path)])]
    record.write_text("cdktf/__init__.py,sha256=b,1\n")
    found.append(installed([str(tmp_path)]))
    record.parent.rename(tmp_path / "cdktf-0.21.1.dist-info")
    found.append(installed([str(tmp_path)]))
    assert len({json.dumps(one) for one in found}) == 3
    assert {name.split("-")[0] for name in installed(sys.path)} >= {"cdktf", "jsii", "constructs", "pydantic"}


def test_a_synthesis_reads_nothing_that_is_not_in_the_digest(tmp_path: Path) -> None:
    """Every file below the repository that Python opens or has loaded between the plans and their stacks."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    variables = {
        **kept,
        **PRODUCTION,
        "TENANT_REGISTRY": CASES["every setting, production"]["TENANT_REGISTRY"],
    }
    command = [sys.executable, "-B", "-c", HANDED_OVER, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counted = {path.relative_to(ROOT).as_posix() for path in files(ROOT, MODULES)} | set(FILES)
    read = set()
    for name in json.loads(done.stdout):
        path = Path(ROOT, name)
        if path.is_relative_to(ROOT) and not {".venv", "node_modules"} & set(path.relative_to(ROOT).parts):
            read.add(path.relative_to(ROOT).as_posix())
    # A package is what it is made of; its own digest counts.
    of_packages = {
        name for name in read if name.startswith(("lambda_src/", "build/lambda/", "build/packages"))
    }
    compiled = {name for name in read if "/__pycache__/" in name or name.startswith("__pycache__/")}
    assert read - of_packages - compiled <= counted
    assert {"stacks/app.py", "constructs/common/customer_key.py"} <= read
    for name in compiled:
        folder, file = name.split("__pycache__/")
        assert f"{folder}{file.split('.')[0]}.py" in counted


def test_stacks_are_made_of_nothing_but_their_plans() -> None:
    """Whatever else is handed to them belongs into their digest, in main.py, as the folder `extensions` does."""
    assert list(app.FleetApp.__init__.__annotations__) == ["fleet", "outdir", "extensions", "return"]
    assert list(app.create_stack.__annotations__) == ["app", "plan", "extensions", "return"]
