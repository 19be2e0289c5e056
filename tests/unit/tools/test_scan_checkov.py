"""checkov, as it is installed: what it finds, and when its answer is not taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.synthesis import platform
from tests.unit.tools.scanned import added, changed, production_platform, production_silo, scanned, stated
from tools.scan import checkov
from tools.scan.findings import ScanError
from tools.scan.stacks import ScannedStack

OPEN = {
    "security_group_id": "${aws_security_group.network_security_group_DCCBCE09.id}",
    "ip_protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
}
PUBLIC = {
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "${aws_s3_bucket.data_bucket_51E298BF.arn}/*",
}
CLEAN, DAMAGED = "tenant-clean", "tenant-damaged"


@pytest.fixture(scope="module")
def ran() -> checkov.Run:
    """One run, which takes seconds, over the stack as it is and a damaged one."""
    damages = (
        added("aws_vpc_security_group_ingress_rule", "planted_rule", cidr_ipv4="0.0.0.0/0", **OPEN),
        stated("aws_iam_role_policy", "api_role", Action="*", Resource="*"),
        stated("aws_s3_bucket_policy", **PUBLIC),
        stated("aws_kms_key", Action="kms:*", Principal="*", Resource="*"),
        changed("aws_cloudwatch_log_group", "http_api", kms_key_id=None),
        changed("aws_s3_bucket_public_access_block", block_public_policy=False),
        changed("aws_dynamodb_table", point_in_time_recovery=None),
    )
    return checkov.run([production_silo(id=CLEAN), production_silo(*damages, id=DAMAGED)])


@pytest.mark.parametrize(
    ("check", "resource"),
    [
        ("CKV_AWS_24", "aws_vpc_security_group_ingress_rule.planted_rule"),
        ("CKV_AWS_62", "aws_iam_role_policy.api_role_policy_B3CDE471"),
        ("CKV_AWS_70", "aws_s3_bucket_policy.data_bucket_policy_F4F9C55A"),
        ("CKV_AWS_33", "aws_kms_key.tenant_key_E5F8FD05"),
        ("CKV_AWS_158", "aws_cloudwatch_log_group.http_api_access_log_1B2FF96F"),
        ("CKV_AWS_54", "aws_s3_bucket_public_access_block.data_bucket_public_access_block_1752CAD1"),
        ("CKV_AWS_28", "aws_dynamodb_table.metadata_table_EE1DF6E2"),
    ],
)
def test_what_is_planted_is_found(ran: checkov.Run, check: str, resource: str) -> None:
    found = {(finding.check, finding.address) for finding in ran.findings}
    assert (check, f"{DAMAGED}/{resource}") in found, sorted(found)
    assert (check, f"{CLEAN}/{resource}") not in found


def test_each_resource_was_checked_as_often_as_the_repository_says(ran: checkov.Run) -> None:
    checkov.refuse_fewer([production_silo(id=CLEAN)], ran.checks, checkov.read_floors())


def test_a_check_less_is_refused(ran: checkov.Run) -> None:
    address = f"{CLEAN}/aws_kms_key.tenant_key_E5F8FD05"
    fewer = {**ran.checks, address: ran.checks[address] - 2}
    with pytest.raises(ScanError) as refused:
        checkov.refuse_fewer([production_silo(id=CLEAN)], fewer, checkov.read_floors())
    floor = checkov.read_floors()["aws_kms_key"]
    assert (
        str(refused.value) == f"checkov: ran {fewer[address]} checks on {address}, expected {floor} at least"
    )


def test_a_type_without_a_floor_is_refused(ran: checkov.Run) -> None:
    floors = {kind: floor for kind, floor in checkov.read_floors().items() if kind != "aws_kms_key"}
    with pytest.raises(ScanError, match=r"aws_kms_key of tenant-clean/.* has no floor; .*--write-floors"):
        checkov.refuse_fewer([production_silo(id=CLEAN)], ran.checks, floors)


def test_floors_are_the_least_of_a_types_resources() -> None:
    stack = ScannedStack(id="s", document={"resource": {"a": {"x": {}, "y": {}}, "b": {"z": {}}}})
    assert checkov.floors_of([stack], {"s/a.x": 3, "s/a.y": 2}) == {"a": 2, "b": 0}


def test_what_checkov_cannot_parse_is_kept_from_it() -> None:
    document = {
        "terraform": {"required_version": ">= 1.10"},
        "resource": {"a": {"b": {"//": {}, "c": None, "d": [None, {"e": None}]}}},
    }
    assert checkov.prepared(document) == {"resource": {"a": {"b": {"d": [{}]}}}}


def test_an_untouched_stack_is_an_error_though_checkov_exits_with_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Why stacks are prepared: checkov would find nothing in any of them."""
    monkeypatch.setattr(checkov, "prepared", lambda document: document)
    with pytest.raises(ScanError, match="parsing errors"):
        checkov.run([scanned(platform())])


def failing(tmp_path: Path, script: str) -> Path:
    """A Python in whose place `script` runs."""
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


def reported(report: Any) -> str:
    return f"cat <<'END'\n{json.dumps(report)}\nEND"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo worse >&2; echo bad >&2; exit 3", "checkov: ended with 3: bad"),
        ("exit 2", "checkov: ended with 2: no message"),
        ("echo nonsense", "checkov: received no JSON, expected its report: no message"),
        # What checkov prints where it found nothing to look at.
        (
            reported({"passed": 0, "failed": 0}),
            "checkov: received a report without results, expected one check at least",
        ),
        (reported([]), "checkov: received a report without results, expected one check at least"),
        (
            reported({"results": {"parsing_errors": ["/a"]}, "summary": {"parsing_errors": 1}}),
            "checkov: received parsing errors (['/a']), expected none",
        ),
        (
            reported({"results": {"passed_checks": []}, "summary": {"parsing_errors": 1}}),
            "checkov: received parsing errors (1), expected none",
        ),
    ],
)
def test_an_answer_that_is_none_is_refused(tmp_path: Path, script: str, says: str) -> None:
    with pytest.raises(ScanError) as refused:
        checkov.run([production_platform()], python=failing(tmp_path, script))
    assert str(refused.value) == says


def test_a_checkov_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScanError) as refused:
        checkov.run([production_platform()], python=tmp_path / "gone" / "bin" / "python")
    assert str(refused.value) == f"checkov is not installed in {tmp_path / 'gone'}: run `make setup-scan`"


def test_it_reads_no_configuration_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BC_API_KEY", "secret")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".checkov.yaml").write_text("skip-check: [CKV_AWS_1]\n")
    script = f"env > {tmp_path}/seen; pwd >> {tmp_path}/seen; exit 1"
    with pytest.raises(ScanError):
        checkov.run([production_platform()], python=failing(tmp_path, script))
    seen = (tmp_path / "seen").read_text()
    assert "secret" not in seen
    assert str(tmp_path) not in [line.strip() for line in seen.splitlines()]
    assert "CKV_SKIP_PACKAGE_UPDATE_CHECK=True" in seen
