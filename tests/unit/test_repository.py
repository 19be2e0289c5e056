"""Rules of the house that hold for the repository itself."""

from __future__ import annotations

import configparser
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.guards import GUARD_SECONDS
from tools.imports import packages

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = tuple(name for name, path in packages().items() if path.parent == ROOT)
PURE = ("bundling", "config", "constructs", "facts", "policies", "stacks", "synthesis", "tenancy")
"""Folders of what is synthesized."""


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_every_folder_is_in_an_import_contract() -> None:
    linter = configparser.ConfigParser()
    linter.read(ROOT / ".importlinter")
    roots = set(linter["importlinter"]["root_packages"].split())
    assert roots == {"main", *packages()}
    contracts = [
        linter[section] for section in linter.sections() if section.startswith("importlinter:contract:")
    ]
    bound = {
        name
        for contract in contracts
        for key in ("layers", "source_modules")
        for name in re.split(r"[\s|]+", contract.get(key, ""))
        if "containers" not in contract
    }
    assert roots <= bound


def test_every_folder_inside_of_a_folder_is_in_a_contract_of_the_one_around_it() -> None:
    linter = configparser.ConfigParser()
    linter.read(ROOT / ".importlinter")
    layers: dict[str, set[str]] = {}
    for section in linter.sections():
        for container in linter[section].get("containers", "").split():
            layers.setdefault(container, set()).update(re.findall(r"\w+", linter[section]["layers"]))
    inner = {
        (".".join([name, *folder.relative_to(path).parts[:-1]]), folder.name)
        for name, path in packages().items()
        for folder in path.rglob("*/")
        # What a user has below it is the user's.
        if name != "extensions" and any(folder.glob("*.py"))
    }
    assert ("constructs", "silo") in inner
    assert sorted(f"{around}.{name}" for around, name in inner if name not in layers.get(around, ())) == []


def test_our_constructs_join_the_librarys_namespace() -> None:
    """An `__init__.py` would shadow the library: cdktf could not be imported."""
    assert not (ROOT / "constructs" / "__init__.py").exists()
    library = importlib.import_module("constructs")
    assert hasattr(library, "Construct")
    assert Path(str(library.__file__)).parent.parent.name == "site-packages"
    ours = importlib.import_module("constructs.silo.silo_network")
    assert Path(str(ours.__file__)).parent == ROOT / "constructs" / "silo"


def test_with_an_init_file_cdktf_dies(tmp_path: Path) -> None:
    """Why the test above exists: this is what a well-meant `__init__.py` does."""
    (tmp_path / "constructs").mkdir()
    (tmp_path / "constructs" / "__init__.py").touch()
    result = subprocess.run(
        [sys.executable, "-c", "import cdktf"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "constructs._jsii" in result.stderr or "cannot import name 'Construct'" in result.stderr


def test_the_lower_bound_of_the_library_is_in_the_pipfile() -> None:
    pipfile = tomllib.loads((ROOT / "Pipfile").read_text())
    assert pipfile["packages"]["constructs"] == ">=10.4.2,<11"
    assert pipfile["packages"]["cdktf"] == "==0.21.0"
    assert pipfile["packages"]["cdktf-cdktf-provider-aws"] == "==20.1.0"


def test_bindings_are_imported_by_submodule_only() -> None:
    """`from cdktf_cdktf_provider_aws import vpc` would need the package's own `__init__`, which is never run."""
    for path in [*python_files(*FOLDERS, "tests"), ROOT / "main.py"]:
        for line in path.read_text().splitlines():
            if re.match(r"\s*(from|import) cdktf_cdktf_provider_aws", line):
                assert re.match(r"\s*from cdktf_cdktf_provider_aws\.\w+ import ", line), (
                    f"{path.name}: {line}"
                )


PROGRAMS = [
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in [ROOT / "main.py", *python_files(*FOLDERS)]
    if '__name__ == "__main__"' in path.read_text()
]


EACH_IN_A_PROCESS = """
import importlib, json, os, sys
import boto3, botocore.client, pydantic, yaml  # what several need, and none of it ours
bindings = []
for program in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        importlib.import_module(program)
        os._exit(hasattr(sys.modules.get("cdktf_cdktf_provider_aws"), "__all__"))
    if os.waitpid(child, 0)[1]:
        bindings.append(program)
print(json.dumps(bindings))
"""


def importing_all_bindings(*programs: str) -> list[str]:
    """Return those of `programs` whose import alone imports all bindings, or fails."""
    done = subprocess.run(
        [sys.executable, "-c", EACH_IN_A_PROCESS, json.dumps(programs)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=GUARD_SECONDS,
    )
    return list(json.loads(done.stdout))


def test_no_program_imports_all_bindings() -> None:
    """One that imports cdktf or our constructs before `synthesis.jsii` would."""
    assert len(PROGRAMS) > 20
    assert importing_all_bindings(*PROGRAMS) == []


def test_a_program_that_imports_all_bindings_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "careless.py").write_text(
        "import sys, types\nsys.modules['cdktf_cdktf_provider_aws'] = types.SimpleNamespace(__all__=['vpc'])\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert importing_all_bindings("careless", "json", "no_such_program") == ["careless", "no_such_program"]


def test_only_main_and_the_preparation_of_jsii_read_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in python_files(*PURE)
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    }
    assert readers == {"synthesis/jsii.py"}


def test_synthesis_has_no_clock_and_no_dice() -> None:
    for path in [*python_files(*PURE), ROOT / "main.py"]:
        text = path.read_text()
        assert not re.search(
            r"\b(datetime\.now|time\.time|utcnow|import random|import uuid|import secrets)\b", text
        ), path.name


def test_the_locks_hold_hashes_and_name_no_registry() -> None:
    lock = json.loads((ROOT / "Pipfile.lock").read_text())
    assert lock["_meta"]["sources"] == []
    for category, entries in lock.items():
        if category == "_meta":
            continue
        for name, entry in entries.items():
            assert entry["hashes"], name
            assert "index" not in entry, name
    for file in ("Pipfile.lock", "package-lock.json", "bootstrap.txt"):
        assert not re.search(
            r"https?://[^\"]*(pypi|npmjs|pythonhosted|registry)", (ROOT / file).read_text()
        ), file
    node = json.loads((ROOT / "package-lock.json").read_text())
    packages = [entry for name, entry in node["packages"].items() if name and not entry.get("link")]
    assert packages
    assert not [entry for entry in packages if "integrity" not in entry and not entry.get("inBundle")]


@pytest.mark.parametrize("path", ["cdktf.json", "package.json", "package-lock.json"])
def test_json_files_parse(path: str) -> None:
    json.loads((ROOT / path).read_text())


def test_every_decision_is_listed() -> None:
    decisions = ROOT / "docs" / "decisions"
    index = (decisions / "README.md").read_text()
    for file in decisions.glob("[0-9]*.md"):
        assert f"({file.name})" in index, file.name
        headings = re.findall(r"^## (.+)$", file.read_text(), re.MULTILINE)
        assert {"Status", "Context", "Decision", "Consequences"} <= set(headings), file.name


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "emulator").glob("*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text()):
            if not target.startswith(("http://", "https://")):
                assert (document.parent / target).exists(), f"{document.relative_to(ROOT)}: {target}"


@pytest.mark.parametrize(("part", "covered"), [("", True), ("tests/unit/facts -q", False)])
def test_a_part_of_the_tests_is_not_asked_to_cover_everything(part: str, covered: bool) -> None:
    command = ["make", "--dry-run", "--always-make", "test", f"PYTEST={part}"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    (pytest_line,) = [line for line in printed.splitlines() if " -m pytest " in line]
    assert ("--cov-fail-under=100" in pytest_line) is covered
    assert pytest_line.endswith(part)
