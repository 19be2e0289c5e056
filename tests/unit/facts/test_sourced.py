"""Facts that expire: each has a source that somebody can read, and the day on which it was read."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

import facts
from facts.sourced import Sourced

OF_TERRAFORM = {"replacement", "stateful"}
"""What the provider answers, and what is lost with a type of resource: neither is on a page, or expires."""
MODULES = [
    module.name
    for module in pkgutil.iter_modules(facts.__path__)
    if module.name not in OF_TERRAFORM | {"sourced"}
]


def sourced(module: str) -> Iterator[tuple[str, Sourced[object]]]:
    for name, value in vars(importlib.import_module(f"facts.{module}")).items():
        items = (
            value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else (value,)
        )
        for item in items:
            if isinstance(item, Sourced):
                yield name, item


@pytest.mark.parametrize("module", MODULES)
def test_a_module_holds_facts_from_pages_of_aws(module: str) -> None:
    found = list(sourced(module))
    assert found
    # Prices are on the pages of the services.
    pages = ("https://docs.aws.amazon.com/", *(["https://aws.amazon.com/"] if module == "prices" else []))
    assert [name for name, fact in found if not fact.source.startswith(pages)] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_fact_was_checked_before_the_platform_was_written(module: str) -> None:
    assert {name for name, fact in sourced(module) if fact.checked < date(2026, 1, 1)} == set()


def test_a_fact_has_an_age() -> None:
    fact = Sourced(value=1, source="https://docs.aws.amazon.com/", checked=date(2026, 8, 6))
    assert fact.age(date(2026, 8, 6)) == 0
    assert fact.age(date(2026, 9, 6)) == 31


def test_a_fact_without_a_page_is_refused() -> None:
    with pytest.raises(
        ValueError, match="received the source 'somebody said so', expected the URL of a page"
    ):
        Sourced(value=1, source="somebody said so", checked=date(2026, 8, 6))
