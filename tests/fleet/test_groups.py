"""Tenants are grouped by the shape of what changes for them, and the report says it to people and programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fleet.comparison.json_document import document
from fleet.comparison.report import compared
from fleet.comparison.text import MOST_CHARACTERS, Compared, markdown, text
from fleet.synthesized import UnreadableStacksError
from tests.fleet.documents import KEY, Folder, policy, silos, stack, statement

MANY = tuple(f"tenant-{number:03d}" for number in range(20))


def test_equal_stacks_are_an_empty_report(folder: Folder) -> None:
    said = folder.text(silos(*MANY), silos(*MANY))
    assert said == "Compared with main (000000000000): nothing changes in 20 stacks."


def test_stacks_that_mean_the_same_are_unchanged(folder: Folder) -> None:
    before, after = (
        silos("a", **policy(*order))
        for order in ([statement("A"), statement("B")], [statement("B"), statement("A")])
    )
    assert before != after
    found = folder.report(before, after)
    assert (found.empty, found.unchanged) == (True, 1)


def test_names_of_their_own_set_no_tenant_apart(folder: Folder) -> None:
    before = silos(*MANY, alias="TENANT-key")
    after = {**silos(*MANY[:17], alias="alias/TENANT"), **silos(*MANY[17:], alias="TENANT-key", enabled=True)}
    found = folder.report(before, after)
    assert [(group.kind, len(group.units)) for group in found.changed] == [("silo", 17), ("silo", 3)]
    (change,) = found.changed[0].changes
    assert (change.before, change.after) == ('"{tenant}-key"', '"alias/{tenant}"')


def test_the_same_change_of_a_tenant_whose_name_is_a_word_is_the_same_change(folder: Folder) -> None:
    names = ("kms", "key", "aws", "true", "256", "a")
    found = folder.report(silos(*names, size=256, word="aws kms key"), silos(*names, size=512, word="a key"))
    (group,) = found.changed
    assert len(group.units) == 6


def test_networks_of_their_own_set_no_tenant_apart(folder: Folder) -> None:
    def of(length: int) -> dict[str, dict[str, Any]]:
        found = silos(*MANY)
        for one in found.values():
            network = one["resource"]["aws_vpc"]["vpc"]["cidr_block"].removesuffix("0.0/16")
            one["resource"]["aws_subnet"] = {"s": {"cidr_block": f"{network}1.0/{length}"}}
        return found

    (group,) = folder.report(of(24), of(25)).changed
    (change,) = group.changes
    assert (change.before, change.after) == ('"{network}+256/24"', '"{network}+256/25"')


def test_values_that_each_tenant_has_another_of_are_one_shape(folder: Folder) -> None:
    before = silos(*MANY)
    after = silos(*MANY)
    for number, one in enumerate(after.values()):
        one["resource"][KEY]["key"]["rotation"] = f"random-{number * 7919}"
    (group,) = folder.report(before, after).changed
    assert (len(group.units), group.changes[0].after) == (20, "(differs)")


def test_values_that_two_kinds_of_tenants_have_are_two_shapes(folder: Folder) -> None:
    after = {**silos(*MANY[:10], size=1), **silos(*MANY[10:], size=2)}
    found = folder.report(silos(*MANY), after)
    assert [len(group.units) for group in found.changed] == [10, 10]


def test_tags_that_change_with_the_commit_are_set_apart_and_others_are_not(folder: Folder) -> None:
    def of(**tags: str) -> dict[str, dict[str, Any]]:
        return {f"tenant-{name}-test": stack({}, tenant=name, tags=tags) for name in MANY}

    found = folder.report(of(PRNumber="1", Team="x"), of(Author="b", PRNumber="2", Team="y"))
    assert [(tag.key, tag.stacks) for tag in found.tags] == [("Author", 20), ("PRNumber", 20)]
    (group,) = found.changed
    (change,) = group.changes
    assert (len(group.units), change.argument) == (20, "default_tags[0].tags.Team")
    assert not found.empty


def test_only_tags_that_change_with_the_commit_are_one_line(folder: Folder) -> None:
    before, after = ({"s": stack({}, tags={"Author": name})} for name in "ab")
    said = folder.text(before, after).split("\n\n")[1:]
    assert said == ["Apart from that, tags that change with the commit: Author (1 stack)."]


def test_a_renamed_tenant_is_a_stack_that_is_gone_and_a_new_one(folder: Folder) -> None:
    said = folder.text(silos("old", "kept"), silos("new", "kept"))
    assert "1 stack new, 1 stack gone, 1 stack unchanged." in said
    assert "  tenant-old-test: aws_kms_key.key is removed: all that was encrypted with it" in said
    assert "1 silo new: 2 resources, among them 1 aws_kms_key, 1 aws_vpc\n  in new" in said
    assert "1 silo gone: 2 resources, among them 1 aws_kms_key, 1 aws_vpc\n  in old" in said


def test_a_group_says_how_many_blocks_of_each_stack_change(folder: Folder) -> None:
    before, after = silos("a", "b"), silos("a", "b")
    for one in after.values():
        one["resource"]["aws_kms_key"]["key"]["description"] = "another"
        one["resource"]["aws_sqs_queue"] = {"queue": {"name": "new"}}
        del one["resource"]["aws_vpc"]
    assert "\n2 silos: 1 block added, 1 block removed, 1 block changed\n" in folder.text(before, after)


@pytest.mark.parametrize("where", ["backend", "bucket", "region", "account"])
def test_a_stack_that_is_looked_for_elsewhere_is_said_first(folder: Folder, where: str) -> None:
    before, after = silos("a", "b"), silos("a", "b")
    for one in after.values():
        if where == "backend":
            one["terraform"]["backend"] = {"local": {"path": "elsewhere.tfstate"}}
        elif where == "bucket":
            one["terraform"]["backend"] = {"s3": {"bucket": "states", "key": "k"}}
        elif where == "region":
            one["provider"]["aws"][0]["region"] = "eu-west-1"
        else:
            one["provider"]["aws"][0]["allowed_account_ids"] = ["123456789012"]
    _, first, *_ = folder.text(before, after).split("\n\n")
    assert first.startswith("Look at these first\n  2 silos: ")
    assert "Terraform looks for them elsewhere, and would create everything again" in first


def on_platform(*tenants: str, **key: Any) -> dict[str, Any]:
    keys = {
        f"tenants_{tenant}_key_{number:08X}": {
            "description": f"Key of {tenant}",
            **key,
            "//": {"metadata": {"path": f"shared-platform-test/tenants/{tenant}/key/key"}},
        }
        for number, tenant in enumerate(tenants, start=0xA0)
    }
    uses = {
        name: {"key_id": f"${{aws_kms_key.{name}.id}}", **key, "//": body["//"]}
        for name, body in keys.items()
    }
    return stack({KEY: keys, "aws_kms_alias": uses, "aws_lb": {"lb": {"name": "lb"}}})


def test_each_tenant_of_the_platform_is_a_unit(folder: Folder) -> None:
    before = {"shared-platform-test": on_platform(*MANY)}
    changed = on_platform(*MANY, x=1)
    changed["resource"]["aws_lb"]["lb"]["name"] = "other"
    found = folder.report(before, {"shared-platform-test": changed})
    assert [(group.kind, len(group.units)) for group in found.changed] == [
        ("Fargate tenant", 20),
        ("platform", 1),
    ]
    assert {change.address for change in found.changed[0].changes} == {
        "aws_kms_alias.tenants_{tenant}_key_*",
        "aws_kms_key.tenants_{tenant}_key_*",
    }


def test_a_tenant_that_joins_or_leaves_the_platform_is_new_or_gone(folder: Folder) -> None:
    before, after = ({"shared-platform-test": on_platform(*names)} for names in (("a", "b"), ("b", "c", "d")))
    # Addresses are by name, whatever else is there.
    found = folder.report(before, after)
    assert [[unit.tenant for unit in group.units] for group in found.added] == [["c", "d"]]
    assert [[unit.tenant for unit in group.units] for group in found.removed] == [["a"]]
    assert {loss.tenant for loss in found.losses} == {"a", "b"}


def test_the_report_is_the_same_every_time_and_json_has_its_form(folder: Folder, tmp_path: Path) -> None:
    before, after = silos("a", "b", "gone"), {**silos("a", "b", x=1), **silos("new")}
    reports = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        own = Folder(tmp_path / str(number))
        order = reversed if number else list
        sides = [dict(order(list(side.items()))) for side in (before, after)]
        reports.append(
            json.dumps(document(Compared(revision="v1", commit="1" * 40, report=own.report(*sides))))
        )
    assert reports[0] == reports[1]
    said = json.loads(reports[0])
    assert said["base"] == {"revision": "v1", "commit": "1" * 40}
    assert (said["version"], said["unchanged"]) == (1, 0)
    assert said["changed"] == [
        {
            "kind": "silo",
            "count": 2,
            "units": [{"stack": "tenant-a-test", "tenant": "a"}, {"stack": "tenant-b-test", "tenant": "b"}],
            "changes": [
                {
                    "address": "aws_kms_key.key",
                    "type": "aws_kms_key",
                    "action": "change",
                    "argument": "x",
                    "before": None,
                    "after": "1",
                    "effect": "unknown",
                    "elsewhere": False,
                    "lost": None,
                    "unprotects": False,
                }
            ],
        }
    ]
    assert [loss["address"] for loss in said["losses"]] == ["aws_kms_key.key", "aws_vpc.vpc"]


def test_a_comment_fits_and_says_what_does_not(folder: Folder) -> None:
    before = silos(*MANY)
    after = silos(*MANY)
    for number, one in enumerate(after.values()):
        one["resource"]["aws_x"] = {f"x{number}_{index}": {} for index in range(200)}
        for index in range(60):
            one["resource"][KEY]["key"][f"argument_{number}_{index}{'y' * 90}"] = "z" * 500
    said = markdown(Compared(revision="main", commit="0" * 40, report=folder.report(before, after)))
    assert 40_000 < len(said) <= MOST_CHARACTERS
    assert re.search(r"\n\d+ more parts do not fit into a comment: `make diff` shows them\.$", said)
    assert said.count("<details") == said.count("</details>")


def test_text_from_stacks_is_no_markup_and_no_terminal_code(folder: Folder) -> None:
    evil = "```\n@everyone <img src=x> \x1b[31m"
    before, after = silos("a"), silos("a", description=evil)
    report = folder.report(before, after)
    found = Compared(revision="`@x`<b>", commit="0" * 40, report=report)
    said = markdown(found)
    assert "\x1b" not in said + text(found)
    assert said.count("\n````text\n") == 1
    assert "<img" not in said.split("````text")[0]
    assert "`@x`" not in said.split("````text")[0]


def test_what_is_no_stack_is_said(tmp_path: Path) -> None:
    file = tmp_path / "cdk.tf.json"
    other = tmp_path / "other.json"
    other.write_text("{}")
    for content in ("", "[]", '{"resource": 1}', '{"provider": {"aws": [1]}}', "[" * 100_000):
        file.write_text(content)
        with pytest.raises(UnreadableStacksError, match="expected a stack as synthesized"):
            compared({"s": file}, {"s": other})
