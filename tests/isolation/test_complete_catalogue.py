"""No entry of a list can be taken away, and none slips in, without a test that fails."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from isolation.catalogue.arguments.listed import LISTED, uses_of
from isolation.catalogue.arguments.uses import OF_ALL, Use
from isolation.catalogue.kinds import KIND_OF
from isolation.catalogue.resource_types import INERT, MODELLED
from isolation.catalogue.root_modules import PROVIDER
from isolation.catalogue.shapes import SHAPES, SHAPES_OF
from tests.isolation.tables import PACKAGE, entries

SCHEMA = json.loads((PACKAGE / "provider_schema.json").read_text())
REVIEWED = Path(__file__).parent / "catalogue.txt"
READ_HERE: Final = {Use.READ, Use.POLICY, Use.PART}

META: Final = {
    "//",
    "connection",
    "count",
    "depends_on",
    "dynamic",
    "for_each",
    "lifecycle.create_before_destroy",
    "lifecycle.ignore_changes",
    "lifecycle.postcondition",
    "lifecycle.precondition",
    "lifecycle.prevent_destroy",
    "lifecycle.replace_triggered_by",
    "provider",
    "provisioner",
}
"""What Terraform itself takes in each resource
(https://developer.hashicorp.com/terraform/language/meta-arguments,
https://developer.hashicorp.com/terraform/language/syntax/json for `//` and `dynamic`)."""
OF_MOST: Final = {"tags", "tags_all", "timeouts"}
"""What nearly all resources of the provider have."""

NAMED_BY_LINKS: Final = {"identity_sources", "role_arn", "route_table_ids", "vpc_security_group_ids"}
"""Arguments whose text names another resource, and that are read for that."""
OF_PROVIDER_AND_OTHERS: Final = {"access_log_settings", "dead_letter_config", "default_tags", "depends_on"}
"""Blocks in which links are, and what has no type of its own."""


def unlisted(listed: Mapping[str, Mapping[str, Use]]) -> set[str]:
    """The closed world's check: which arguments of the provider are in no list."""
    return {
        f"{type_}.{path}"
        for type_, paths in SCHEMA["resources"].items()
        for path in paths
        if path not in listed.get(type_, {})
    }


def test_the_lists_leave_nothing_out() -> None:
    assert unlisted(LISTED) == set()


@pytest.mark.parametrize("type_", sorted(SCHEMA["resources"]))
def test_an_argument_that_is_taken_off_its_list_is_missed(type_: str) -> None:
    for path in SCHEMA["resources"][type_]:
        rest = {name: use for name, use in LISTED[type_].items() if name != path}
        assert unlisted({**LISTED, type_: rest}) == {f"{type_}.{path}"}


def test_what_every_resource_may_have_is_listed_and_nothing_else() -> None:
    assert set(uses_of(OF_ALL)) == META | OF_MOST


def test_the_provider_has_its_list() -> None:
    # An alias and comments are Terraform's own.
    assert set(uses_of(PROVIDER)) - {"//", "alias"} == set(SCHEMA["provider"])


def test_each_type_is_a_target_or_read_or_inert() -> None:
    assert {*KIND_OF, *MODELLED, *INERT} == set(SCHEMA["resources"])
    counted = Counter([*KIND_OF, *MODELLED, *INERT])
    # A prefix list is a target, and its entries are read.
    assert {type_ for type_, count in counted.items() if count > 1} == set()


def test_each_argument_that_is_read_has_a_shape_and_no_other() -> None:
    read = [
        path.split(".")
        for type_, uses in LISTED.items()
        if type_ in KIND_OF or type_ in MODELLED
        for path, use in uses.items()
        # Terraform takes a list of names, or the word `all`.
        if use in READ_HERE and path != "lifecycle.ignore_changes"
    ]
    needed = {part for parts in read for part in parts} | {"lifecycle"}
    shaped = {*SHAPES, *(name for _, name in SHAPES_OF)}
    assert needed - shaped == set()
    assert shaped - needed == NAMED_BY_LINKS | OF_PROVIDER_AND_OTHERS


@pytest.mark.parametrize("type_", sorted(SCHEMA["resources"]))
def test_blocks_of_arguments_that_are_read_are_blocks(type_: str) -> None:
    for path, use in LISTED[type_].items():
        if (
            use in READ_HERE
            and (type_ in KIND_OF or type_ in MODELLED)
            and path != "lifecycle.ignore_changes"
        ):
            for block in path.split(".")[:-1]:
                assert SHAPES_OF.get((type_, block), SHAPES.get(block)) == "block", path


def differing(found: list[str]) -> list[str]:
    """What of the tables is not as it was reviewed: their entries as texts, counted."""
    now, then = Counter(found), Counter(REVIEWED.read_text().splitlines())
    return sorted([*(f"gone: {one}" for one in then - now), *(f"new: {one}" for one in now - then)])


def test_every_entry_of_the_other_tables_is_one_that_was_reviewed() -> None:
    """To accept a change: `python -m tests.isolation.test_complete_catalogue`."""
    assert differing(entries()) == []


def test_an_entry_that_is_taken_away_from_any_table_is_missed() -> None:
    found = entries()
    for number, entry in enumerate(found):
        assert differing(found[:number] + found[number + 1 :]) == [f"gone: {entry}"]


if __name__ == "__main__":
    REVIEWED.write_text("\n".join(entries()) + "\n")
