"""What holds data is never replaced by a change of the code: planned against a reference deployment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import ACCOUNT_ID, REGION, Emulator
from terraform.plans import Plan, ResourceChange
from tests.attached_provider import Terraform
from tests.deployment.deploying import STATEFUL, Deployment, as_deployer, at_once
from tests.synthesis import IMAGE

pytestmark = pytest.mark.deployment

REGISTRY = {
    "created_at": "2026-01-01T00:00:00Z",
    "platform": {},
    "tenants": {
        "acme": {"silo": {"cidr": "10.1.0.0/16"}, "fargate": {"listener_priority": 1, "image": IMAGE}}
    },
}
STACKS = {"tenant": "tenant-acme-test", "platform": "shared-platform-test"}
FOLDER = Path(__file__).parent / "reference"
REFERENCES = {kind: json.loads((FOLDER / f"{kind}.json").read_text()) for kind in STACKS}
"""Terraform's JSON of what each kind of stack has deployed, as far as it is stateful."""
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
            "Action": [
                "kms:Encrypt*",
                "kms:Decrypt*",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:Describe*",
            ],
            "Resource": "*",
        },
    ],
}
"""Of the reference's keys, without which AWS gives no log group one of them; what they say is compared by no test."""
Document = dict[str, Any]


def stateful(document: Document) -> set[str]:
    """The addresses of what holds data."""
    return {
        f"{kind}.{name}" for kind, named in document["resource"].items() if kind in STATEFUL for name in named
    }


def losses(plan: Plan) -> dict[str, ResourceChange]:
    """What a plan would destroy, replace or lose sight of, of what holds data."""
    return {
        change.address: change
        for change in plan.changes
        if change.address.split(".")[0] in STATEFUL and not {"delete", "forget"}.isdisjoint(change.actions)
    }


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def reference(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The reference deployment, its states where the current code's stacks have their own."""
    with Terraform(as_deployer(emulator)) as terraform:
        folder = tmp_path_factory.mktemp("reference")
        deployed = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployed.synthesize(REGISTRY)
        roots = {kind: terraform.root(folder / "reference" / kind) for kind in STACKS}
        for kind, root in roots.items():
            current = written(deployed, kind)
            resources = {type_: dict(bodies) for type_, bodies in REFERENCES[kind]["resource"].items()}
            for name, body in resources["aws_kms_key"].items():
                resources["aws_kms_key"][name] = {**body, "policy": json.dumps(KEY_POLICY)}
            document = {
                "terraform": current["terraform"]
                | {"backend": {"local": {"path": str(deployed.state_file(STACKS[kind]))}}},
                "provider": current["provider"],
                "resource": resources,
            }
            root.folder.mkdir(parents=True)
            (root.folder / "main.tf.json").write_text(json.dumps(document))
            root.init()
        at_once(lambda kind: roots[kind].apply(), list(roots))
        yield deployed


def written(deployment: Deployment, kind: str) -> Document:
    document = json.loads((deployment.root(STACKS[kind]).folder / "cdk.tf.json").read_text())
    assert isinstance(document, dict)
    return document


def planned(
    deployment: Deployment, kind: str, change: Callable[[Document], Document] = lambda document: document
) -> Plan:
    """What an apply of the current code, changed so, would do to the reference deployment."""
    deployment.synthesize(REGISTRY)
    root = deployment.root(STACKS[kind])
    (root.folder / "cdk.tf.json").write_text(json.dumps(change(written(deployment, kind))))
    root.init()
    return root.plan()


@pytest.mark.parametrize("kind", STACKS)
def test_the_reference_holds_all_that_is_stateful(reference: Deployment, kind: str) -> None:
    reference.synthesize(REGISTRY)
    current = stateful(written(reference, kind))
    assert stateful(REFERENCES[kind]) == current, f"see the note in reference/{kind}.json"


@pytest.mark.parametrize("kind", STACKS)
def test_the_current_code_replaces_nothing_of_the_reference_deployment(
    reference: Deployment, kind: str
) -> None:
    plan = planned(reference, kind)
    assert losses(plan) == {}, "\n".join(map(str, losses(plan).values()))
    there = stateful(REFERENCES[kind])
    kept = {change.address: change.actions for change in plan.changes if change.address in there}
    assert set(kept.values()) <= {("update",)}, kept


RENAMED = {
    "aws_cloudwatch_log_group": "name",
    "aws_ecs_cluster": "name",
    "aws_rds_cluster": "cluster_identifier",
    "aws_rds_cluster_instance": "identifier",
    "aws_secretsmanager_secret": "name",
    "aws_sqs_queue": "name",
}
"""For each of these types the argument that gets another value."""
MOVED = ("aws_kms_key", "aws_s3_bucket")
"""The types whose construct gets another id."""


def careless(document: Document) -> Document:
    """The stack after a careless change of code, which gives what holds data other names, keys and ids."""
    resources = document["resource"]
    for kind, argument in RENAMED.items():
        for body in resources.get(kind, {}).values():
            body[argument] = f"another-{body[argument].lstrip('/')}"
    for body in resources.get("aws_cognito_user_pool", {}).values():
        body["username_attributes"] = ["email"]
    for body in resources.get("aws_dynamodb_table", {}).values():
        body["range_key"] = "another"
        body["attribute"] = [{"name": name, "type": "S"} for name in ("tenant_id", "another")]
    text = json.dumps(document)
    for kind in MOVED:
        for name in resources[kind]:
            text = text.replace(name, f"moved_{name}")
    moved = json.loads(text)
    assert isinstance(moved, dict)
    return moved


@pytest.fixture(scope="module")
def lost(reference: Deployment) -> dict[str, dict[str, ResourceChange]]:
    return {kind: losses(planned(reference, kind, careless)) for kind in STACKS}


@pytest.mark.parametrize(
    ("kind", "address"),
    [(kind, address) for kind in STACKS for address in sorted(stateful(REFERENCES[kind]))],
)
def test_a_careless_change_of_code_is_noticed(
    lost: dict[str, dict[str, ResourceChange]], kind: str, address: str
) -> None:
    moved = address.startswith(tuple(f"{moved}." for moved in MOVED))
    assert lost[kind][address].actions == (("delete",) if moved else ("delete", "create"))
