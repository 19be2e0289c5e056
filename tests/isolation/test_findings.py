"""Each finding has an id, a place and a way to mend it, in all reports; the page explains all ids."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from isolation.catalogue.findings import FINDING_TYPES
from isolation.rendering.machine import as_json
from isolation.rendering.sarif import as_sarif
from isolation.rendering.text import as_text
from isolation.verdict.analysis import analyse
from isolation.verdict.place import Place, place_of
from isolation.verdict.report import Report
from tests.isolation.holes.editing import ACME, RETAIL, add, allow, policy, resource, retail_policy
from tests.isolation.holes.hole import Hole
from tests.isolation.holes.suite import HOLES
from tests.isolation.sarif_schema import SARIF
from tests.isolation.stacks import Documents, documents

PAGE = (Path(__file__).parents[2] / "docs" / "isolation-findings.md").read_text()


def nobody_may_use_the_bucket(stacks: Documents) -> None:
    with policy(resource(stacks, RETAIL, "aws_s3_bucket_policy")) as statements:
        statements.append({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"})


def found(open_: Any) -> Report:
    stacks = documents()
    open_(stacks)
    return analyse(stacks)


def ids(report: Report) -> set[str]:
    return {finding.type.id for finding in report.all_findings()}


def test_the_page_explains_every_id_and_no_other() -> None:
    assert re.findall(r"^## (ISO-\d+)$", PAGE, re.MULTILINE) == list(FINDING_TYPES)
    flat = " ".join(PAGE.split())
    for type_ in FINDING_TYPES.values():
        assert f"| [{type_.id}](#{type_.id.lower()}) | {type_.severity} | {type_.title} |" in flat
        assert f"**{type_.title}** ({type_.severity}). {type_.explanation}" in flat
        assert f"To mend it: {type_.mend[0].lower()}{type_.mend[1:]}" in flat


@pytest.mark.parametrize("hole", HOLES[::4], ids=str)
def test_a_hole_is_named_with_a_place_that_the_stacks_have(hole: Hole) -> None:
    stacks = documents()
    hole.open(stacks)
    addresses = {
        f"{stack}/{type_}.{name}"
        for stack, document in stacks.items()
        for type_, named in document["resource"].items()
        for name in named
    }
    finding = analyse(stacks).findings[hole.attacker, hole.owner, hole.kind]
    assert finding.type.id.startswith("ISO-2" if finding.who == "the network" else "ISO-1")
    assert finding.place.address in addresses


def test_what_is_unknown_has_ids_too() -> None:
    unknown = found(lambda stacks: add(stacks, ACME, "aws_efs_file_system", "files", {}))
    assert ids(unknown) == {"ISO-302"}
    assert unknown.findings["retail-co", "acme-corp", "other"].place == Place(
        f"{ACME}/aws_efs_file_system.files"
    )

    operator = {"NumericLessThan": {"s3:max-keys": "10"}}
    doubtful = found(lambda stacks: allow(retail_policy(stacks), "dynamodb:GetItem", Condition=operator))
    assert ids(doubtful) == {"ISO-301"}
    (place,) = {finding.place for finding in doubtful.all_findings()}
    assert place.address.startswith(f"{RETAIL}/aws_iam_role_policy.")
    assert place.argument == "statement Hole"

    assert "ISO-304" in ids(found(nobody_may_use_the_bucket))


def test_places_are_read_from_sources_doubts_and_gaps() -> None:
    assert place_of("s/aws_iam_role.r#Sid") == Place("s/aws_iam_role.r", "statement Sid")
    assert place_of("s/aws_iam_role.r trust#0: operator X") == Place(
        "s/aws_iam_role.r", "trust policy, statement 0"
    )
    assert place_of("s/aws_vpc.v: argument count") == Place("s/aws_vpc.v", "count")
    assert place_of("s/aws_kms_key.k default policy") == Place("s/aws_kms_key.k", "the policy by default")
    assert place_of("stack: a file") == Place("stack")
    assert place_of("every identity permission") == Place()


def test_all_reports_name_the_finding_and_how_to_mend_it() -> None:
    report = found(lambda stacks: allow(retail_policy(stacks), "dynamodb:GetItem"))
    type_ = FINDING_TYPES["ISO-101"]
    text = as_text(report)
    assert f"  ISO-101    {type_.title}\n" in text
    assert f"  where      {RETAIL}/aws_iam_role_policy." in text
    assert f"  mend       {type_.mend}\n" in text
    document = json.loads(as_json(report))
    (finding,) = [one for one in document["findings"] if one["owner"] == "acme-corp"]
    assert finding["id"] == "ISO-101"
    assert finding["address"].startswith(f"{RETAIL}/aws_iam_role_policy.")
    assert finding["argument"] == "statement Hole"
    assert document["kinds_of_findings"]["ISO-101"] == {
        "severity": "high",
        "title": type_.title,
        "explanation": type_.explanation,
        "mend": type_.mend,
    }


def test_sarif_is_valid_and_has_one_result_for_each_place() -> None:
    report = found(lambda stacks: allow(retail_policy(stacks), "dynamodb:GetItem"))
    document = json.loads(as_sarif(report))
    jsonschema.validate(document, SARIF)
    (run,) = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(FINDING_TYPES)
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "ISO-101"
    assert result["level"] == "error"
    assert {(pair["attacker"], pair["owner"]) for pair in result["properties"]["pairs"]} >= {
        ("retail-co", "acme-corp")
    }
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == f"stacks/{RETAIL}/cdk.tf.json"
    assert location["logicalLocations"][0]["fullyQualifiedName"].endswith(": statement Hole")
    assert json.loads(as_sarif(found(lambda _: None)))["runs"][0]["results"] == []
