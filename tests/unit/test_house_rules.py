"""Rules of the house that hold for how code is written."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from constructs import Construct

ROOT = Path(__file__).resolve().parents[2]
LITERALS = (ast.Dict, ast.DictComp, ast.GeneratorExp, ast.List, ast.ListComp, ast.Set, ast.SetComp, ast.Tuple)


def module_of(path: Path) -> ModuleType:
    return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if path.name != "__init__.py"]


def creates(call: ast.Call, module: object) -> bool:
    """Return whether `call` makes resources: a construct's constructor, or a step that is called `create_...`."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name.lstrip("_").startswith("create_"):
        return True
    found = getattr(module, name, getattr(builtins, name, None)) if isinstance(function, ast.Name) else None
    return isinstance(found, type) and issubclass(found, Construct)


def hidden_creations(tree: ast.AST, module: object) -> Iterator[str]:
    """Yield the calls that make resources inside the arguments of another call, or inside a literal.

    A comprehension that is all of a statement's value is a loop with a name, and permitted. Documents
    (`policy_document`) are text that is made of values: they create nothing.
    """

    def visit(node: ast.AST, inside: bool, whole: bool) -> Iterator[str]:
        if isinstance(node, ast.Call):
            if inside and creates(node, module):
                yield f"line {node.lineno}: {ast.unparse(node.func)}"
            yield from visit(node.func, inside, whole=False)
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from visit(argument, inside=True, whole=False)
            return
        comprehension = isinstance(node, (ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp))
        if isinstance(node, ast.stmt):
            inside, below = False, True
        else:
            inside, below = inside or (isinstance(node, LITERALS) and not (comprehension and whole)), False
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside, whole=below)

    yield from visit(tree, inside=False, whole=True)


@pytest.mark.parametrize(
    "path", files("constructs", "stacks"), ids=lambda path: str(path.relative_to(ROOT).with_suffix(""))
)
def test_no_construct_makes_resources_inside_an_argument(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(hidden_creations(tree, module_of(path))) == []


@pytest.mark.parametrize(
    "statement",
    [
        "use(create_key())",
        "use(key=self._create_key().arn)",
        "resources = [Resource(self, 'key')]",
        "resources = {'key': self.key.create_alarm()}",
        "first, *_ = use(_create_key(zone) for zone in zones)",
        "use([Resource(self, zone) for zone in zones])",
    ],
)
def test_a_hidden_creation_is_found(statement: str) -> None:
    module = ModuleType("module")
    vars(module)["Resource"] = Construct
    assert len(list(hidden_creations(ast.parse(statement), module))) == 1


def test_a_named_creation_is_none() -> None:
    statements = "\n".join(
        [
            "key = Resource(self, 'key', Props(name='name'))",
            "keys = {zone: create_key(zone) for zone in zones}",
            "arn = Resource(self, 'other').arn",
        ]
    )
    module = ModuleType("module")
    vars(module)["Resource"] = Construct
    assert list(hidden_creations(ast.parse(statements), module)) == []


VERBS = frozenset(
    {
        "Allow",
        "Announce",
        "BackUp",
        "Copy",
        "Create",
        "Decrypt",
        "Delete",
        "Deny",
        "Describe",
        "Encrypt",
        "List",
        "LogIn",
        "Manage",
        "Pass",
        "Pull",
        "Read",
        "Send",
        "Start",
        "Tag",
        "Use",
        "Write",
    }
)
"""What a statement permits or denies, in the words of IAM's actions; `Pass` is an endpoint's, which nobody calls."""


@cache
def statement_ids() -> list[tuple[str, str]]:
    """Return the files and the ids of the statements that are written out, such as `sid="ReadSecret"`."""
    return [
        (path.name, node.value.value)
        for path in files("constructs", "policies")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "sid"
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]


def test_a_statement_id_says_what_is_done() -> None:
    found = statement_ids()
    assert len(found) > 50
    assert [(file, sid) for file, sid in found if not sid.startswith(tuple(VERBS))] == []


def test_no_verb_is_without_a_statement() -> None:
    assert {verb for verb in VERBS if not any(sid.startswith(verb) for _, sid in statement_ids())} == set()


@pytest.mark.parametrize(
    ("file", "lines"),
    [("main.py", 60), ("stacks/silo_stack.py", 45), ("stacks/shared_platform_stack.py", 55)],
)
def test_what_is_wired_fits_on_one_screen(file: str, lines: int) -> None:
    """The longest function of `main.py`, and a stack's constructor, which names its steps."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert max((node.end_lineno or 0) - node.lineno + 1 for node in functions) <= lines


def attributes(written: ast.ClassDef) -> set[str]:
    """Return the public attributes, fields and properties of a class."""
    found = {
        node.attr
        for node in ast.walk(written)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    for node in written.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Name) and decorator.id == "property"
            for decorator in node.decorator_list
        ):
            found.add(node.name)
    return {name for name in found if not name.startswith("_")}


FOLDERS = (
    "bundling",
    "config",
    "constructs",
    "deployer",
    "emulator",
    "extensions",
    "facts",
    "fleet",
    "isolation",
    "lambda_src",
    "policies",
    "preflight",
    "progress",
    "restoration",
    "rotation",
    "stacks",
    "synthesis",
    "tenancy",
    "terraform",
    "tools",
)
REPEATED = {"RolloutTable.table": "beside `path`: the table's name, and the folder that stands for it here"}
"""Attributes that repeat the name of their class, with the reason."""


@cache
def classes(*folders: str) -> list[tuple[Path, ast.ClassDef]]:
    return [
        (path.relative_to(ROOT), node)
        for path in files(*folders)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]


def test_no_handle_repeats_the_name_of_its_class() -> None:
    """`alarms.alarms` and `repository.repository` say one thing twice; `alarms.created` says what it is."""
    repeated = {
        f"{node.name}.{name}": path
        for path, node in classes(*FOLDERS)
        for name in sorted(attributes(node))
        if name in {re.findall("[A-Z][^A-Z]*", node.name)[-1].lower(), snake_case(node.name)}
    }
    assert {name: path for name, path in repeated.items() if name not in REPEATED} == {}
    assert REPEATED.keys() - repeated.keys() == set()


def snake_case(name: str) -> str:
    return re.sub("(?<!^)([A-Z])", r"_\1", name).lower()


APART = ("emulator", "isolation", "lambda_src", "tools")
"""They know the infrastructure by its JSON or its APIs, or are tools that nothing else knows: words of their own."""
SEVERAL_MEANINGS = {
    "Account": "in a stack the account of Terraform's credentials, in the preflight that of the caller's",
    "Add": "how rollout and retirement each add a command: neither knows the other",
}
"""Names of two classes, with the reason."""


def test_no_two_classes_have_one_name() -> None:
    """One word, one thing: `Limits` was what a registry may hold, and what AWS allows an account."""
    found: dict[str, list[str]] = {}
    for path, node in classes(*FOLDERS):
        if path.parts[0] not in APART and not node.name.startswith("_"):
            found.setdefault(node.name, []).append(str(path))
    several = {name: places for name, places in found.items() if len(places) > 1}
    assert {name: places for name, places in several.items() if name not in SEVERAL_MEANINGS} == {}
    assert SEVERAL_MEANINGS.keys() - several.keys() == set()


LONGEST_FILE = 300
"""Lines: a reader who looks for one thing finds it without searching in the file."""


def test_no_file_is_longer_than_a_reader_can_survey() -> None:
    lines = {
        path: path.read_text(encoding="utf-8").count("\n") for path in [ROOT / "main.py", *files(*FOLDERS)]
    }
    long = {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > LONGEST_FILE}
    assert long == {}


def test_every_folder_of_code_is_asked() -> None:
    """`mypy` reads all of them: `pyproject.toml` lists them."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["files"]
    assert {name for name in listed if name not in {"main.py", "tests"}} == set(FOLDERS)
