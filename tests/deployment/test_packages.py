"""A silo whose functions take their code from a bucket: published once, deployed with the right to read it.

The tests share one deployment and run in the order of this file.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundling import function_package
from bundling.function_package import package
from emulator.server import Emulator
from fleet.__main__ import main
from fleet.packages import objects
from fleet.synthesized import read_stacks
from preflight.account import Account
from preflight.checks import packages as preflight
from preflight.deployment import Deployment as Asked
from terraform.errors import TerraformError
from tests.attached_provider import Terraform
from tests.deployment.callers import call, token
from tests.deployment.deploying import Deployment, as_deployer
from tests.synthesis import registry_with

pytestmark = pytest.mark.deployment

REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/20"}})
STACK = "tenant-acme-test"
BUCKET = "our-packages"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        running.client("s3").create_bucket(Bucket=BUCKET)
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packages")


@pytest.fixture
def deployment(emulator: Emulator, folder: Path) -> Iterator[Deployment]:
    with Terraform(as_deployer(emulator, package_bucket=BUCKET)) as terraform:
        yield Deployment(emulator=emulator, terraform=terraform, folder=folder)


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account, as the AWS SDK of this process sees it: its root, who publishes."""
    for name, value in emulator.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    return Account("us-east-1")


def publish(folder: Path) -> int:
    return main(["publish", "--out", str(folder / "cdktf.out"), "--json"])


def asked(account: Account, folder: Path) -> list[tuple[str, str]]:
    stacks = read_stacks(folder / "cdktf.out")
    found = preflight.check(Asked(account=account, stacks=stacks, deployed=frozenset()))
    return [(finding.severity.value, finding.what) for finding in found]


def code_of(emulator: Emulator) -> set[str]:
    """The SHA-256 of each function's code, as Lambda says it."""
    functions = emulator.client("lambda").list_functions()["Functions"]
    return {function["CodeSha256"] for function in functions}


def test_without_the_right_to_read_packages_no_function_is_made(emulator: Emulator, folder: Path) -> None:
    with Terraform(as_deployer(emulator)) as terraform:
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployment.synthesize(REGISTRY, PACKAGE_BUCKET=BUCKET)
        with pytest.raises(TerraformError, match="s3:GetObject"):
            deployment.apply(STACK)
    assert code_of(emulator) == set()


def test_a_package_that_is_not_there_is_found_before_and_refused(
    deployment: Deployment, account: Account
) -> None:
    key = objects(read_stacks(deployment.folder / "cdktf.out"))[0].key
    assert ("stops", f"s3://{BUCKET}/{key} is not there.") in asked(account, deployment.folder)
    with pytest.raises(TerraformError, match="S3 Error Code: NoSuchKey"):
        deployment.apply(STACK)
    assert code_of(deployment.emulator) == set()


def test_what_is_published_is_deployed_and_works(
    deployment: Deployment, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(deployment.folder) == 0
    assert [one["uploaded"] for one in json.loads(capsys.readouterr().out)] == [True, True]
    assert publish(deployment.folder) == 0
    assert [one["uploaded"] for one in json.loads(capsys.readouterr().out)] == [False, False]
    assert {severity for severity, _ in asked(account, deployment.folder)} == {"warns"}
    deployment.apply(STACK)
    emulator = deployment.emulator
    assert code_of(emulator) == {
        package(name).source_code_hash for name in ("tenant_api", "tenant_provisioner")
    }
    assert not list((deployment.folder / "cdktf.out" / "stacks").rglob("*.zip"))
    (plan,) = deployment.plan(STACK).values()
    assert plan.empty, plan
    (url,) = [value for name, value in deployment.root(STACK).outputs().items() if "endpoint" in name]
    answer = call(emulator, url, "/health", bearer=token(emulator, "tenant-acme-users-test"))
    assert answer.status == 200


def test_another_digest_updates_the_function_and_nothing_else(
    deployment: Deployment, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = code_of(deployment.emulator)
    shutil.copytree(function_package.SOURCES, tmp_path / "sources")
    (tmp_path / "sources" / "tenant_api" / "added.py").write_text('"""Something new."""\n')
    monkeypatch.setattr(function_package, "SOURCES", tmp_path / "sources")
    package.cache_clear()
    try:
        deployment.synthesize(REGISTRY, PACKAGE_BUCKET=BUCKET)
        changed = package("tenant_api").source_code_hash
    finally:
        package.cache_clear()
    assert publish(deployment.folder) == 0
    (plan,) = deployment.plan(STACK).values()
    (change,) = plan.changes
    assert change.actions == ("update",)
    assert {"s3_key", "source_code_hash"} <= set(change.attributes), plan
    deployment.apply(STACK)
    assert code_of(deployment.emulator) - before == {changed}
    (plan,) = deployment.plan(STACK).values()
    assert plan.empty, plan
    deployment.destroy(STACK)
