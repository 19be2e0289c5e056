"""A release that would replace a table of each tenant, on the local AWS with the real provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import REGION, Emulator
from fleet.__main__ import main
from terraform.versions import PROVIDER_VERSION
from tests import attached_provider
from tests.emulator.roots import write_root
from tests.fleet.rollouts import Document, Rollouts

pytestmark = pytest.mark.deployment
TENANTS = ("acme", "retail")


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
    """What Terraform sees: the local AWS, and one provider that runs for all stacks, which are alike."""
    folder = tmp_path_factory.mktemp("provider")
    with attached_provider.Terraform(emulator.environment(), folder=folder) as terraform:
        root = terraform.root(write_root(folder / "root", resources={"aws_vpc.main": {}}))
        root.init()
        (provider,) = terraform.providers.values()
        yield emulator.environment() | {"TF_REATTACH_PROVIDERS": json.dumps(provider.address)}


def keys(emulator: Emulator) -> list[str]:
    """The key of each tenant's table, by AWS."""
    client: Any = emulator.client("dynamodb")
    found = [client.describe_table(TableName=f"table-{tenant}")["Table"] for tenant in TENANTS]
    return [table["KeySchema"][0]["AttributeName"] for table in found]


def test_a_table_that_would_be_replaced_stays_in_every_tenant_and_is_reported_once(
    emulator: Emulator,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rollouts = Rollouts(path=tmp_path, environment=environment)
    for name, value in rollouts.environment.items():
        monkeypatch.setenv(name, value)
    first, second = (
        rollouts.release({tenant: table_stack(tenant, key) for tenant in TENANTS}, tolerated=2, concurrency=1)
        for key in ("id", "other")
    )
    assert main(["start", first.digest, *rollouts.options]) == 0
    item = {"id": {"S": "kept"}}
    emulator.client("dynamodb").put_item(TableName="table-acme", Item=item)
    capsys.readouterr()
    assert main(["start", second.digest, "--json", *rollouts.options]) == 1
    assert json.loads(capsys.readouterr().out)["failures"] == [
        {
            "outcome": "refused",
            "step": "guard",
            "reasons": ["aws_dynamodb_table.table: replace loses its items"],
            "stacks": list(TENANTS),
        }
    ]
    assert keys(emulator) == ["id", "id"]
    assert emulator.client("dynamodb").scan(TableName="table-acme")["Items"] == [item]
    assert main(["status", second.digest, *rollouts.options]) == 1
    said = capsys.readouterr().out
    assert said.count("replace loses its items") == 1
    assert (
        "2 stacks refused at guard: aws_dynamodb_table.table: replace loses its items\n  acme, retail\n"
        in said
    )
