"""The command: its lines, its exit codes, and that it changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.server import Emulator
from fleet.synthesized import read_stacks
from preflight import running
from preflight.__main__ import main
from preflight.account import Account, NotAReadError
from preflight.deployment import Deployment, is_deployed
from preflight.findings import CheckResult, Finding, Severity, stops, unknown, warns
from preflight.running import CHECKS, Check, NoAccountError, run
from tests.preflight.conftest import REGION, stack_of
from tests.synthesis import ONE_SILO, synthesize


@pytest.fixture
def outdir() -> Path:
    return synthesize(ONE_SILO).outdir


def test_an_account_that_takes_the_stacks_says_so(outdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(outdir)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok       names: nothing is in the way of 1 new stack of 1" in lines
    assert "ok       region: us-east-1, zones us-east-1a, us-east-1b" in lines
    assert lines[-1].startswith("Nothing stops the deployment.")


def test_a_bucket_that_is_in_the_way_stops_and_the_other_checks_go_on(
    account: Emulator, outdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.client("s3").create_bucket(Bucket="tenant-acme-corp-data-test")
    assert main([str(outdir)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(
        line.startswith("stops    names: the bucket tenant-acme-corp-data-test exists") for line in lines
    )
    assert any(line.startswith("ok       database") for line in lines)
    assert lines[-1] == "1 of these would stop the deployment or could not be asked."


def failing(outcomes: Iterable[CheckResult]) -> list[str]:
    """What would stop the deployment or could not be asked."""
    found = [(outcome.check, finding) for outcome in outcomes for finding in outcome.findings]
    return [
        f"{finding.severity} {check}: {finding.what}"
        for check, finding in found
        if finding.severity is not Severity.WARNS
    ]


def default_registry() -> dict[str, Any]:
    registry: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "tenants.yaml").read_text())
    return registry


@pytest.fixture
def _no_registry_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outside this machine is asked, not even where the machine could."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


@pytest.mark.usefixtures("_no_registry_of_images")
def test_the_default_registry_fits_a_fresh_account_and_one_silo_more_does_not(account: Emulator) -> None:
    registry = default_registry()
    (images,) = failing(run(read_stacks(synthesize(registry).outdir)))
    assert images.startswith("unknown images: the registry of nginx:latest did not answer")
    registry["tenants"]["one-more"] = {"silo": {"cidr": "10.200.0.0/22"}}
    outdir = synthesize(registry).outdir
    vpcs, _ = failing(run(read_stacks(outdir)))
    assert vpcs == "stops quotas: VPCs per region: 1 of 5 are in use, and the new stacks take 5."
    account.client("service-quotas").request_service_quota_increase(
        ServiceCode="vpc", QuotaCode="L-F678F1CE", DesiredValue=6
    )
    assert failing(run(read_stacks(outdir))) == [images]


@pytest.mark.usefixtures("_no_registry_of_images")
def test_a_fourth_tenant_on_fargate_needs_more_vcpus_than_a_new_account_has() -> None:
    registry = default_registry()
    for number in range(4, 6):
        registry["tenants"][f"tenant-{number}"] = {"fargate": {"listener_priority": number}}
    vcpus, _ = failing(run(read_stacks(synthesize(registry).outdir)))
    assert vcpus == "stops quotas: Fargate vCPUs per region: 0 of 6 are in use, and the new stacks take 10."


def test_a_machine_reads_the_same(
    account: Emulator, outdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.client("s3").create_bucket(Bucket="tenant-acme-corp-data-test")
    assert main([str(outdir), "--json"]) == 1
    outcomes = {outcome["check"]: outcome for outcome in json.loads(capsys.readouterr().out)}
    assert set(outcomes) == {check.name for check in CHECKS}
    (finding,) = outcomes["names"]["findings"]
    assert (finding["severity"], finding["remedy"]) == (
        "stops",
        "Import it, delete it, or choose another suffix.",
    )


def test_what_cannot_be_asked_is_said_in_one_line(
    tmp_path: Path,
    outdir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"preflight: {tmp_path}/manifest.json: No such file or directory; run `make synth`\n"
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert main([str(outdir)]) == 2
    assert capsys.readouterr().err == "preflight: no AWS account can be asked: Unable to locate credentials\n"


def test_stacks_of_two_regions_are_two_deployments() -> None:
    with pytest.raises(ValueError, match="of eu-west-1, us-east-1; expected one region"):
        run([stack_of(), replace(stack_of("other"), region="eu-west-1")])


def test_an_account_that_is_away_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with pytest.raises(NoAccountError, match="Could not connect"):
        run([stack_of()])


def test_a_right_that_is_missing_is_unknown_and_what_was_found_before_stays() -> None:
    def find(deployment: Deployment) -> Iterator[Finding]:
        yield stops("a", "b")
        deployment.account.client("iam").get_role(RoleName="none")

    (outcome,) = run([stack_of()], [Check(name="x", find=find, seen=lambda _: "")])
    assert [finding.severity for finding in outcome.findings] == [Severity.STOPS, Severity.UNKNOWN]
    assert outcome.findings[1].what.startswith("GetRole failed: ")


def test_the_worst_is_said_first() -> None:
    outcome = CheckResult(check="x", seen="", findings=(warns("w", "1"), stops("s", "2"), unknown("u", "3")))
    assert outcome.lines() == ["stops    x: s 2", "unknown  x: u 3", "warns    x: w 1"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("s3", "create_bucket", {"Bucket": "b-1"}),
        ("s3", "delete_bucket", {"Bucket": "b-1"}),
        ("iam", "create_service_linked_role", {"AWSServiceName": "ecs.amazonaws.com"}),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "x"}),
        ("dynamodb", "put_item", {"TableName": "t", "Item": {}}),
    ],
)
def test_nothing_but_reads_leaves_this_process(
    account: Emulator, service: str, operation: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(NotAReadError):
        getattr(Account(REGION).client(service), operation)(**arguments)
    assert account.client("s3").list_buckets()["Buckets"] == []


def test_a_stack_with_a_state_is_deployed(account: Emulator, tmp_path: Path) -> None:
    asked = Account(REGION)
    key = {"bucket": "states", "key": "a/terraform.tfstate", "region": "us-east-1"}
    remote = stack_of(backend={"s3": key})
    assert not is_deployed(asked, remote)
    s3 = account.client("s3")
    s3.create_bucket(Bucket="states")
    assert not is_deployed(asked, remote)
    s3.put_object(Bucket="states", Key="a/terraform.tfstate", Body=b"{}")
    assert is_deployed(asked, remote)
    local = replace(stack_of(backend={"local": {"path": "../a.tfstate"}}), folder=tmp_path / "stack")
    (tmp_path / "stack").mkdir()
    assert not is_deployed(asked, local)
    (tmp_path / "a.tfstate").write_text("{}")
    assert is_deployed(asked, local)
    assert not is_deployed(asked, stack_of())


def test_each_check_is_run() -> None:
    """A module that nobody calls finds nothing."""
    modules = {path.stem for path in (Path(running.__file__).parent / "checks").glob("*.py")} - {"__init__"}
    assert {check.find.__module__.rpartition(".")[2] for check in CHECKS} == modules
