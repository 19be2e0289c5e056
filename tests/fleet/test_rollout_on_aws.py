"""Rollouts on the local AWS: tables that would be replaced, and states in a bucket."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import REGION, Emulator
from fleet.__main__ import main
from fleet.rollout.worker import work
from terraform.versions import PROVIDER_VERSION
from tests import attached_provider
from tests.emulator.roots import write_root
from tests.fleet.rollouts import Document, Rollouts, text_stack

pytestmark = pytest.mark.deployment


def table_stack(tenant: str, key: str) -> Document:
    """A stack of one table, whose key cannot be changed in place."""
    table = {
        "name": f"table-{tenant}",
        "billing_mode": "PAY_PER_REQUEST",
        "hash_key": key,
        "attribute": [{"name": key, "type": "S"}],
    }
    return {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}},
        },
        "provider": {"aws": [{"region": REGION}]},
        "resource": {"aws_dynamodb_table": {"table": table}},
    }


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def environment(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What Terraform sees: the local AWS, and one provider for both releases."""
    folder = tmp_path_factory.mktemp("provider")
    with attached_provider.Terraform(emulator.environment(), folder=folder) as terraform:
        root = terraform.root(write_root(folder / "root", resources={"aws_vpc.main": {}}))
        root.init()
        (provider,) = terraform.providers.values()
        yield emulator.environment() | {"TF_REATTACH_PROVIDERS": json.dumps(provider.address)}


def test_a_table_that_would_be_replaced_stays(
    emulator: Emulator,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rollouts = Rollouts(path=tmp_path, environment=environment)
    for name, value in rollouts.environment.items():
        monkeypatch.setenv(name, value)
    first, second = (rollouts.release({"acme": table_stack("acme", key)}) for key in ("id", "other"))
    assert main(["start", first.digest, *rollouts.options]) == 0
    dynamodb: Any = emulator.client("dynamodb")
    item = {"id": {"S": "kept"}}
    dynamodb.put_item(TableName="table-acme", Item=item)
    capsys.readouterr()
    assert main(["start", second.digest, "--json", *rollouts.options]) == 1
    assert json.loads(capsys.readouterr().out)["failures"] == [
        {
            "outcome": "refused",
            "step": "guard",
            "reasons": ["aws_dynamodb_table.table: replace loses its items"],
            "stacks": ["acme"],
        }
    ]
    assert dynamodb.scan(TableName="table-acme")["Items"] == [item]
    table = dynamodb.describe_table(TableName="table-acme")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_a_lock_that_was_left_in_a_bucket_is_waited_for_and_stays(emulator: Emulator, tmp_path: Path) -> None:
    """As of a Terraform that was killed; a person removes it."""
    s3: Any = emulator.client("s3")
    s3.create_bucket(Bucket="states")
    rollouts = Rollouts(path=tmp_path, environment=emulator.environment())
    state = {"bucket": "states", "key": "a.tfstate", "region": REGION, "use_lockfile": True}
    release = rollouts.release({"a": {**text_stack("one"), "terraform": {"backend": {"s3": state}}}})
    lock = {
        "ID": "0f5c3a52-7a3c-4d0e-8e52-6d1a5f1c0a11",
        "Operation": "OperationTypeApply",
        "Who": "ann@host",
    }
    s3.put_object(Bucket="states", Key="a.tfstate.tflock", Body=json.dumps(lock))
    environment = {**os.environ, **rollouts.environment}
    record = work(rollouts.task(release, "a", lock_seconds=1), environment, stopping=lambda: False)
    assert (record.outcome, record.step, record.error) == (
        "locked",
        "plan",
        "Error acquiring the state lock, lock 0f5c3a52-7a3c-4d0e-8e52-6d1a5f1c0a11, of ann@host",
    )
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="states")["Contents"]] == ["a.tfstate.tflock"]
    s3.delete_object(Bucket="states", Key="a.tfstate.tflock")
    assert rollouts.work(release, "a").outcome == "succeeded"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="states")["Contents"]] == ["a.tfstate"]
