"""The pages that are written from the code say what the code says."""

from __future__ import annotations

import pytest

from config.registry.tenants import Fargate, Silo
from config.settings import VARIABLE_NAMES
from fleet.limits import BY_CODE
from tools.reference.__main__ import ROOT, pages
from tools.reference.markdown import plain, table
from tools.reference.parsers import parser_of, subparsers
from tools.reference.questions import HEADING, ORDER

PAGES = pages()
QUESTIONS = ROOT / "docs" / "questions"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_code_says(page: str) -> None:
    """`make reference` writes them."""
    assert (ROOT / page).read_text() == PAGES[page]


def test_every_variable_key_and_code_has_its_row() -> None:
    for name in VARIABLE_NAMES:
        assert f"\n| `{name}` |" in PAGES["docs/reference/settings.md"]
    for key in (*Silo.model_fields, *Fargate.model_fields):
        assert f"\n| `{key}` |" in PAGES["docs/reference/registry.md"]
    for code in BY_CODE:
        assert f"\n| `{code}` |" in PAGES["docs/reference/fleet-file.md"]


def test_every_command_of_the_fleet_has_its_section() -> None:
    parser = parser_of("fleet")
    assert parser is not None
    assert len(subparsers(parser)) > 10
    for name in subparsers(parser):
        assert f"\n### python -m fleet {name}\n" in PAGES["docs/reference/commands.md"]


def test_a_module_without_arguments_has_no_parser_and_one_that_is_not_there_is_told() -> None:
    assert parser_of("tools.lock") is None
    with pytest.raises(ModuleNotFoundError):
        parser_of("fleet.nothing")


def test_a_cell_holds_no_bar_and_no_end_of_a_line() -> None:
    assert table(("a", "b"), [("x|y", "one\n  two")]) == "| a | b |\n| --- | --- |\n| x\\|y | one two |"
    assert plain("a_b * c") == r"a\_b \* c"


def test_a_hundred_questions_and_each_has_an_answer_of_its_own() -> None:
    assert {path.stem for path in QUESTIONS.glob("*.md")} == {*ORDER, "README"}
    texts = [(QUESTIONS / f"{name}.md").read_text() for name in ORDER]
    headings = [heading for text in texts for heading in HEADING.findall(text)]
    assert len(headings) >= 100
    assert len(set(headings)) == len(headings)
    assert all(heading.endswith("?") for heading in headings)
    for text in texts:
        for answer in HEADING.split(text)[2::2]:
            assert len(answer.split()) >= 8, answer
