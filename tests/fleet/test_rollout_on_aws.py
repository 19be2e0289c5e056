"""Rollouts on the local AWS: tables that would be replaced, and states in a bucket."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.deployer_role import ROLE
from emulator.server import ACCOUNT_ID, REGION, Emulator
from fleet.__main__ import INTERRUPTED, main
from fleet.release.manifest import digest
from fleet.retirement.engine import RetirementEngine
from fleet.retirement.record import SILO_STEPS, Step
from fleet.rollout.worker import work
from tenancy.names.environment import EnvironmentNames
from tenancy.names.silo import SiloNames
from terraform.versions import PROVIDER_VERSION
from tests import attached_provider
from tests.deployment.deploying import as_deployer
from tests.emulator.roots import allow, policy, write_root
from tests.fleet.rollouts import Document, Rollouts, text_stack

pytestmark = pytest.mark.deployment

STATE_BUCKET = "states"
STATE_KEY = EnvironmentNames.state_key("tenant-acme-test", "")
RETIRING = policy(
    allow(
        [
            "dynamodb:Scan",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListAllMyBuckets",
            "tag:GetResources",
        ],
        "*",
    )
)
"""What whoever retires a tenant may do beside deploying: copy what is handed over, and look for what is left."""


def table_of(tenant: str) -> str:
    """The name of a tenant's table, under which the deployer may make one."""
    return SiloNames(tenant=tenant, suffix="test").metadata_table


def table_stack(tenant: str, key: str) -> Document:
    """A stack of one table, whose key cannot be changed in place."""
    table = {
        "name": table_of(tenant),
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
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def environment(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What Terraform sees: the local AWS, and one provider for both releases."""
    folder = tmp_path_factory.mktemp("provider")
    deployer = as_deployer(emulator, state_bucket=STATE_BUCKET)
    emulator.client("iam").put_role_policy(RoleName=ROLE, PolicyName="retiring", PolicyDocument=RETIRING)
    with attached_provider.Terraform(deployer, folder=folder) as terraform:
        root = terraform.root(write_root(folder / "root", resources={"aws_vpc.main": {}}))
        root.init()
        (provider,) = terraform.providers.values()
        yield deployer | {"TF_REATTACH_PROVIDERS": json.dumps(provider.address)}


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
    dynamodb.put_item(TableName=table_of("acme"), Item=item)
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
    assert dynamodb.scan(TableName=table_of("acme"))["Items"] == [item]
    table = dynamodb.describe_table(TableName=table_of("acme"))["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_a_lock_that_was_left_in_a_bucket_is_waited_for_and_stays(
    emulator: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    """As of a Terraform that was killed; a person removes it."""
    s3: Any = emulator.client("s3")
    s3.create_bucket(Bucket=STATE_BUCKET)

    def keys() -> list[str]:
        return [item["Key"] for item in s3.list_objects_v2(Bucket=STATE_BUCKET)["Contents"]]

    rollouts = Rollouts(path=tmp_path, environment=environment)
    state = {"bucket": STATE_BUCKET, "key": STATE_KEY, "region": REGION, "use_lockfile": True}
    release = rollouts.release({"a": {**text_stack("one"), "terraform": {"backend": {"s3": state}}}})
    lock = {
        "ID": "0f5c3a52-7a3c-4d0e-8e52-6d1a5f1c0a11",
        "Operation": "OperationTypeApply",
        "Who": "ann@host",
    }
    s3.put_object(Bucket=STATE_BUCKET, Key=f"{STATE_KEY}.tflock", Body=json.dumps(lock))
    environment = {**os.environ, **rollouts.environment}
    record = work(rollouts.task(release, "a", lock_seconds=1), environment, stopping=lambda: False)
    assert (record.outcome, record.step, record.error) == (
        "locked",
        "plan",
        "Error acquiring the state lock, lock 0f5c3a52-7a3c-4d0e-8e52-6d1a5f1c0a11, of ann@host",
    )
    assert keys() == [f"{STATE_KEY}.tflock"]
    s3.delete_object(Bucket=STATE_BUCKET, Key=f"{STATE_KEY}.tflock")
    assert rollouts.work(release, "a").outcome == "succeeded"
    assert keys() == [STATE_KEY]


def silo_stack(tenant: str, *, protected: bool) -> Document:
    """A stack of what holds a tenant's data, with the tenant's tags."""
    tags = {"TenantId": tenant, "Environment": "test"}
    table = dict(table_stack(tenant, "id")["resource"]["aws_dynamodb_table"]["table"])
    held = {"lifecycle": {"prevent_destroy": True}} if protected else {}
    return {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}},
        },
        "provider": {
            "aws": [{"region": REGION, "s3_use_path_style": True, "default_tags": [{"tags": tags}]}]
        },
        "resource": {
            "aws_kms_key": {"key": {"deletion_window_in_days": 7}},
            "aws_s3_bucket": {
                "data": {"bucket": f"tenant-{tenant}-data-test", "force_destroy": not protected, **held}
            },
            "aws_dynamodb_table": {"table": {**table, "deletion_protection_enabled": protected, **held}},
        },
    }


@pytest.fixture
def fleet(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Rollouts, Path]:
    """Two silos that are deployed, and their registry."""
    rollouts = Rollouts(path=tmp_path, environment=environment)
    registry = tmp_path / "tenants.yaml"
    registry.write_text(
        "created_at: '2026-01-01T00:00:00Z'\ntenants:\n  old-co:   # leaves\n    silo: {cidr: 10.1.0.0/16}\n"
        "  new-co:\n    silo: {cidr: 10.2.0.0/16}\n"
    )
    for name, value in {**rollouts.environment, "TENANT_REGISTRY": str(registry)}.items():
        monkeypatch.setenv(name, value)
    stacks = {f"tenant-{tenant}-test": silo_stack(tenant, protected=True) for tenant in ("old-co", "new-co")}
    release = rollouts.release(stacks)
    assert [rollouts.work(release, stack).outcome for stack in stacks] == ["succeeded", "succeeded"]
    return rollouts, registry


PROPOSED = """protects bucket, table; have this reviewed in the registry, below 'unprotected' of the environment, then \
`make synth`, `make release`, and go on with --release:
        - {tenant: old-co, stack: silo, resource: bucket, reason: "Old Co's contract has ended.", until: 2"""
REQUEST = (
    *("--requested-by", "ann@example.com", "--approved-by", "ben@example.com"),
    *("--reason", "Old Co's contract has ended."),
)


def copied(handover: Path) -> dict[str, bytes]:
    """Return what was copied, by the key of the object or the name of the table."""
    manifest = json.loads((handover / "manifest.json").read_text())
    entries = {entry["key"]: entry for entries in manifest["buckets"].values() for entry in entries}
    return {
        name: (handover / "blobs" / entry["sha256"]).read_bytes()
        for name, entry in {**entries, **manifest["tables"]}.items()
    }


def test_a_tenant_that_is_retired_leaves_a_receipt_and_nothing_else(  # noqa: PLR0915 (one retirement)
    emulator: Emulator,
    fleet: tuple[Rollouts, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rollouts, registry = fleet
    s3: Any = emulator.client("s3")
    dynamodb: Any = emulator.client("dynamodb")
    for version in (b"older", b"newer"):
        s3.put_object(Bucket="tenant-old-co-data-test", Key="a b/ä", Body=version)
    dynamodb.put_item(TableName=table_of("old-co"), Item={"id": {"S": "kept"}, "raw": {"B": b"\0"}})
    neighbour = (rollouts.path / "state" / "tenant-new-co-test.tfstate").read_bytes()
    handover, receipts = rollouts.path / "handover", rollouts.path / "receipts"
    # Rights that depend on a resource's tags decide nothing about one that is gone: somebody else asks for it.
    profiles = rollouts.path / "reader"
    profiles.write_text(f"[reader]\naws_access_key_id={ACCOUNT_ID}\naws_secret_access_key=test\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profiles))
    command = ["retire", "old-co", f"--receipts={receipts}", *rollouts.options, "--reader-profile=reader"]
    lifted = rollouts.release({"tenant-old-co-test": silo_stack("old-co", protected=False)})
    begun = [*command, *REQUEST, f"--export={handover}"]
    capsys.readouterr()

    assert main([*begun, "--dry-run"]) == 0
    assert "  destroyed: its own stack is destroyed\n" in capsys.readouterr().out

    # Stopped between any two steps, the next run goes on with the one that was not done.
    reached: list[Step] = []
    whole = RetirementEngine._do

    def stopped(engine: RetirementEngine, next_: Step) -> Any:
        if next_ == stop:
            raise KeyboardInterrupt
        reached.append(next_)
        return whole(engine, next_)

    with monkeypatch.context() as patched:
        patched.setattr(RetirementEngine, "_do", stopped)
        for stop in SILO_STEPS:
            if stop == "destroyed":
                # What is protected needs a release that lifts it, of which nothing else is applied.
                assert main(command) == 1
                assert PROPOSED in capsys.readouterr().err
                assert reached.pop() == "unprotected"
                command += ["--release", lifted.digest]
            assert main(begun if stop in SILO_STEPS[:2] else command) == INTERRUPTED
    assert main([*command, "--json"]) == 0
    assert reached == list(SILO_STEPS[:-1])
    done = json.loads(capsys.readouterr().out.rpartition("\n{\n")[2].join(["{\n", ""]))
    assert list(done["done"]) == list(SILO_STEPS)
    assert done["left"] == []

    # What was copied is what was there, and nothing of it is in the record or in the receipt.
    (file,) = receipts.iterdir()
    receipt = json.loads(file.read_text())
    changed = ["aws_dynamodb_table.table", "aws_s3_bucket.data"]
    assert receipt["steps"]["unprotected"]["changed"] == [f"tenant-old-co-test/{one}" for one in changed]
    assert receipt["steps"]["exported"]["manifest"] == digest((handover / "manifest.json").read_bytes())
    assert "kept" not in file.read_text()
    assert copied(handover) == {
        "a b/ä": b"newer",
        table_of("old-co"): b'{"id": {"S": "kept"}, "raw": {"B": "AA=="}}\n',
    }

    # AWS has nothing but the key that waits for its deletion; the neighbour is as it was.
    (key,) = receipt["steps"]["verified"]["remains"]
    metadata = emulator.client("kms").describe_key(KeyId=key["id"])["KeyMetadata"]
    assert metadata["KeyState"] == "PendingDeletion"
    assert key["until"] == metadata["DeletionDate"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"] if "old-co" in bucket["Name"]] == []
    assert table_of("old-co") not in dynamodb.list_tables()["TableNames"]
    assert (rollouts.path / "state" / "tenant-new-co-test.tfstate").read_bytes() == neighbour
    assert main(["drift", *rollouts.options]) == 0
    assert capsys.readouterr().out == "1 stack: 1 as deployed\n"

    # Its id and network are given to nobody else, and no rollout brings it back.
    assert registry.read_text().endswith("\nretired:\n  old-co:\n    cidr: 10.1.0.0/16\n")
    assert main(["allocate", "old-co", "--silo"]) == 2
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "expected an id that was never given out ('old-co' is in 'retired')" in said
    assert f"received 'old-co', expected a tenant that is not retired: receipt 1 in {receipts}" in said
    assert main(["start", done["release"], *rollouts.options]) == 0
    assert main(["worker", done["release"], "tenant-old-co-test", *rollouts.options]) == 2
    assert "whose tenant old-co is retired" in capsys.readouterr().err
    assert_found_missing(
        file, ["receipts", f"--receipts={receipts}", f"--folder={rollouts.folder.path}"], capsys
    )


def assert_found_missing(file: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Look at the chain, remove the last receipt, and look again."""
    sealed = json.loads(file.read_text())["digest"]
    assert main(command) == 0
    file.unlink()
    capsys.readouterr()
    assert main(command) == 1
    assert capsys.readouterr().out == f"receipt of old-co, {sealed[:12]}: missing\n"
