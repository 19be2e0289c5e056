"""The lint for the vocabulary of constructs."""

from __future__ import annotations

import pytest

from tools.vocabulary import CONSTRUCTS, OTHER_METHODS, ROOT, violations


def lines(source: str, **allowed: str) -> list[str]:
    return list(violations({"bucket.py": source}, {f"Bucket.{name}": why for name, why in allowed.items()}))


def test_the_constructs_speak_one_language() -> None:
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in CONSTRUCTS.rglob("*.py")}
    assert len(sources) > 20
    assert list(violations(sources)) == []


@pytest.mark.parametrize("name", ["grant_read", "create_policy", "_statements", "__init__"])
def test_these_names_are_fine(name: str) -> None:
    assert lines(f"class Bucket:\n    def {name}(self): ...") == []


def test_a_public_method_with_another_name_is_refused() -> None:
    assert lines("class Bucket:\n    def readers(self): ...") == [
        "bucket.py:2: received the public method 'Bucket.readers', expected 'grant_*', 'create_*' or a private name"
    ]


def test_unless_it_is_an_exception_with_a_reason() -> None:
    assert lines("class Bucket:\n    def readers(self): ...", readers="a reason") == []


def test_an_exception_that_no_class_has_is_refused() -> None:
    assert lines("class Bucket: ...", readers="a reason") == [
        "tools/vocabulary.py: received 'Bucket.readers' as an exception, expected a method that exists"
    ]


@pytest.mark.parametrize(
    "name", ["accept_events", "admit", "_admits", "allow_reads", "permit", "statements_for_reader"]
)
@pytest.mark.parametrize("source", ["class Bucket:\n    def {}(self): ...", "\ndef {}(): ..."])
def test_other_words_for_granting_are_refused_everywhere(source: str, name: str) -> None:
    assert lines(source.format(name)) == [
        f"bucket.py:2: received '{name}', expected a name that begins with 'grant_'"
    ]


def test_every_exception_has_a_reason() -> None:
    assert all(reason.strip() for reason in OTHER_METHODS.values())
