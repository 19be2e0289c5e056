"""What holds data is never replaced by a change of the code: planned against a reference deployment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Emulator
from emulator.terraform import Change, Plan, Terraform
from tests.deployment.deploying import STATEFUL, Deployment
from tests.synthesis import registry_with

pytestmark = pytest.mark.deployment

STACK = "tenant-acme-test"
REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}})
REFERENCE = json.loads((Path(__file__).parent / "reference" / "tenant.json").read_text())
Document = dict[str, Any]


def stateful(document: Document) -> set[str]:
    """The addresses of what holds data."""
    return {
        f"{kind}.{name}" for kind, named in document["resource"].items() if kind in STATEFUL for name in named
    }


def losses(plan: Plan) -> dict[str, Change]:
    """What a plan would destroy, replace or lose sight of, of what holds data."""
    return {
        change.address: change
        for change in plan.changes
        if change.address.split(".")[0] in STATEFUL and not {"delete", "forget"}.isdisjoint(change.actions)
    }


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def reference(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The reference deployment, its state where the current code's stack has its own."""
    with Terraform(emulator.environment()) as terraform:
        folder = tmp_path_factory.mktemp("reference")
        deployed = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployed.synthesize(REGISTRY)
        current = written(deployed)
        root = terraform.root(folder / "reference")
        root.folder.mkdir()
        backend = {"local": {"path": str(deployed.state_file(STACK))}}
        document = {
            "terraform": current["terraform"] | {"backend": backend},
            "provider": current["provider"],
            "resource": REFERENCE["resource"],
        }
        (root.folder / "main.tf.json").write_text(json.dumps(document))
        root.init()
        root.apply()
        yield deployed


def written(deployment: Deployment) -> Document:
    document = json.loads((deployment.root(STACK).folder / "cdk.tf.json").read_text())
    assert isinstance(document, dict)
    return document


def planned(
    deployment: Deployment, change: Callable[[Document], Document] = lambda document: document
) -> Plan:
    """What an apply of the current code, changed so, would do to the reference deployment."""
    deployment.synthesize(REGISTRY)
    (deployment.root(STACK).folder / "cdk.tf.json").write_text(json.dumps(change(written(deployment))))
    deployment.root(STACK).init()
    return deployment.root(STACK).plan()


def test_the_reference_holds_all_that_is_stateful(reference: Deployment) -> None:
    reference.synthesize(REGISTRY)
    assert stateful(REFERENCE) == stateful(written(reference)), "see the note in reference/tenant.json"


def test_the_current_code_replaces_nothing_of_the_reference_deployment(reference: Deployment) -> None:
    plan = planned(reference)
    assert losses(plan) == {}, "\n".join(map(str, losses(plan).values()))
    kept = {
        change.address: change.actions for change in plan.changes if change.address in stateful(REFERENCE)
    }
    assert set(kept.values()) <= {("update",)}, kept


RENAMED = {
    "aws_cloudwatch_log_group": ("name", "/aws/lambda/another"),
    "aws_cognito_user_pool": ("username_attributes", ["email"]),
    "aws_dynamodb_table": ("range_key", "another"),
    "aws_sqs_queue": ("name", "another"),
}
"""For each of these types an argument whose change replaces the resource."""
MOVED = ("aws_kms_key", "aws_s3_bucket")
"""The types whose construct gets another id."""


def careless(document: Document) -> Document:
    """The stack after a careless change of code, which gives what holds data other names, keys and ids."""
    for kind, (argument, value) in RENAMED.items():
        for body in document["resource"][kind].values():
            body[argument] = value
    for body in document["resource"]["aws_dynamodb_table"].values():
        body["attribute"] = [{"name": name, "type": "S"} for name in ("tenant_id", "another")]
    text = json.dumps(document)
    for kind in MOVED:
        for name in document["resource"][kind]:
            text = text.replace(name, f"moved_{name}")
    moved = json.loads(text)
    assert isinstance(moved, dict)
    return moved


@pytest.fixture(scope="module")
def lost(reference: Deployment) -> dict[str, Change]:
    return losses(planned(reference, careless))


@pytest.mark.parametrize("address", sorted(stateful(REFERENCE)))
def test_a_careless_change_of_code_is_noticed(lost: dict[str, Change], address: str) -> None:
    moved = address.startswith(tuple(f"{kind}." for kind in MOVED))
    assert lost[address].actions == (("delete",) if moved else ("delete", "create"))
