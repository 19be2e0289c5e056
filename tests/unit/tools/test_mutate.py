"""The mutator: a module's source in, its mutants out, and what may live."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tools.mutate.__main__ import modules
from tools.mutate.mutants import Mutant, mutants
from tools.mutate.survivors import FILE, SurvivorsError, accepted, unmatched
from tools.mutate.trees import ROOT, BrokenTestsError, Tree, own_tests
from tools.mutate.worker import OURS

SOURCE = '''
"""A construct."""

DAYS = 7


class Bucket(Construct):
    """A bucket."""

    def __init__(self, scope, id, props):
        super().__init__(scope, id)
        Policy(self, "policy", public=False, effect="Deny", actions=("a", "b"), depends_on=[access])
        self.encrypt()
'''


def test_each_argument_is_changed_or_left_out_and_each_call_too() -> None:
    assert [mutant.id for mutant in mutants(SOURCE)] == [
        "DAYS: 7 -> 8",
        "Bucket.__init__: without Policy(self, 'policy', public=False, effect='Deny', actio...",
        "Bucket.__init__/Policy.public: False -> True",
        "Bucket.__init__/Policy.effect: 'Deny' -> 'Allow'",
        "Bucket.__init__/Policy.actions: without argument",
        "Bucket.__init__/Policy.actions: without 'a'",
        "Bucket.__init__/Policy.actions: 'a' -> 'ax'",
        "Bucket.__init__/Policy.actions: without 'b'",
        "Bucket.__init__/Policy.actions: 'b' -> 'bx'",
        "Bucket.__init__/Policy.depends_on: without argument",
        "Bucket.__init__/Policy.depends_on: without access",
        "Bucket.__init__: without self.encrypt()",
    ]


def test_a_mutant_is_the_module_with_that_change_alone() -> None:
    original = ast.unparse(ast.parse(SOURCE))
    (revoked,) = (mutant for mutant in mutants(SOURCE) if mutant.id.endswith("'Deny' -> 'Allow'"))
    assert revoked.source == original.replace("effect='Deny'", "effect='Allow'")
    sources = [mutant.source for mutant in mutants(SOURCE)]
    assert original not in sources
    assert len(set(sources)) == len(sources)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("x = not safe", {"not safe -> safe"}),
        ("x = one if safe else other", {"safe -> True", "safe -> False"}),
        ("x = a == b", {"a == b -> a != b"}),
        ("x = f'{arn}/*'", {"f'{arn}/*' -> ...x"}),
        ("x = a and b", {"a and b without a", "a and b without b"}),
        ("x = a or b or c", {"a or b or c without a", "a or b or c without c"}),
        ("if public: pass", {"if public -> if not"}),
        ("x = [key for key in keys if key.open]", {"if key.open -> if not"}),
        ("x = {'Condition': c, **rest}", {"without entry 'Condition'", "without entry **rest"}),
    ],
)
def test_choices_are_inverted_and_texts_are_changed(code: str, changes: set[str]) -> None:
    assert changes <= {mutant.id.split(": ", 1)[1] for mutant in mutants(code)}


@pytest.mark.parametrize(
    ("code", "effect", "changed"),
    [
        ("if public:\n    pass", "if public -> if not", "if not public:\n    pass"),
        (
            "x = [key for key in keys if key.open]",
            "if key.open -> if not",
            "x = [key for key in keys if not key.open]",
        ),
        ("x = a and b", "a and b without b", "x = a"),
        ("x = {'a': b, **rest}", "without entry 'a'", "x = {**rest}"),
        ("x = {'a': b, **rest}", "without entry **rest", "x = {'a': b}"),
    ],
)
def test_a_condition_is_negated_and_an_entry_left_out(code: str, effect: str, changed: str) -> None:
    (mutant,) = (mutant for mutant in mutants(code) if mutant.id.endswith(f": {effect}"))
    assert mutant.source == changed


@pytest.mark.parametrize("code", ["if not public: pass", "if a == b: pass"])
def test_a_condition_is_negated_once(code: str) -> None:
    sources = [mutant.source for mutant in mutants(code)]
    assert len(set(sources)) == len(sources) == 1


def test_a_default_is_no_condition() -> None:
    assert mutants("x = tags or None") == mutants("x = names or {}") == []


def test_docstrings_ids_and_messages_are_left_alone() -> None:
    code = '"""Text."""\nKey(self, "key")\nraise ValueError("wrong")'
    assert [mutant.id for mutant in mutants(code)] == [": without Key(self, 'key')"]


def test_types_and_texts_for_people_are_left_alone() -> None:
    source = (
        'Kind = Literal["a", "b"]\nAlarm(description="It fails", metric="Errors", summary=f"{name} fails")\n'
    )
    assert [mutant.id for mutant in mutants(source)] == [
        ": without Alarm(description='It fails', metric='Errors', summary=f'...",
        "/Alarm.metric: 'Errors' -> 'Errorsx'",
        "/Alarm.summary: without argument",
    ]


def test_two_changes_that_read_alike_have_two_ids() -> None:
    ids = [mutant.id for mutant in mutants("f(a=(1, 1))")]
    assert "/f.a: 1 -> 2" in ids
    assert "/f.a: 1 -> 2 #2" in ids


@cache
def mutants_of(file: str) -> list[Mutant]:
    return mutants((ROOT / file).read_text())


@pytest.mark.parametrize("file", modules())
def test_every_mutant_of_every_module_is_python_and_has_an_id_of_its_own(file: str) -> None:
    found = mutants_of(file)
    assert len({mutant.id for mutant in found}) == len(found)
    assert not [mutant.id for mutant in found if "\n" in mutant.id]
    for mutant in found[:20]:
        ast.parse(mutant.source)


@pytest.mark.parametrize("broken", ["tests/unit/stacks", "tests/unit/constructs/common/test_vpc.py"])
def test_tests_that_fail_without_a_mutant_notice_none(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of whole stacks as well: in a copy that lacks a file they would notice every mutant."""
    monkeypatch.setattr(Tree, "_passes", lambda _, *tests: broken not in tests)
    with pytest.raises(BrokenTestsError, match=rf"^{broken}: received failing tests"):
        Tree(tmp_path / "tree").check(["constructs/common/vpc.py"])


def test_the_tests_of_whole_stacks_that_notice_a_folder_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree(tmp_path / "tree")
    asked: list[tuple[str, ...]] = []
    failing = "tests/unit/stacks/test_silo_stack.py"

    def passes(self: Tree, *tests: str) -> bool:
        whole = failing in tests
        if whole:
            asked.append(tests)
            self._failed = failing
        return not whole

    monkeypatch.setattr(Tree, "_passes", passes)
    for file in ("constructs/silo/silo_key.py", "constructs/silo/http_api.py", "constructs/common/vpc.py"):
        assert tree.notices(file, "")
    first, second, elsewhere = asked
    assert first == elsewhere == tuple(sorted(first))
    assert second == (failing, *(test for test in first if test != failing))
    assert len(first) > 1


def test_a_run_says_which_file_failed(tmp_path: Path) -> None:
    for name, code in {"test_a.py": "def test(): pass", "test_b.py": "def test(): assert 0"}.items():
        (tmp_path / name).write_text(code)
    request = {"tests": [str(tmp_path)], "options": ["--rootdir", str(tmp_path)], "seconds": 60}
    worker = subprocess.run(
        [sys.executable, "-m", "tools.mutate.worker"],
        cwd=ROOT,
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(worker.stdout)
    assert (answer["code"], Path(answer["failed"]).name) == (1, "test_b.py")


def test_a_part_without_tests_of_its_own_is_tested_with_what_is_made_of_it(tmp_path: Path) -> None:
    for file, text in {
        "constructs/part.py": "",
        "constructs/whole.py": "from constructs.part import piece\n",
        "constructs/other.py": "from constructs.partition import piece\n",
        "tests/unit/constructs/test_whole.py": "",
        "tests/unit/constructs/test_other.py": "",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    tests = ["tests/unit/constructs/test_whole.py"]
    assert own_tests("constructs/part.py", tmp_path) == own_tests("constructs/whole.py", tmp_path) == tests


def test_every_reason_names_a_mutant_that_is_made() -> None:
    ids = {file: {mutant.id for mutant in mutants_of(file)} for file in modules()}
    reasons = accepted(FILE.read_text())
    assert unmatched(reasons, ids) == []
    assert {file for file, _ in reasons} <= set(ids)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[survivor]]\nfile = "a"\nmutant = "b"\nreason = " "', "expected file, mutant and reason"),
        ('[[survivor]]\nfile = "a"\nmutant = "b"', "expected file, mutant and reason"),
        ("[[survivor", "expected TOML"),
        ('[[survivor]]\nfile = "a"\nmutant = "b"\nreason = "c"\n' * 2, "twice, expected it once"),
    ],
)
def test_a_survivor_without_a_reason_is_refused(text: str, message: str) -> None:
    with pytest.raises(SurvivorsError, match=message):
        accepted(text)


def test_a_reason_whose_mutant_is_gone_is_found() -> None:
    reasons = {("a.py", "kept"): "r", ("a.py", "gone"): "r", ("not_read.py", "x"): "r"}
    assert unmatched(reasons, {"a.py": {"kept"}}) == [("a.py", "gone")]


def test_every_module_that_is_mutated_is_imported_anew() -> None:
    """One that stays loaded would let each of its mutants live."""
    names = [file.removesuffix(".py").replace("/", ".") for file in modules()]
    assert [name for name in names if not name.startswith(tuple(f"{ours}." for ours in OURS))] == []


def test_a_run_that_computes_without_end_ends_its_process_without_an_answer(tmp_path: Path) -> None:
    endless = tmp_path / "test_endless.py"
    endless.write_text("def test() -> None:\n    while True:\n        pass\n")
    request = {"tests": [str(endless)], "options": [], "seconds": 2}
    worker = subprocess.run(
        [sys.executable, "-m", "tools.mutate.worker"],
        cwd=ROOT,
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (worker.returncode, worker.stdout) == (-signal.SIGPROF, "")
