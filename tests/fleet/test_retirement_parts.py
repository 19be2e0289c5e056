"""The parts of a retirement that ask nobody: requests, receipts, the guard, and the registry's text."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from config.problems import ConfigurationError
from fleet.registry_removal import with_retired
from fleet.retirement.guard import of_a_destruction, of_a_lifting, of_a_removal
from fleet.retirement.looks import LOOKS, PARTS
from fleet.retirement.receipt import FIRST, encoded, faults, file_name, rows, sealed
from fleet.retirement.receipt_store import FolderStore
from fleet.retirement.request import read_request, requested

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshots"
GIVEN = {
    "tenant": "old-co",
    "requested_by": "ann@example.com",
    "approved_by": "ben@example.com",
    "reason": "Old Co's contract has ended.",
    "no_export": "Old Co took its data out itself.",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"approved_by": " ANN@example.com "},
            "approved_by: received ' ANN@example.com ', expected the name",
        ),
        ({"approved_by": None}, "approved_by: received nothing, expected the name"),
        ({"requested_by": " "}, "requested_by: received ' ', expected the name"),
        ({"reason": "left"}, "reason: received 'left', expected why the tenant leaves"),
        ({"no_export": None}, "export: received nothing, expected a folder or s3://bucket/prefix"),
        (
            {"export": "handover"},
            "export: received 'handover', expected a folder or s3://bucket/prefix, or else",
        ),
        ({"erase": "gone"}, "erase: received 'gone', expected why"),
        ({"when": "now"}, "when: received 'now', expected one of tenant, requested_by"),
        ({"keep_entry": "yes"}, "keep_entry: received 'yes', expected true or false"),
    ],
)
def test_a_request_that_nobody_else_approved_or_that_says_no_reason_is_refused(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        requested(GIVEN | change, where="request")
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"request: {said}")


def test_a_request_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "request.yaml"
    file.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in GIVEN.items()))
    assert read_request(file) == requested(GIVEN, where="")
    file.write_text("- old-co\n")
    with pytest.raises(ConfigurationError, match="expected a mapping"):
        read_request(file)


def chain(*tenants: str) -> list[tuple[str, bytes]]:
    files, previous = [], FIRST
    for number, tenant in enumerate(tenants, start=1):
        receipt = sealed({"tenant": tenant}, number=number, previous=previous)
        files.append((file_name(number), encoded(receipt)))
        previous = receipt["digest"]
    return files


def test_a_chain_that_nobody_touched_has_no_faults() -> None:
    files = chain("a", "b", "c")
    known = {"c": json.loads(files[2][1])["digest"]}
    assert faults(files, known=known) == []
    assert [row["tenant"] for row in rows(files)] == ["a", "b", "c"]


def test_a_receipt_that_was_changed_removed_or_put_elsewhere_is_found() -> None:
    files = chain("a", "b", "c")
    changed = [(name, content.replace(b'"b"', b'"x"')) for name, content in files]
    assert faults(changed, known={}) == ["000002.json: changed, its digest is another one than it says"]
    assert faults([files[0], files[2]], known={}) == ["000002.json: missing"]
    swapped = [files[0], (files[1][0], files[2][1]), (files[2][0], files[1][1])]
    assert "000002.json: receipt 3, expected 2" in faults(swapped, known={})
    last = json.loads(files[2][1])["digest"]
    assert faults(files[:2], known={"c": last}) == [f"receipt of c, {last[:12]}: missing"]
    resealed = sealed({"tenant": "x"}, number=2, previous=FIRST)
    assert faults([files[0], (file_name(2), encoded(resealed))], known={}) == [
        "000002.json: follows another receipt than 000001.json"
    ]
    assert faults([*files, ("notes.txt", b"none")], known={}) == ["notes.txt: no receipt"]


def test_a_folder_keeps_a_receipt_once_and_nobody_may_write_it(tmp_path: Path) -> None:
    store = FolderStore(path=tmp_path / "receipts")
    assert store.files() == []
    assert store.keep("000001.json", b"first")
    assert not store.keep("000001.json", b"second")
    assert store.files() == [("000001.json", b"first")]
    assert stat.S_IMODE((tmp_path / "receipts" / "000001.json").stat().st_mode) == 0o444


def plan(*changes: tuple[str, list[str], str | None]) -> dict[str, Any]:
    return {
        "resource_changes": [
            {
                "address": address,
                "change": {
                    "actions": actions,
                    "before": {"tags_all": {"TenantId": tenant} if tenant else None},
                    "after": None,
                },
            }
            for address, actions, tenant in changes
        ]
    }


def test_a_destruction_deletes_what_is_the_tenants_and_nothing_else() -> None:
    whole = plan(("a.a", ["delete"], "old"), ("a.b", ["delete"], None), ("a.c", ["no-op"], "new"))
    assert of_a_destruction(whole, tenant="old") == []
    for change in (
        ("a.x", ["delete"], "new"),
        ("a.x", ["update"], "old"),
        ("a.x", ["delete", "create"], "old"),
    ):
        (line,) = of_a_destruction(plan(change), tenant="old")
        assert line.startswith("a.x: ")
    assert of_a_destruction(plan(("a.x", ["create"], None)), tenant="old")


def test_lifting_protection_updates_what_is_named_alone() -> None:
    assert of_a_lifting(plan(("a.a", ["update"], "old")), own={"a.a"}) == []
    assert of_a_lifting(plan(("a.b", ["update"], "old")), own={"a.a"})
    assert of_a_lifting(plan(("a.a", ["delete", "create"], "old")), own={"a.a"})


def test_a_removal_from_the_platform_touches_no_other_tenant() -> None:
    def found(*change: Any) -> list[str]:
        return of_a_removal(plan(change), tenant="old", own={"s.old"}, others={"s.new"})

    assert found("s.old", ["delete"], "old") == []
    assert found("r.shared", ["update"], None) == []
    assert found("aws_lambda_invocation.erasures_old_0F", ["create"], None) == []
    assert found("aws_lambda_invocation.erasures_old-too_0F", ["create"], None)
    assert found("s.new", ["update"], None) == ["s.new: update, expected no change of another tenant's"]
    assert found("s.other", ["update"], "new") == ["s.other: update, expected no change of another tenant's"]
    assert found("s.old", ["update"], "old") == ["s.old: update, expected only deletions of old"]
    assert found("r.shared", ["delete"], None) == [
        "r.shared: delete, expected only updates of what all share"
    ]
    assert found("r.shared", ["delete", "create"], None)
    assert found("r.new", ["create"], None)


@pytest.mark.parametrize("profile", ["", "-production"])
def test_aws_can_be_asked_for_each_type_that_a_tenant_has(profile: str) -> None:
    for name, prefix in (("tenant", ""), ("shared-platform", "tenants_")):
        document = json.loads((SNAPSHOTS / f"{name}{profile}.json").read_text())
        types = {
            type_
            for type_, bodies in document["resource"].items()
            if any(id_.startswith(prefix) for id_ in bodies)
        }
        assert types <= LOOKS.keys() | PARTS
    assert not LOOKS.keys() & PARTS


TEXT = """\
# Ours.
created_at: "2026-01-01T00:00:00Z"

environments:
  prod:
    profile: production
    unprotected:
      # Agreed with Old Co.
      - tenant: old-co
        stack: silo
      - {tenant: new-co, stack: silo}
      - {tenant: old-co, stack: platform}

tenants:
  # The first.
  new-co:
    silo: {cidr: 10.1.0.0/16}   # for ever

  old-co:   # leaves
    silo:
      cidr: 10.2.0.0/16
    # its last line
  # The third.
  third:
    silo: {cidr: 10.3.0.0/16}
"""


def test_a_tenant_moves_to_retired_and_all_other_lines_stay() -> None:
    text, line = with_retired(
        TEXT, "old-co", {"cidr": "10.2.0.0/16", "erase": 'Old Co\'s "end".'}, name="tenants.yaml"
    )
    assert (
        text
        == """\
# Ours.
created_at: "2026-01-01T00:00:00Z"

environments:
  prod:
    profile: production
    unprotected:
      # Agreed with Old Co.
      - {tenant: new-co, stack: silo}

tenants:
  # The first.
  new-co:
    silo: {cidr: 10.1.0.0/16}   # for ever

  # The third.
  third:
    silo: {cidr: 10.3.0.0/16}

retired:
  old-co:
    cidr: 10.2.0.0/16
    erase: "Old Co's \\"end\\"."
"""
    )
    assert text.splitlines()[line - 1] == "  old-co:"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "tenants:\n  a:\n    silo: {cidr: 10.1.0.0/16}\nretired: {}\n",
            "tenants: {}\nretired:\n  a:\n    cidr: 10.1.0.0/16\n",
        ),
        (
            "tenants:   # all\n  a: {silo: {cidr: 10.1.0.0/16}}\nretired:\n  b:\n    cidr: 10.2.0.0/16\n# End.\n",
            "tenants: {}   # all\nretired:\n  b:\n    cidr: 10.2.0.0/16\n  a:\n    cidr: 10.1.0.0/16\n# End.\n",
        ),
        (
            "tenants:\n  b: &x\n    silo: {cidr: 10.2.0.0/16}\n  a: *x\n",
            "tenants:\n  b: &x\n    silo: {cidr: 10.2.0.0/16}\n\nretired:\n  a:\n    cidr: 10.1.0.0/16\n",
        ),
    ],
)
def test_the_last_tenant_a_tenant_in_one_line_and_an_alias(before: str, after: str) -> None:
    assert with_retired(before, "a", {"cidr": "10.1.0.0/16"}, name="")[0] == after


@pytest.mark.parametrize(
    "text",
    [
        "tenants: {a: {silo: {cidr: 10.1.0.0/16}}}\n",
        "environments:\n  p:\n    unprotected: [{tenant: a}]\ntenants:\n  a:\n    silo: {cidr: 10.1.0.0/16}\n",
        "tenants:\n  a:\n    silo: {cidr: 10.1.0.0/16}\nretired: {b: {}}\n",
    ],
)
def test_a_registry_in_one_line_is_not_edited(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"tenants\.yaml:\d+: received"):
        with_retired(text, "a", {"cidr": "10.1.0.0/16"}, name="tenants.yaml")
