"""What a deployed stack grows by counts as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Emulator
from fleet.synthesized import SynthesizedStack
from preflight.account import Account
from preflight.checks import quotas
from preflight.deployment import Deployment
from preflight.states import held_part
from tests.preflight.conftest import REGION, stack_of

BUCKET = {"s3": {"bucket": "states", "key": "a/terraform.tfstate", "region": REGION}}


def state_of(**resources: list[dict[str, Any]]) -> str:
    """A state with these resources, named as `stack_of` names them."""
    found = [
        {"mode": "managed", "type": kind, "name": f"{kind}_{number}", "instances": [{"attributes": body}]}
        for kind, bodies in resources.items()
        for number, body in enumerate(bodies)
    ]
    return json.dumps({"version": 4, "resources": found})


def deployment_with(stack: SynthesizedStack) -> Deployment:
    account = Account(REGION)
    return Deployment(
        account=account,
        stacks=[stack],
        deployed=frozenset({stack.id}),
        held={stack.id: held_part(account, stack)},
    )


@pytest.mark.parametrize("backend", ["local", "s3"])
def test_a_stack_that_grows_meets_its_quotas(account: Emulator, tmp_path: Path, backend: str) -> None:
    file = tmp_path / "terraform.tfstate"
    given: dict[str, Any] = {"local": {"path": str(file)}} if backend == "local" else BUCKET
    if backend == "s3":
        account.client("s3").create_bucket(Bucket="states")

    def kept(text: str) -> None:
        file.write_text(text)
        if backend == "s3":
            account.client("s3").put_object(Bucket="states", Key="a/terraform.tfstate", Body=text)

    kept(state_of(aws_vpc=[{"cidr_block": "10.0.0.0/16"}]))
    # The account's default VPC is another one.
    for others, stops in ((3, False), (4, True)):
        stack = stack_of(backend=given, aws_vpc=[{}] * (1 + others))
        account.client("ec2").create_vpc(CidrBlock="10.9.0.0/16") if others == 3 else None
        found = [finding.what for finding in quotas.check(deployment_with(stack))]
        assert bool(found) is stops
    assert found == ["VPCs per region: 2 of 5 are in use, and new and growing stacks take 4."]


def test_numbers_that_rise_count_too(tmp_path: Path) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_text(state_of(aws_lambda_function=[{"reserved_concurrent_executions": 10}]))
    backend = {"local": {"path": str(file)}}
    for wanted, taken in ((10, 0), (25, 15), (5, 0)):
        stack = stack_of(backend=backend, aws_lambda_function=[{"reserved_concurrent_executions": wanted}])
        assert quotas.taken_anew(deployment_with(stack))[quotas.CONCURRENCY] == taken


def test_a_state_that_cannot_be_read_says_nothing_of_growth(tmp_path: Path) -> None:
    for backend in (BUCKET, {"local": {"path": str(tmp_path / "missing")}}):
        stack = stack_of(backend=backend, aws_vpc=[{}] * 9)
        assert held_part(Account(REGION), stack) == stack
