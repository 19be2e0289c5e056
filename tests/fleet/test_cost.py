"""What the stacks cost while nobody uses them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from facts.prices import PRICES
from fleet.__main__ import main
from fleet.charges import BY_USE, CHARGED, FREE, charges
from fleet.cost import Cost, cost, document, text
from fleet.synthesized import read_stacks
from tests.fleet.stacks import stack_of, written
from tests.synthesis import IMAGE, PRODUCTION, Synthesis, synthesize

REGISTRY: dict[str, Any] = {
    "created_at": "2026-01-01T00:00:00Z",
    "platform": {},
    "tenants": {
        "acme": {"silo": {"cidr": "10.1.0.0/20"}, "fargate": {"listener_priority": 1, "image": IMAGE}},
        "initech": {"fargate": {"listener_priority": 2, "image": IMAGE}},
    },
}


@pytest.fixture(scope="module")
def development() -> Synthesis:
    return synthesize(REGISTRY)


@pytest.fixture(scope="module")
def production() -> Synthesis:
    return synthesize(REGISTRY, **PRODUCTION)


def amounts(found: Cost) -> dict[tuple[str | None, str], Decimal]:
    return {(share.tenant, share.kind): share.amount for share in found.shares}


def test_each_type_of_resource_has_a_price_or_a_reason(development: Synthesis, production: Synthesis) -> None:
    """A type that a construct brings tomorrow is to be entered in fleet/charges.py."""
    for synthesis in (development, production):
        for stack in read_stacks(synthesis.outdir):
            assert set(stack.resources) - {*CHARGED, *BY_USE, *FREE} == set()
            assert {charge.price for charge in charges(stack)} <= set(PRICES)
    assert not {*CHARGED} & {*BY_USE}
    assert not {*CHARGED, *BY_USE} & FREE


def test_each_tenant_costs_what_its_resources_do(development: Synthesis) -> None:
    """A silo: two zones of an endpoint, a key, four rules. A service: two tasks of 1 vCPU and 2 GB, a key, a secret."""
    endpoint, task = Decimal("0.01") * 730 * 2, (Decimal("0.04048") + 2 * Decimal("0.004445")) * 730 * 2
    found = amounts(cost(development.outdir))
    assert found["acme", "silo"] == endpoint + 1 + 4 * Decimal("0.5") == Decimal("17.6")
    assert found["acme", "Fargate tenant"] == found["initech", "Fargate tenant"] == task + Decimal("1.4")
    assert round(found["initech", "Fargate tenant"], 2) == Decimal("73.48")


def test_what_is_shared_is_nobodys_own(development: Synthesis, production: Synthesis) -> None:
    """Three NAT gateways, six addresses, a load balancer, a database, a key, and the secret that RDS keeps."""
    hourly = 3 * Decimal("0.045") + 6 * Decimal("0.005") + Decimal("0.0225") + Decimal("0.082")
    shared = amounts(cost(development.outdir))[None, "platform"]
    assert shared == hourly * 730 + Decimal("1.4")
    # Five interface endpoints in three zones, two larger instances, a web ACL of six rules, thirteen alarms,
    # and a dashboard.
    more = (
        (15 * Decimal("0.01") + 2 * Decimal("0.26") - Decimal("0.082")) * 730
        + 5
        + 6
        + 13 * Decimal("0.1")
        + 3
    )
    assert amounts(cost(production.outdir))[None, "platform"] == shared + more


def test_the_lines_and_the_owners_come_to_the_same_total(production: Synthesis) -> None:
    found = cost(production.outdir)
    assert sum(line.amount or 0 for line in found.lines) == found.total == sum(amounts(found).values())
    assert not found.incomplete


def test_what_is_not_priced_is_listed_with_the_reason(development: Synthesis) -> None:
    said = text(cost(development.outdir))
    assert "  aws_s3_bucket (3): requests and storage\n" in said
    assert "aws_iam_role_policy (" in " ".join(said.split("Free: ")[1].split())
    assert "Not known" not in said
    assert "where prices differ" not in said


def test_what_nobody_knows_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = stack_of(
        "odd",
        region="eu-west-1",
        aws_mystery=[{}, {}],
        aws_rds_cluster_instance=[{"engine": "aurora-postgresql", "instance_class": "db.x9.huge"}],
    )
    outdir = written(tmp_path, [odd])
    assert main(["cost", "--out", str(outdir)]) == 1
    said = capsys.readouterr().out
    assert "The stacks are in eu-west-1, where prices differ." in said
    assert "Not known, and not in the total: aws_mystery (2)" in said
    assert "Aurora PostgreSQL db.x9.huge       1            ?  no price" in said


def test_a_balancer_that_is_not_on_the_internet_has_no_public_addresses() -> None:
    stack = stack_of("s", aws_lb=[{"internal": True, "subnets": ["a", "b"]}, {"subnets": ["a", "b"]}])
    assert [(charge.price, int(charge.number)) for charge in charges(stack)] == [
        ("application load balancer", 1),
        ("application load balancer", 1),
        ("public IPv4 address", 2),
    ]


def test_an_alarm_costs_by_metric_and_more_below_a_minute() -> None:
    alarms: list[dict[str, Any]] = [{"period": 60}, {"period": 10}, {"metric_query": [{}, {}]}]
    stack = stack_of("s", aws_cloudwatch_metric_alarm=alarms)
    assert [(charge.price, int(charge.number)) for charge in charges(stack)] == [
        ("alarm", 1),
        ("alarm on less than a minute", 1),
        ("alarm", 2),
    ]


def test_a_person_reads_the_dearest_and_a_machine_all(tmp_path: Path) -> None:
    stacks = [
        stack_of(f"tenant-{n:02}", tenant=f"t{n:02}", aws_kms_key=[{}] * (2 if n == 7 else 1))
        for n in range(25)
    ]
    found = cost(written(tmp_path, stacks))
    lines = text(found).split("\n\n")[1].split("\n")
    assert [" ".join(line.split()) for line in (lines[1], lines[2], *lines[-2:])] == [
        "t07 tenant-07 silo 2.00",
        "t00 tenant-00 silo 1.00",
        "and 5 more silo 5.00",
        "total 26.00",
    ]
    assert len(document(found)["owners"]) == 25


def test_the_command_says_the_same_in_json(
    development: Synthesis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cost", "--out", str(development.outdir), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == document(cost(development.outdir))
    assert {"tenant": "acme", "stack": "tenant-acme-test", "kind": "silo", "amount": "17.6"} in said["owners"]
    (line,) = (line for line in said["lines"] if line["what"] == "KMS key")
    assert (line["number"], line["amount"], line["price"], line["per"]) == ("4", "4", "1", "month")
    assert main(["cost", "--out", str(tmp_path)]) == 2
    assert "run `make synth`" in capsys.readouterr().err
