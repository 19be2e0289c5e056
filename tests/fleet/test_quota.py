"""Quotas as a budget: what is taken, what is allowed, what is met first, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.problems import ConfigurationError
from facts.quotas import QUOTAS
from fleet.__main__ import main
from fleet.budget import footprint, rows
from fleet.limits import Limits, load_limits
from fleet.quota import Budget, budget, document, over, refuse_excess, text
from fleet.synthesized import SynthesizedStack
from fleet.uses import USES
from tests.fleet.stacks import stack_of, written
from tests.synthesis import IMAGE, PRODUCTION, Synthesis, synthesize

VPCS = "vpc/L-F678F1CE"
NETWORK: dict[str, Any] = {"aws_vpc": [{"cidr_block": "10.1.0.0/20"}]}


def silos(count: int) -> list[SynthesizedStack]:
    return [stack_of(f"tenant-{index}", tenant=f"t{index}", **NETWORK) for index in range(count)]


@pytest.fixture(scope="module")
def both() -> Synthesis:
    """Two silos, one of them with a Fargate service, and another Fargate tenant."""
    fargate = {"image": IMAGE}
    return synthesize(
        {
            "created_at": "2026-01-01T00:00:00Z",
            "platform": {},
            "tenants": {
                "acme": {
                    "silo": {"cidr": "10.1.0.0/20"},
                    "fargate": {"listener_priority": 1, **fargate},
                },
                "globex": {"silo": {"cidr": "10.1.16.0/20"}},
                "initech": {"fargate": {"listener_priority": 2, **fargate}},
            },
        }
    )


@pytest.fixture(scope="module")
def found(both: Synthesis) -> Budget:
    return budget(both.outdir, Limits())


def test_each_use_is_of_a_quota_that_is_known() -> None:
    assert set(USES) <= set(QUOTAS)
    assert set(QUOTAS) - set(USES) == {"log resource policies per region"}


def test_what_stacks_take_is_summed_with_what_the_account_has(found: Budget) -> None:
    taken = {
        row.quota.name: (row.taken / row.scale, row.standing, row.left / row.scale) for row in found.rows
    }
    assert taken["VPCs per region"] == (3, 1, 1)
    assert taken["Fargate vCPUs per region"] == (4, 0, 2)
    assert taken["private addresses"][0] == 2 * 4096 + 65536
    assert taken["concurrent executions per region"] == (20, 100, 880)
    assert taken["network interfaces per region"][0] == 2 * 4 + 3 + 3 + 3 + 1 + 2 * 2
    assert 0 < taken["storage of functions and layers"][0] < 0.1


def test_one_more_tenant_takes_what_those_of_its_kind_do(found: Budget) -> None:
    silo, fargate = found.growths
    assert (silo.kind, silo.count, silo.alike) == ("silo", 2, 2)
    assert {held.quota: amount for held, amount in silo.takes.items() if "storage" not in held.quota} == {
        "HTTP APIs per region": 1,
        "VPCs per region": 1,
        "buckets per account": 1,
        "concurrent executions per region": 10,
        "contributor insights rules": 4,
        "gateway endpoints per region": 2,
        "network interfaces per region": 4,
        "private addresses": 4096,
        "roles per account": 3,
        "rules per event bus": 1,
        "security groups per region": 2,
        "tables per region": 1,
        "user pools per region": 1,
    }
    assert (fargate.kind, fargate.count, fargate.alike) == ("Fargate tenant", 2, 2)
    assert {held.quota: amount for held, amount in fargate.takes.items()} == {
        "Fargate vCPUs per region": 2 * 1024,
        "buckets per account": 1,
        "network interfaces per region": 2,
        "roles per account": 2,
        "rules per load balancer": 1,
        "rules per security group": 1,
        "security groups per region": 1,
        "target groups per load balancer": 1,
        "target groups per region": 1,
        "targets per load balancer": 2,
    }


def test_what_is_met_first_is_said_with_its_code_and_at_how_many_and_what_comes_then(found: Budget) -> None:
    assert text(found).split("\n\n")[-2].split("\n") == [
        "met first: VPCs per region (vpc/L-F678F1CE) at 3 silos in us-east-1; then gateway endpoints per region at 10, "
        "contributor insights rules at 25, concurrent executions per region at 90",
        "met first: Fargate vCPUs per region (fargate/L-3032A538) at 3 Fargate tenants in us-east-1; then rules per "
        "security group at 59, rules per load balancer at 100, target groups per load balancer at 100",
    ]


def test_a_kind_whose_tenants_differ_is_measured_by_most(tmp_path: Path) -> None:
    odd = stack_of("tenant-odd", tenant="odd", aws_vpc=[{"cidr_block": "10.9.0.0/20"}] * 2)
    said = text(budget(written(tmp_path, [*silos(2), odd]), Limits()))
    assert "met first: VPCs per region (vpc/L-F678F1CE) at 3 silos in us-east-1, as 2 of 3 do; then " in said


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ({VPCS: 1000}, "gateway endpoints per region (vpc/L-1B52E74A) at 10 silos"),
        (
            {VPCS: 1000, "vpc/L-1B52E74A": 2000},
            "contributor insights rules (monitoring/L-DBD11BCC) at 25 silos",
        ),
        (
            {VPCS: 1000, "vpc/L-1B52E74A": 2000, "monitoring/L-DBD11BCC": 9000},
            "concurrent executions per region (lambda/L-B99A9384) at 90 silos",
        ),
        (
            {"fargate/L-3032A538": 4000},
            "rules per load balancer (elasticloadbalancing/L-7EED9B64) at 100 Fargate tenants",
        ),
    ],
)
def test_a_raised_limit_lets_the_next_be_met(both: Synthesis, raised: Mapping[str, int], said: str) -> None:
    """In the order, and at the numbers, that an operator meets them."""
    # A database's security group has 60 rules: that is met before the load balancer's 100.
    limits = Limits(file="fleet.yaml", allowed={"vpc/L-0EA8095F": 200, **raised})
    assert f"met first: {said} in us-east-1" in text(budget(both.outdir, limits))


def test_the_databases_security_group_is_met_at_59_fargate_tenants(both: Synthesis) -> None:
    found = budget(both.outdir, Limits(file="fleet.yaml", allowed={"fargate/L-3032A538": 4000}))
    assert "met first: rules per security group (vpc/L-0EA8095F) at 59 Fargate tenants" in text(found)


def test_a_production_platform_takes_gateway_endpoints(both: Synthesis) -> None:
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": {},
        "tenants": {"acme": {"fargate": {"listener_priority": 1, "image": IMAGE}}},
    }
    found = budget(synthesize(registry, **PRODUCTION).outdir, Limits())
    assert {row.quota.name: row.taken for row in found.rows}["gateway endpoints per region"] == 2


def test_exactly_the_limit_fits_and_one_more_does_not() -> None:
    assert not list(over(rows([footprint(stack) for stack in silos(4)], Limits())))
    (problem,) = over(rows([footprint(stack) for stack in silos(5)], Limits()))
    assert str(problem) == (
        "us-east-1: VPCs per region (vpc/L-F678F1CE): received 6, expected at most 5 (AWS's default, 1 of them not "
        "for these stacks); raise it with `aws service-quotas request-service-quota-increase --service-code vpc "
        "--quota-code L-F678F1CE --desired-value 6 --region us-east-1`, then say so in fleet.yaml"
    )


def test_an_account_without_the_default_vpc_holds_one_more() -> None:
    limits = Limits(file="fleet.yaml", used={VPCS: 0})
    assert not list(over(rows([footprint(stack) for stack in silos(5)], limits)))


def test_each_region_has_its_own_quota_and_the_account_one() -> None:
    there = [stack_of(f"other-{n}", tenant=f"o{n}", region="eu-south-1", **NETWORK) for n in range(4)]
    found = rows([footprint(stack) for stack in [*silos(4), *there]], Limits())
    vpcs = {row.held.region: row.taken for row in found if row.quota.name == "VPCs per region"}
    assert vpcs == {"us-east-1": 4, "eu-south-1": 4}
    assert [(row.held.region, row.taken) for row in found if row.quota.name == "private addresses"] == [
        ("account", 8 * 4096)
    ]


def test_rules_count_for_each_bus_and_the_default_bus_is_every_stacks() -> None:
    own = {"event_bus_name": "${aws_cloudwatch_event_bus.aws_cloudwatch_event_bus_0.name}"}
    stacks = [
        stack_of(
            f"s{n}", aws_cloudwatch_event_bus=[{"name": "own"}], aws_cloudwatch_event_rule=[{}, own, own]
        )
        for n in range(3)
    ]
    (row,) = (row for row in rows([footprint(one) for one in stacks], Limits()) if "bus" in row.quota.name)
    assert (row.taken, row.held.holder) == (3, "bus default")
    (row,) = (row for row in rows([footprint(stacks[0])], Limits()) if "bus" in row.quota.name)
    assert (row.taken, row.held.holder) == (2, "bus s0 aws_cloudwatch_event_bus_0")


def test_a_table_without_a_sort_key_has_two_rules_and_an_index_its_own() -> None:
    table = {"hash_key": "id", "global_secondary_index": [{"name": "by", "hash_key": "a", "range_key": "b"}]}
    name = "${aws_dynamodb_table.aws_dynamodb_table_0.name}"
    insights = [{"table_name": name}, {"table_name": name, "index_name": "by"}]
    stack = stack_of("s", aws_dynamodb_table=[table], aws_dynamodb_contributor_insights=insights)
    assert [use.amount for use in USES["contributor insights rules"](stack)] == [2, 4]


def test_functions_with_the_same_subnets_and_groups_share_interfaces() -> None:
    one, two = (
        {"subnet_ids": ["a", "b"], "security_group_ids": ["g"]},
        {"subnet_ids": ["b"], "security_group_ids": ["h"]},
    )
    functions = [{"vpc_config": one}, {"vpc_config": one}, {"vpc_config": two}, {}]
    uses = USES["network interfaces per region"](stack_of("s", aws_lambda_function=functions))
    assert [use.amount for use in uses] == [2, 1]


def test_the_file_turns_the_refusal_on(tmp_path: Path) -> None:
    """Nobody said what the account is allowed: it is not refused what another account may have."""
    outdir = written(tmp_path, silos(5))
    refuse_excess(outdir, Limits())
    with pytest.raises(ConfigurationError, match="VPCs per region"):
        refuse_excess(outdir, Limits(file="fleet.yaml"))
    refuse_excess(outdir, Limits(file="fleet.yaml", allowed={VPCS: 6}))


def test_what_cannot_be_counted_is_refused_in_one_line(tmp_path: Path) -> None:
    outdir = written(tmp_path, [stack_of("odd", aws_ecs_service=[{"desired_count": "${var.count}"}])])
    with pytest.raises(ConfigurationError, match=r"expected stacks whose resources can be counted$"):
        refuse_excess(outdir, Limits())


@pytest.mark.parametrize(("groups", "fits"), [(100, True), (101, False)])
def test_what_no_account_may_have_is_always_refused(tmp_path: Path, groups: int, fits: bool) -> None:
    outdir = written(tmp_path, [stack_of("platform", aws_lb_target_group=[{}] * groups)])
    if fits:
        refuse_excess(outdir, Limits())
        return
    with pytest.raises(ConfigurationError) as error:
        refuse_excess(outdir, Limits())
    assert str(error.value) == (
        "us-east-1: target groups per load balancer (elasticloadbalancing/L-822D1B1B) of platform load balancer "
        "elsewhere: received 101, expected at most 100 (AWS's default); AWS does not raise it: take fewer of these "
        "tenants into this account"
    )


def test_roles_are_refused_beyond_what_aws_raises_them_to(tmp_path: Path) -> None:
    refuse_excess(written(tmp_path / "a", [stack_of("s", aws_iam_role=[{}] * 5000)]), Limits())
    with pytest.raises(ConfigurationError, match="AWS does not raise it beyond 5000: take fewer"):
        refuse_excess(written(tmp_path / "b", [stack_of("s", aws_iam_role=[{}] * 5001)]), Limits())


def test_the_command_says_the_same_in_json(
    tmp_path: Path, both: Synthesis, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_REGISTRY", str(tmp_path / "tenants.yaml"))
    assert main(["quota", "--out", str(both.outdir), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == document(budget(both.outdir, Limits()))
    assert said["tenants"][0]["met"][0] == {"quota": "VPCs per region", "code": VPCS, "at": 3}
    assert main(["quota", "--out", str(both.outdir)]) == 0
    assert capsys.readouterr().out.endswith("\nThe stacks fit.\n")


def test_the_file_beside_the_registry_is_read_and_a_named_one_must_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_REGISTRY", str(tmp_path / "tenants.yaml"))
    (tmp_path / "fleet.yaml").write_text(f"limits: {{{VPCS}: 1}}")
    outdir = str(written(tmp_path / "out", silos(1)))
    assert main(["quota", "--out", outdir]) == 1
    assert "What is allowed: fleet.yaml." in capsys.readouterr().out
    assert main(["quota", "--out", outdir, "--limits", str(tmp_path / "none.yaml")]) == 2
    assert capsys.readouterr().err == (
        f"fleet: {tmp_path}/none.yaml: received 'No such file or directory', expected a YAML file that can be read\n"
    )


def test_too_much_ends_with_1_and_wrong_input_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fleet.yaml"
    outdir = str(written(tmp_path / "out", silos(1)))
    for content, code in {f"limits: {{{VPCS}: 1}}": 1, f"limits: {{{VPCS}: 2}}": 0, "limits: 3": 2}.items():
        file.write_text(content)
        assert main(["quota", "--out", outdir, "--limits", str(file)]) == code
    assert capsys.readouterr().err == (
        f"fleet: {file}:1: limits: received 3, expected a mapping from codes of quotas to numbers\n"
    )
    assert main(["quota", "--out", str(tmp_path / "nothing")]) == 2
    assert capsys.readouterr().err == (
        f"fleet: {tmp_path}/nothing/manifest.json: No such file or directory; run `make synth`\n"
    )


def test_a_file_of_limits_states_each_once(tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(yaml.safe_dump({"limits": {VPCS: 50}, "used": {VPCS: 3}}))
    limits, quota = load_limits(file), QUOTAS["VPCs per region"].value
    assert (
        limits.limit(quota, "us-east-1"),
        limits.standing(quota),
        limits.stated_by(quota, "us-east-1"),
    ) == (
        50,
        3,
        "fleet.yaml",
    )
    assert load_limits(tmp_path / "none") == Limits()
    file.write_text("")
    assert load_limits(file) == Limits(file="fleet.yaml")


WRONG: dict[str, Any] = {
    "[]": ["fleet.yaml:1: received 'a list', expected a mapping with the keys 'limits', 'used', 'rollout'"],
    "limit: {}": [
        "fleet.yaml:1: limit: received 'limit', expected one of the keys 'limits', 'used', 'rollout'"
    ],
    "limits:\n  vpc/L-0: 1\n  vpc/L-F678F1CE: -1\n  ec2/L-0263D0A3: true": [
        "fleet.yaml:2: limits.vpc/L-0: received 'vpc/L-0', expected a quota that is counted, such as "
        "'vpc/L-F678F1CE' (`make quota` lists them)",
        "fleet.yaml:3: limits.vpc/L-F678F1CE: received -1, expected a whole number from 0 to 1000000000: VPCs per "
        "region, in count",
        "fleet.yaml:4: limits.ec2/L-0263D0A3: received True, expected a whole number from 0 to 1000000000: elastic IP "
        "addresses per region, in count",
    ],
    "limits: {vpc/L-F678F1CE: 1, vpc/L-F678F1CE: 2}": [
        "fleet.yaml:1: limits.vpc/L-F678F1CE: received 'vpc/L-F678F1CE', expected the key "
        "once (it is on line 1 already)"
    ],
    "used: {vpc/L-F678F1CE: {}}": [
        "fleet.yaml:1: used.vpc/L-F678F1CE: received 'a mapping', expected a whole number from 0 to 1000000000: VPCs "
        "per region, in count"
    ],
}


@pytest.mark.parametrize("content", WRONG)
def test_every_mistake_in_the_file_is_said_in_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as error:
        load_limits(file)
    assert str(error.value).split("\n") == WRONG[content]


def test_packages_in_a_bucket_count_as_much_as_a_stacks_own() -> None:
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "tenants": {"acme": {"silo": {"cidr": "10.1.0.0/20"}}},
    }
    own, shared = (
        {row.quota.name: row.taken for row in budget(synthesize(registry, **variables).outdir, Limits()).rows}
        for variables in ({}, {"PACKAGE_BUCKET": "our-packages"})
    )
    assert own == shared
    assert own["storage of functions and layers"] > 5_000_000


def test_internet_gateways_are_raised_with_the_vpcs(tmp_path: Path) -> None:
    stacks = [stack_of("platform", aws_internet_gateway=[{}] * 8)]
    found = budget(written(tmp_path, stacks), Limits(file="fleet.yaml"))
    (problem,) = over(found.rows)
    assert "internet gateways per region (vpc/L-A4707A72)" in problem.where
    assert "--service-code vpc --quota-code L-F678F1CE --desired-value 9 " in problem.expected
