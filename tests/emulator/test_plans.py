"""What is applied to the emulator plans empty."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.server import Emulator
from terraform.plans import Plan
from terraform.runner import Root
from tests.attached_provider import Terraform
from tests.emulator import roots


def applied(emulator: Emulator, folder: Path, resources: dict[str, roots.Block]) -> tuple[Root, Plan]:
    """The root after its first apply, and its second plan."""
    with Terraform(emulator.environment(), folder=folder) as terraform:
        root = terraform.root(roots.write_root(folder / "root", resources=resources))
        root.init()
        found = root.validate()
        assert (found.errors, found.warnings) == ((), ())
        root.apply()
        return root, root.plan()


@pytest.mark.deployment
def test_a_second_plan_is_empty_with_the_shims_and_differs_where_they_are_missing(
    bare: Emulator, tmp_path: Path
) -> None:
    tenant = roots.network() | roots.data_stores() | roots.api(tmp_path / "tenant")
    # What the shims close, in the resources that apply quickly and without them.
    quick = roots.network() | {
        "aws_s3_bucket.data": {"bucket_prefix": "quick-"},
        "aws_s3_bucket_intelligent_tiering_configuration.data": tenant[
            "aws_s3_bucket_intelligent_tiering_configuration.data"
        ],
        "aws_cloudwatch_metric_alarm.errors": tenant["aws_cloudwatch_metric_alarm.errors"]
        | {"dimensions": {"FunctionName": "api"}},
    }
    del quick["aws_vpc_security_group_egress_rule.s3"]
    # The provider waits for minutes in all, idle: side by side they cost one minute.
    with ThreadPoolExecutor() as pool, Emulator() as first, Emulator() as second:
        runs = [
            pool.submit(applied, first, tmp_path / "tenant", tenant),
            pool.submit(applied, second, tmp_path / "platform", roots.platform()),
            pool.submit(applied, bare, tmp_path / "bare", quick),
        ]
        plans = [run.result()[1] for run in runs]
    assert plans[0].empty, plans[0]
    assert plans[1].empty, plans[1]
    assert {change.address for change in plans[2].changes} == {
        "aws_cloudwatch_metric_alarm.errors",
        "aws_flow_log.vpc",
        "aws_s3_bucket_intelligent_tiering_configuration.data",
        "aws_vpc_endpoint.kms",
        "aws_vpc_endpoint.s3",
    }
