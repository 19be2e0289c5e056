"""What the account says it is allowed, instead of AWS's defaults and of what a file says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from emulator.server import Emulator
from fleet.__main__ import main
from fleet.account import asked
from fleet.limits import BY_CODE, Limits
from tests.fleet.stacks import stack_of, written
from tests.reaching import reach_only

VPCS = "vpc/L-F678F1CE"
ROLES = "iam/L-FE177D64"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """An account with AWS's defaults, as the only one that this process reaches."""
    reach_only(emulator, monkeypatch)
    return emulator


def raise_quota(account: Emulator, code: str, value: int, region: str = "us-east-1") -> None:
    service, quota = code.split("/")
    account.client("service-quotas", region=region).request_service_quota_increase(
        ServiceCode=service, QuotaCode=quota, DesiredValue=value
    )


def fleet(folder: Path, *regions: str) -> Path:
    """Six silos in each of `regions`."""
    stacks = [
        stack_of(
            f"tenant-{region}-{number}",
            tenant=f"{region}-{number}",
            region=region,
            aws_vpc=[{"cidr_block": f"10.{number}.0.0/20"}],
            aws_iam_role=[{}],
        )
        for region in regions
        for number in range(6)
    ]
    return written(folder, stacks)


def said(capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str | None], dict[str, Any]]:
    rows = json.loads(capsys.readouterr().out)["quotas"]
    return {(row["code"], row["region"]): row for row in rows}


def test_each_region_has_what_the_account_has_there(
    account: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = fleet(tmp_path, "us-east-1", "eu-west-1")
    raise_quota(account, VPCS, 20)
    raise_quota(account, ROLES, 2_000)
    assert main(["quota", "--out", str(out), "--account", "--json"]) == 1
    rows = said(capsys)
    assert rows[VPCS, "us-east-1"]["allowed"] == 20
    assert rows[VPCS, "eu-west-1"]["allowed"] == 5
    # All regions share what IAM has, which the first region of the partition knows.
    assert rows[ROLES, None]["allowed"] == 2_000
    assert {row["stated_by"] for row in rows.values() if row["code"]} == {"Service Quotas"}
    raise_quota(account, VPCS, 20, region="eu-west-1")
    assert main(["quota", "--out", str(out), "--account"]) == 0
    text = capsys.readouterr().out
    assert "What is allowed: Service Quotas" in text
    assert "* as Service Quotas says" in text
    assert text.endswith("The stacks fit.\n")


def test_the_account_counts_before_the_file_and_what_is_used_stays(
    account: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, file = fleet(tmp_path / "out", "us-east-1"), tmp_path / "fleet.yaml"
    file.write_text(yaml.safe_dump({"limits": {VPCS: 100}, "used": {VPCS: 3}}))
    raise_quota(account, VPCS, 8)
    assert main(["quota", "--out", str(out), "--limits", str(file), "--account"]) == 1
    text = capsys.readouterr().out
    assert f"What is allowed: Service Quotas, then {file}." in text
    (line,) = [line for line in text.splitlines() if line.startswith("us-east-1: VPCs per region")]
    assert line.endswith("--desired-value 9 --region us-east-1`")
    assert "expected at most 8 (Service Quotas, 3 of them not for these stacks); raise it with `aws " in line


def test_every_quota_with_a_code_is_asked_for(account: Emulator) -> None:
    found = asked(Limits(), ["us-east-1", "us-east-1"])
    assert set(found.applied) == {("us-east-1", code) for code in BY_CODE}


def test_what_service_quotas_does_not_know_keeps_its_limit(
    account: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = BY_CODE[VPCS]
    monkeypatch.setattr(
        "fleet.account.BY_CODE",
        {
            "vpc/L-00000000": quota.__class__(
                service="vpc", code="L-00000000", name="VPCs per region", default=5
            )
        },
    )
    found = asked(Limits(allowed={VPCS: 7}), ["us-east-1"])
    assert found.applied == {}
    assert (found.limit(quota, "us-east-1"), found.said_by) == (7, None)


def test_without_an_account_it_says_so_in_one_line(
    account: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boto3.session.Session, "get_credentials", lambda _: None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["quota", "--out", str(fleet(tmp_path / "out", "us-east-1")), "--account"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("fleet: --account: received ")
    assert line.endswith(
        "expected an AWS account whose quotas the caller may read (servicequotas:GetServiceQuota)"
    )


def test_what_service_quotas_refuses_is_one_line(
    account: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The local Service Quotas asks nobody for a right."""

    def refused(_client: object, _quota: object) -> int:
        said = {"Code": "AccessDeniedException", "Message": "no right to servicequotas:GetServiceQuota"}
        raise ClientError({"Error": said}, "GetServiceQuota")  # type: ignore[typeddict-item]

    monkeypatch.setattr("fleet.account._value", refused)
    assert main(["quota", "--out", str(fleet(tmp_path, "us-east-1")), "--account"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("fleet: --account: received 'AccessDeniedException no right to servicequotas:")
