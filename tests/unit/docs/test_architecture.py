"""What docs/architecture.md says of the folders: compared with the code's imports and with the import contracts."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tools.imports import packages

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
ISOLATION_PAGE = (ROOT / "docs" / "isolation.md").read_text()
FOLDERS = {"main": ROOT / "main.py", **packages()}
CONSTRUCTS = {path.name: path for path in (ROOT / "constructs").iterdir() if any(path.glob("*.py"))}
LINTER = configparser.ConfigParser()
LINTER.read(ROOT / ".importlinter")

Edge = tuple[str, str]


def contracts(kind: str, container: str | None = None) -> Iterator[configparser.SectionProxy]:
    for section in LINTER.sections():
        if section.startswith("importlinter:contract:"):
            contract = LINTER[section]
            if contract["type"] == kind and contract.get("containers", "").strip() == (container or ""):
                yield contract


def layers(container: str | None = None) -> Iterator[list[set[str]]]:
    for contract in contracts("layers", container):
        yield [set(re.findall(r"\w+", line)) for line in contract["layers"].strip().splitlines()]


def imported(path: Path, depth: int = 0, below: str = "") -> set[str]:
    """The names at `depth` of what the modules at `path` import from `below`."""
    names = set()
    for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    parts = [name.split(".") for name in names if name.startswith(below)]
    return {part[depth] for part in parts if len(part) > depth}


@cache
def real_imports() -> dict[str, set[str]]:
    return {name: (imported(path) & set(FOLDERS)) - {name} for name, path in FOLDERS.items()}


@cache
def real_imports_of_constructs() -> dict[str, set[str]]:
    return {
        name: (imported(path, 1, "constructs.") & set(CONSTRUCTS)) - {name}
        for name, path in CONSTRUCTS.items()
    }


def permitted() -> dict[str, set[str]]:
    """What the contracts let each folder import directly."""
    refused: set[Edge] = set()
    for found in layers():
        for index, layer in enumerate(found):
            refused |= {(one, other) for one in layer for other in set().union(*found[: index + 1])}
    for contract in contracts("forbidden"):
        for source in contract["source_modules"].split():
            refused |= {(source, target) for target in contract["forbidden_modules"].split()}
    return {
        name: {other for other in FOLDERS if other != name and (name, other) not in refused}
        for name in FOLDERS
    }


def rows(pattern: str) -> dict[str, set[str]]:
    """The last column of the rows of the page's tables whose first column is `pattern`, by its first group."""
    found = re.findall(rf"^\| `{pattern}` \|.+\| ([^|]+) \|$", PAGE, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in found}


def signs() -> dict[str, set[str]]:
    return rows(r"(?:lambda_src/)?(\w+)(?:/|\.py)")


def arrows() -> set[Edge]:
    (diagram,) = re.findall(r"```mermaid\n(.+?)```", PAGE, re.DOTALL)
    return set(re.findall(r"^  (\w+) --> (\w+)$", diagram, re.MULTILINE))


def test_every_folder_has_a_row() -> None:
    assert set(signs()) == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_row_says_what_the_contracts_permit(folder: str) -> None:
    assert signs()[folder] == permitted()[folder]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_row_says_what_the_code_imports(folder: str) -> None:
    if folder in {"extensions", "tools"}:
        assert real_imports()[folder] <= signs()[folder]
    else:
        assert real_imports()[folder] == signs()[folder]


@pytest.mark.parametrize("folder", CONSTRUCTS)
def test_a_row_of_the_constructs_says_what_the_code_imports(folder: str) -> None:
    assert rows(r"constructs/(\w+)/")[folder] == real_imports_of_constructs()[folder]


def test_every_folder_of_constructs_has_a_row_and_a_layer() -> None:
    assert set(rows(r"constructs/(\w+)/")) == set(CONSTRUCTS)
    (found,) = layers("constructs")
    assert set().union(*found) == set(CONSTRUCTS)


def test_the_diagram_has_every_import_and_no_other() -> None:
    code = {(one, other) for one, others in real_imports().items() if one != "tools" for other in others}
    assert arrows() == code
    assert not any("tools" in others for others in real_imports().values())


def test_no_arrow_of_the_diagram_points_upwards() -> None:
    levels = [{name: index for index, layer in enumerate(found) for name in layer} for found in layers()]
    placed = set()
    for level in levels:
        for source, target in arrows():
            if source in level and target in level:
                assert level[source] < level[target], f"{source} --> {target}"
                placed.add((source, target))
    assert placed == arrows()


def test_the_diagram_has_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for source, target in arrows():
        graph.setdefault(source, set()).add(target)
    TopologicalSorter(graph).prepare()


def test_every_folder_of_the_prover_has_a_row_in_the_order_of_its_layers() -> None:
    (found,) = layers("isolation")
    table = ISOLATION_PAGE.split("## Where things are")[1].split("## What to trust")[0]
    lines = [
        set(re.findall(r"`(\w+)(?:/|\.py)`", line.split("|")[1]))
        for line in table.splitlines()
        if "|" in line
    ]
    assert [line for line in lines if line] == found


def test_one_setting_passes_through_three_files() -> None:
    """`object_expiration_days`, as the page describes it. The profiles have the default."""
    section = PAGE.split("## Follow one setting")[1].split("## What keeps")[0]
    for pattern, files in {
        "object_expiration_days": {
            "config/profiles.py",
            "config/registry/tenants.py",
            "tenancy/resolution.py",
        },
        "retention.objects": {"constructs/common/object_lifecycle.py"},
    }.items():
        named = {
            path.relative_to(ROOT).as_posix()
            for folder in ("config", "tenancy", "stacks", "constructs")
            for path in (ROOT / folder).rglob("*.py")
            if pattern in path.read_text()
        }
        assert named == files
        assert all(f"`{file}`" in section for file in files)


def test_every_path_that_a_document_names_exists() -> None:
    """Paths in backticks that begin with one of the repository's folders."""
    tops = "|".join(
        sorted({path.relative_to(ROOT).parts[0] for path in packages().values()} | {"docs", "tests"})
    )
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        # How to add something names files that are still to be written.
        text = re.split(r"## (?:Add a construct|An example, step by step)", document.read_text())[0]
        text = re.sub(r"```.+?```", "", text, flags=re.DOTALL)
        for path in re.findall(rf"`((?:{tops})/[\w./-]+)`", text):
            assert (ROOT / path).exists(), f"{document.relative_to(ROOT)}: {path}"
