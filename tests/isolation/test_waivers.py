"""A waiver accepts one finding at one address until a day, hides nothing else, and must be needed."""

from __future__ import annotations

import json
from datetime import date
from itertools import starmap
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from isolation.__main__ import main
from isolation.rendering.sarif import as_sarif
from isolation.rendering.text import as_text
from isolation.synthesized.input_error import InputError
from isolation.verdict.analysis import analyse
from isolation.verdict.waiver_file import read_waivers
from isolation.verdict.waivers import Waiver, Waivers
from tests.isolation.holes import doors, keys, moved, network, trust
from tests.isolation.holes.editing import ACME, RETAIL, add, allow, name_of, policy, resource, retail_policy
from tests.isolation.holes.hole import Hole
from tests.isolation.holes.suite import HOLES
from tests.isolation.sarif_schema import SARIF
from tests.isolation.stacks import Documents, documents, written

DAY = date(2027, 3, 31)
CELL = ("retail-co", "acme-corp", "table")
ONE_OF_EACH = [
    next(hole for hole in HOLES if hole.open is opened)
    for opened in (
        keys.anybody_with_the_tag_may_use_the_key,
        keys.a_log_group_of_any_tenant_under_the_key,
        trust.a_role_that_anybody_may_assume,
        network.an_endpoint_without_policy,
        network.a_peering_route,
        network.the_security_group_of_another_tenant,
        moved.anothers_host_is_taken,
        moved.messages_move_to_anothers_queue,
        doors.an_api_with_a_route_of_its_own,
    )
]


def waiver(finding: str, address: str) -> Waiver:
    return Waiver(finding, address, "the table is public", "data-team", DAY)


def broad_role(stacks: Documents) -> str:
    """Let a role read every table, and return where."""
    allow(retail_policy(stacks), "dynamodb:GetItem")
    return f"{RETAIL}/aws_iam_role_policy.{_policy_name(stacks)}"


def _policy_name(stacks: Documents) -> str:
    policies = stacks[RETAIL]["resource"]["aws_iam_role_policy"]
    return next(str(name) for name, body in policies.items() if body is retail_policy(stacks))


def file_of(folder: Path, *waivers: dict[str, Any]) -> Path:
    file = folder / "waivers.yaml"
    file.write_text(yaml.safe_dump({"waivers": list(waivers)}))
    return file


def body(**changes: object) -> dict[str, Any]:
    return {"finding": "ISO-101", "address": "a/b.c", "reason": "r", "owner": "o", "until": DAY, **changes}


def test_a_waiver_turns_a_violation_into_accepted_in_all_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks = documents()
    address = broad_role(stacks)
    outdir = str(written(tmp_path / "out", stacks))
    assert main([outdir]) == 1
    assert "VIOLATED: retail-co -> acme-corp, table" in capsys.readouterr().out

    file = file_of(tmp_path, body(address=address, reason="tables are public", owner="data-team"))
    report, sarif, picture = tmp_path / "r.json", tmp_path / "r.sarif", tmp_path / "r.svg"
    options = ["--waivers", str(file), "--json", str(report), "--sarif", str(sarif), "--svg", str(picture)]
    assert main([outdir, *options, "--today", "2027-03-31"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ACCEPTED: ")
    assert (
        f"ACCEPTED ISO-101 {address} (VIOLATED), accepted by data-team until 2027-03-31: tables are public"
        in out
    )
    document = json.loads(report.read_text())
    assert document["verdict"] == "ACCEPTED"
    column = document["owners"].index("acme-corp")
    assert document["verdicts"]["table"]["retail-co"][column] == "A"
    accepted = next(found for found in document["findings"] if found["owner"] == "acme-corp")
    assert accepted["waiver"] == {
        "accepts": "VIOLATED",
        "reason": "tables are public",
        "owner": "data-team",
        "until": "2027-03-31",
    }
    (result,) = json.loads(sarif.read_text())["runs"][0]["results"]
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "tables are public (data-team, until 2027-03-31)",
        }
    ]
    jsonschema.validate(json.loads(sarif.read_text()), SARIF)
    assert "retail-co to acme-corp: ACCEPTED" in picture.read_text()

    assert main([outdir, *options, "--today", "2027-04-01"]) == 2
    assert capsys.readouterr().err == (
        f"isolation: waiver of ISO-101 at {address}: received until 2027-03-31, which is over, "
        "expected 2027-04-01 or later\n"
    )


def test_a_waiver_that_is_not_used_is_refused_unless_something_is_violated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, body(address="gone/aws_s3_bucket.b"))
    outdir = str(written(tmp_path / "proved", documents()))
    assert main([outdir, "--waivers", str(file), "--today", "2027-01-01"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "isolation: waivers: not used, remove them: ISO-101 at gone/aws_s3_bucket.b\n"
    assert captured.out == ""

    stacks = documents()
    broad_role(stacks)
    outdir = str(written(tmp_path / "violated", stacks))
    assert main([outdir, "--waivers", str(file), "--today", "2027-01-01"]) == 1


def test_the_working_folder_may_hold_the_waivers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "cdktf.out", documents())
    file_of(tmp_path, body(until=date(2020, 1, 1))).rename(tmp_path / "isolation.yaml")
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert "until 2020-01-01, which is over" in capsys.readouterr().err
    assert main(["--today", "tomorrow"]) == 2
    assert capsys.readouterr().err == (
        "isolation: --today: received 'tomorrow', expected a day such as 2026-12-31\n"
    )


def test_a_waiver_hides_no_other_permission_on_the_same_resource() -> None:
    stacks = documents()
    address = broad_role(stacks)
    other = {
        "role": retail_policy(stacks)["role"],
        "policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"},
            }
        ),
    }
    add(stacks, RETAIL, "aws_iam_role_policy", "zz_other", other)
    for accepted, left in ((address, f"{RETAIL}/aws_iam_role_policy.zz_other"),):
        finding = analyse(stacks, waivers=Waivers([waiver("ISO-101", accepted)])).findings[CELL]
        assert finding.verdict == "VIOLATED"
        assert finding.place.address == left
    both = [waiver("ISO-101", address), waiver("ISO-101", f"{RETAIL}/aws_iam_role_policy.zz_other")]
    report = analyse(stacks, waivers=Waivers(both))
    assert report.verdict == "ACCEPTED"
    assert {finding.place.address for finding in report.accepted} == {found.address for found in both}


def test_a_waiver_of_another_finding_accepts_nothing() -> None:
    stacks = documents()
    address = broad_role(stacks)
    waivers = Waivers([waiver("ISO-102", address)])
    assert analyse(stacks, waivers=waivers).verdict == "VIOLATED"
    with pytest.raises(InputError, match="not used, remove them: ISO-102"):
        waivers.check_used()


@pytest.mark.parametrize("hole", ONE_OF_EACH, ids=str)
def test_every_kind_of_finding_can_be_accepted_where_it_is_said_to_be(hole: Hole) -> None:
    stacks = documents()
    hole.open(stacks)
    found: set[tuple[str, str]] = set()
    report = analyse(stacks)
    while report.verdict != "ACCEPTED":
        open_ = [*report.findings.values(), *report.vacuous()]
        more = {(one.type.id, one.place.address) for one in open_ if one.verdict != "ACCEPTED"} - found
        assert more, as_text(report)
        found |= more
        waivers = Waivers(starmap(waiver, found))
        report = analyse(stacks, waivers=waivers)
    waivers.check_used()
    for left_out in found:
        rest = Waivers(starmap(waiver, found - {left_out}))
        assert analyse(stacks, waivers=rest).verdict in {"VIOLATED", "UNKNOWN"}


def test_what_is_not_modelled_can_be_accepted() -> None:
    stacks = documents()
    add(stacks, ACME, "aws_efs_file_system", "files", {})
    add(stacks, ACME, "aws_efs_file_system", "more", {})
    one = waiver("ISO-302", f"{ACME}/aws_efs_file_system.files")
    report = analyse(stacks, waivers=Waivers([one]))
    assert report.verdict == "UNKNOWN"
    assert report.gaps == [
        ("acme-corp", f"{ACME}/aws_efs_file_system.more: resource type aws_efs_file_system")
    ]
    both = [one, waiver("ISO-302", f"{ACME}/aws_efs_file_system.more")]
    assert analyse(stacks, waivers=Waivers(both)).verdict == "ACCEPTED"


def test_a_doubt_can_be_accepted_but_not_a_permission_beside_it() -> None:
    stacks = documents()
    condition = {"NumericLessThan": {"s3:max-keys": "10"}}
    allow(retail_policy(stacks), "dynamodb:GetItem", Condition=condition)
    doubt = [waiver("ISO-301", f"{RETAIL}/aws_iam_role_policy.{_policy_name(stacks)}")]
    assert analyse(stacks, waivers=Waivers(doubt)).verdict == "ACCEPTED"
    allow(retail_policy(stacks), "dynamodb:Scan")
    assert analyse(stacks, waivers=Waivers(doubt)).findings[CELL].verdict == "VIOLATED"


def test_a_proof_that_is_vacuous_can_be_accepted() -> None:
    stacks = documents()
    with policy(resource(stacks, RETAIL, "aws_s3_bucket_policy")) as statements:
        statements.append({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"})
    report = analyse(stacks)
    assert report.verdict == "UNKNOWN"
    (vacuous,) = report.vacuous()
    assert vacuous.place.address == f"{RETAIL}/aws_s3_bucket.{name_of(stacks, RETAIL, 'aws_s3_bucket')}"
    accepted = analyse(stacks, waivers=Waivers([waiver("ISO-304", vacuous.place.address)]))
    assert accepted.verdict == "ACCEPTED"
    jsonschema.validate(json.loads(as_sarif(accepted)), SARIF)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ": received null, expected an object with the key 'waivers' alone"),
        (b"waivers: 3", ": waivers: received 3, expected a list"),
        (b"waivers: [3]", ": waivers[0]: received 3, expected an object with finding, address,"),
        (b"waivers: []\nother: 1", ": received an object, expected an object with the key 'waivers' alone"),
        (b"waivers: [", ": received while parsing"),
        (b"a: &a [1]\nwaivers: *a", ": received an alias, expected YAML"),
        (b"waivers: []\nwaivers: []", ": received the key 'waivers' twice, expected YAML"),
        (b"\xff", ": received a byte that is not UTF-8 at 0, expected YAML"),
        (b"waivers: " + b"[" * 3000, ": received "),
        (b"waivers: !!python/object:os.system {}", ": received could not determine a constructor"),
        (b"#" * 1_000_001, ": received more than 1000000 bytes, expected a file of waivers"),
    ],
)
def test_a_malformed_file_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_bytes(content)
    assert main([str(tmp_path), "--waivers", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"isolation: {file}{said}")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"finding": "ISO-999"},
            "waivers[0].finding: received 'ISO-999', expected an id of docs/isolation-findings",
        ),
        ({"finding": 101}, "waivers[0].finding: received 101, expected a text that is not empty"),
        ({"address": " "}, "waivers[0].address: received ' ', expected a text that is not empty"),
        ({"reason": ["x"]}, "waivers[0].reason: received a list, expected a text that is not empty"),
        ({"owner": None}, "waivers[0].owner: received null, expected a text that is not empty"),
        ({"until": "soon"}, "waivers[0].until: received 'soon', expected a day such as 2026-12-31"),
        ({"until": 2027}, "waivers[0].until: received 2027, expected a day such as 2026-12-31"),
        ({"note": "x"}, "waivers[0]: received the key 'note', expected only finding, address,"),
    ],
)
def test_a_malformed_waiver_is_refused_with_its_field(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_waivers(file_of(tmp_path, body(**changes)))
    assert said in str(refused.value)


def test_a_waiver_is_given_once_and_its_day_may_be_a_text(tmp_path: Path) -> None:
    (read,) = read_waivers(file_of(tmp_path, body(until="2027-03-31")))
    assert read.until == DAY
    with pytest.raises(InputError, match=r"waivers\[1\]: received ISO-101 at a/b\.c once more"):
        read_waivers(file_of(tmp_path, body(), body(until="2027-03-31")))
    with pytest.raises(InputError, match="No such file or directory"):
        read_waivers(tmp_path / "none.yaml")
