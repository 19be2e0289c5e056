"""Reading synthesized stacks, and what is said where there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fleet.__main__ import main
from fleet.budget import footprint
from fleet.reading import SMALLEST_SHARE, each_stack
from fleet.synthesized import UnreadableStacksError, read_stacks
from tests.fleet.stacks import stack_of, written
from tests.synthesis import ONE_SILO, synthesize


def test_stacks_are_read_as_they_were_written() -> None:
    outdir = synthesize(ONE_SILO).outdir
    (stack,) = read_stacks(outdir)
    assert (stack.id, stack.region) == ("tenant-acme-corp-test", "us-east-1")
    assert (stack.folder / "cdk.tf.json").exists()
    assert list(stack.literals("aws_s3_bucket", "bucket")) == ["tenant-acme-corp-data-test"]
    assert list(stack.literals("aws_s3_bucket_policy", "bucket")) == [], "it refers to the bucket"
    assert len(list(stack.texts("aws_s3_bucket_policy", "bucket"))) == 1
    assert stack.count("aws_subnet") == 2
    assert stack.count("aws_nothing") == 0


STACK = {"stacks": {"a": {"synthesizedStackPath": "a.json"}}}
SYNTHESIZED = {"provider": {"aws": [{"region": "us-east-1"}]}, "terraform": {}}


@pytest.mark.parametrize(
    ("manifest", "document", "said"),
    [
        (None, None, "manifest.json: No such file or directory; run `make synth`"),
        ("{", None, "manifest.json: expected JSON, as synthesized"),
        ("[]", None, "manifest.json: expected a JSON object, as synthesized"),
        ('{"stacks": {}}', None, "manifest.json: expected at least one stack; run `make synth`"),
        ('{"stacks": {"a": {}}}', None, "manifest.json: stacks.a names no synthesized stack"),
        (json.dumps(STACK), None, "a.json: No such file or directory; run `make synth`"),
        (json.dumps(STACK), "{}", "a.json: expected one AWS provider with a region, as synthesized"),
        (json.dumps(STACK), "[" * 100_000, "a.json: expected JSON, as synthesized"),
        (
            json.dumps(STACK),
            json.dumps(SYNTHESIZED | {"provider": {"aws": []}}),
            "a.json: expected one AWS provider with a region, as synthesized",
        ),
        (json.dumps(STACK), json.dumps(SYNTHESIZED | {"resource": []}), "a.json: expected resources by type"),
    ],
)
def test_what_was_not_synthesized_is_named_in_one_line(
    tmp_path: Path, manifest: str | None, document: str | None, said: str
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    if document is not None:
        (tmp_path / "a.json").write_text(document)
    with pytest.raises(UnreadableStacksError) as error:
        read_stacks(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/{said}")
    assert "\n" not in str(error.value)


def test_several_processes_read_what_one_does(tmp_path: Path) -> None:
    stacks = [stack_of(f"s{index:04}", aws_vpc=[{}] * (index % 3)) for index in range(2 * SMALLEST_SHARE + 1)]
    outdir = written(tmp_path, stacks)
    alone = each_stack(outdir, footprint, processes=1)
    assert alone == [footprint(stack) for stack in stacks]
    assert each_stack(outdir, footprint, processes=2) == alone


def test_a_process_that_finds_no_stack_says_where(tmp_path: Path) -> None:
    outdir = written(tmp_path, [stack_of(f"s{index:04}") for index in range(2 * SMALLEST_SHARE)])
    (outdir / "stacks" / "s0399" / "cdk.tf.json").write_text("[")
    with pytest.raises(UnreadableStacksError, match=r"s0399/cdk\.tf\.json: expected JSON, as synthesized$"):
        each_stack(outdir, footprint, processes=2)


def test_an_owner_is_whose_construct_it_is() -> None:
    def at(path: str) -> dict[str, object]:
        return {"//": {"metadata": {"path": path}}}

    platform = stack_of("platform")
    assert platform.owner(at("platform/tenants/acme/service/service")) == "acme"
    assert platform.owner(at("platform/network/vpc")) is None
    assert platform.owner(at("platform/tenants/acme")) is None, "a construct of the tenants is no tenant's"
    assert platform.owner({}) is None
    assert stack_of("tenant-acme", tenant="acme").owner({}) == "acme"


@pytest.mark.parametrize(
    "resources",
    [
        {"aws_ecs_service": [{"desired_count": "${var.count}"}]},
        {"aws_lambda_function": ["text"]},
        {"aws_vpc_endpoint": [{"vpc_endpoint_type": "Interface", "subnet_ids": 3}]},
        {"aws_dynamodb_contributor_insights": [{"//": []}]},
    ],
)
def test_an_argument_that_nobody_synthesized_is_said_in_one_line(
    tmp_path: Path, resources: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    outdir = written(tmp_path, [stack_of("odd", **resources)])
    assert main(["quota", "--out", str(outdir)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"fleet: {outdir}/stacks/odd/cdk.tf.json: expected resources as synthesized (")
    assert said.err.count("\n") == 1
