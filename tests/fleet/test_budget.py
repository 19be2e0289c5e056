"""The budget of a fleet, which asks nobody, agrees with what an account refuses: at the limit, and one beyond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from fleet.budget import footprint, rows
from fleet.limits import STANDING, Limits
from fleet.quota import budget
from fleet.synthesized import read_stacks
from tests.fleet.stacks import stack_of
from tests.synthesis import registry_with, synthesize

RULES = 5


@pytest.fixture(scope="module")
def account() -> Iterator[Emulator]:
    """An account with AWS's default quotas, and with fewer rules, so that not 300 are to be made."""
    with Emulator(quotas={"L-244521F2": RULES}) as running:
        yield running


@dataclass(frozen=True)
class Case:
    """What takes of a quota, in a stack and in an account, and how the account refuses it."""

    quota: str
    kind: str
    service: str
    take: Callable[[Any, int], object]
    code: str


CASES = [
    Case(
        "VPCs per region",
        "aws_vpc",
        "ec2",
        lambda ec2, number: ec2.create_vpc(CidrBlock=f"10.{number}.0.0/20"),
        "VpcLimitExceeded",
    ),
    Case(
        "elastic IP addresses per region",
        "aws_eip",
        "ec2",
        lambda ec2, _: ec2.allocate_address(Domain="vpc"),
        "AddressLimitExceeded",
    ),
    Case(
        "rules per event bus",
        "aws_cloudwatch_event_rule",
        "events",
        lambda events, number: events.put_rule(Name=f"rule-{number}", EventPattern='{"source": ["x"]}'),
        "LimitExceededException",
    ),
]


def left(case: Case, count: int) -> int:
    """What the budget says is left where the stacks have `count`."""
    resources: dict[str, Any] = {case.kind: [{}] * count}
    limits = Limits(file="fleet.yaml", allowed={"events/L-244521F2": RULES})
    found = rows([footprint(stack_of("s", **resources))], limits)
    return next(row.left for row in found if row.quota.name == case.quota)


def test_an_account_comes_with_what_the_budget_takes_for_granted(account: Emulator) -> None:
    account.reset()
    ec2 = account.client("ec2")
    assert dict(STANDING) == {
        "VPCs per region": len(ec2.describe_vpcs()["Vpcs"]),
        "internet gateways per region": len(ec2.describe_internet_gateways()["InternetGateways"]),
        "security groups per region": len(ec2.describe_security_groups()["SecurityGroups"]),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.quota)
def test_what_the_budget_says_fits_is_what_the_account_takes(account: Emulator, case: Case) -> None:
    account.reset()
    client = account.client(case.service)
    fitting = 1 + left(case, 1)
    for number in range(fitting):
        case.take(client, number)
    assert left(case, fitting) == 0
    with pytest.raises(ClientError) as refused:
        case.take(client, fitting)
    assert refused.value.response["Error"]["Code"] == case.code
    assert left(case, fitting + 1) == -1


def test_the_account_takes_as_many_silos_as_the_budget_says(account: Emulator) -> None:
    """The networks of synthesized silos are made, one after the other, up to the limit and one beyond."""
    account.reset()
    tenants = {f"t{number}": {"silo": {"cidr": f"10.{number}.0.0/20"}} for number in range(1, 7)}
    outdir = synthesize(registry_with(**tenants)).outdir
    (met,) = budget(outdir, Limits()).met
    assert met[0].row.quota.name == "VPCs per region"
    # The fifth is the account's own.
    assert met[0].at == 4
    networks = [
        network for stack in read_stacks(outdir) for network in stack.literals("aws_vpc", "cidr_block")
    ]
    ec2 = account.client("ec2")
    for network in networks[: met[0].at]:
        ec2.create_vpc(CidrBlock=network)
    with pytest.raises(ClientError, match="VpcLimitExceeded"):
        ec2.create_vpc(CidrBlock=networks[met[0].at])
