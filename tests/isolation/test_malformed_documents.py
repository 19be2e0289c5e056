"""Properties: a document with something wrong at a random place is analysed or refused, never anything else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isolation.rendering.machine import as_json
from isolation.rendering.matrix import as_svg
from isolation.rendering.text import as_text
from isolation.synthesized.input_error import InputError
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import ACME
from tests.isolation.stacks import Documents, documents

PLATFORM = "shared-platform-test"

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**45), 10**45)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "${var.x}",
            "${aws_iam_role.api_role.name}",
            "${",
            "%{ if true }x",
            "${each.value[0]}",
            "*",
            "arn:aws:s3:::*",
            "arn:::",
            "10.0.0.0/99",
            "\ud800",
            "{}",
            "[]",
            '{"Statement": 3}',
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [[]], "Principal": [["*"]]}]}',
        ]
    )
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a document."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key != "//":
            found += places(item, (*path, key))
    return found


def change(document: Any, path: tuple[Any, ...], how: str, value: Any) -> None:
    """Replace, delete, wrap or copy what is at `path`."""
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    key = path[-1]
    if how == "delete":
        del parent[key]
    elif how == "copy" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif how == "copy":
        parent[f"{key}_2"] = copy.deepcopy(parent[key])
    else:
        parent[key] = {"wrap": [parent[key]], "nest": {"x": parent[key]}, "replace": value}[how]


SMALL: Documents = {id_: documents()[id_] for id_ in (ACME, PLATFORM)}
PLACES = {id_: places(document) for id_, document in SMALL.items()}


@pytest.mark.parametrize("id_", SMALL)
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_changed_document_is_analysed_or_refused(id_: str, data: st.DataObject) -> None:
    stacks = {id_: copy.deepcopy(SMALL[id_])}
    path = data.draw(st.sampled_from(PLACES[id_]))
    how = data.draw(st.sampled_from(["replace", "replace", "delete", "copy", "wrap", "nest"]))
    change(stacks[id_], path, how, data.draw(values) if how == "replace" else None)
    try:
        report = analyse(stacks)
    except InputError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.isprintable()
        assert len(refused) < 500
        return
    assert report.verdict in {"PROVED", "VIOLATED", "UNKNOWN"}
    for render in (as_text, as_json, as_svg):
        render(report).encode("utf-8")


@settings(deadline=None, max_examples=100)
@given(document=values)
def test_any_document_is_analysed_or_refused(document: Any) -> None:
    for stacks in (
        {"one": document},
        {"one": {"resource": document}},
        {"one": {"resource": {"aws_vpc": document}}},
    ):
        try:
            report = analyse(stacks)
        except InputError:
            continue
        # What has a provider, and all else that a root module needs, is not made at random.
        assert report.verdict == "UNKNOWN"
