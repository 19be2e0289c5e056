"""Rollouts by the environment's own state machine: the stack deployed by Terraform, builds that run real workers.

Stacks are of Terraform's own resources, so that a build takes seconds; their states are in a bucket. A stack fails, or
waits, as long as a file is not there.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deployer.delivery import ROWS
from deployer.place import Place
from emulator.deployer_role import ROLE
from emulator.server import ACCOUNT_ID, REGION, Emulator
from emulator.shims.authorization_record import RECORD
from fleet.__main__ import main
from fleet.release.manifest import Wave
from fleet.release.store import Release
from tests.attached_provider import Terraform
from tests.deployment.authorizations import asked, differences
from tests.deployment.deploying import Deployment, as_deployer
from tests.emulator.builds import wait_until
from tests.fleet.rollouts import Document, Rollouts, text_stack

pytestmark = pytest.mark.deployment

STATES = "states"
DELIVERY = "delivery-test"
REGISTRY = {
    "created_at": "2026-01-01T00:00:00Z",
    "environments": {
        "test": {
            "profile": "development",
            "account": ACCOUNT_ID,
            "region": REGION,
            "state_bucket": STATES,
            "delivery": {
                "image": f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/deployer@sha256:{'0' * 64}",
                "deployer_role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}",
            },
        }
    },
    "tenants": {"acme": {"silo": {"cidr": "10.1.0.0/16"}}},
}


UNASKED_BY_REASON: Final = {
    "the local AWS pulls no image": (
        "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer"
    ),
    "Terraform changes it in place when an input of it changes, and here none does": (
        "codebuild:UpdateProject states:UpdateStateMachine"
    ),
    "AWS asks it with the creation of what has tags, and Terraform where a tag changes; the emulator asks neither": (
        "states:TagResource states:UntagResource"
    ),
    "a retirement asks it, once a stack is gone": "dynamodb:DeleteItem",
}
LISTED: Final = "s3:ListBucket"
"""Terraform lists the bucket of states beyond the keys that the policy admits, and goes on where it may not."""
UNASKED: Final = {
    action: reason for reason, actions in UNASKED_BY_REASON.items() for action in actions.split()
}


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """An environment with a delivery, and releases of small stacks."""

    emulator: Emulator
    rollouts: Rollouts
    deployed: Deployment

    def release(self, tenants: dict[str, Document], *waves: str) -> Release:
        """A release of a stack for each tenant, whose name is a letter; a wave is some of them."""
        stacks = {}
        for tenant, document in tenants.items():
            key = f"{stack(tenant)}/terraform.tfstate"
            state = {"bucket": STATES, "key": key, "region": REGION, "use_lockfile": True}
            stacks[stack(tenant)] = {**document, "terraform": {"backend": {"s3": state}}}
        made = [
            Wave(name=f"wave {number}", stacks=tuple(map(stack, wave)), tolerated=0, bake_minutes=0)
            for number, wave in enumerate(waves)
        ]
        return self.rollouts.release(stacks, waves=made)

    def run(self, command: str, release: Release) -> int:
        options = ["--engine=step-functions", f"--releases={self.rollouts.path / 'releases'}", "--json"]
        return main([command, release.digest, *options])

    def builds(self) -> int:
        """How many builds there were."""
        codebuild: Any = self.emulator.client("codebuild")
        return len(codebuild.list_builds_for_project(projectName="delivery-worker-test")["ids"])

    def texts(self) -> dict[str, str]:
        """What the resource of each tenant's stack holds, by its state."""
        s3: Any = self.emulator.client("s3")
        found = {}
        for item in s3.list_objects_v2(Bucket=STATES)["Contents"]:
            document = json.loads(s3.get_object(Bucket=STATES, Key=item["Key"])["Body"].read())
            for resource in document["resources"]:
                if resource["type"] == "terraform_data":
                    (instance,) = resource["instances"]
                    tainted = "tainted " if instance.get("status") else ""
                    found[tenant(item["Key"])] = f"{tainted}{instance['attributes']['input']['value']}"
        return found


def stack(tenant: str) -> str:
    return f"tenant-{tenant}-test"


def tenant(stack: str) -> str:
    return stack.removeprefix("tenant-")[0]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("delivery")
    with Emulator(auth=True) as emulator, pytest.MonkeyPatch.context() as patch:
        emulator.client("s3").create_bucket(Bucket=STATES)
        environment = as_deployer(emulator, state_bucket=STATES)
        let_builds_deploy(emulator)
        with Terraform(environment) as terraform:
            deployed = Deployment(emulator=emulator, terraform=terraform, folder=folder)
            deployed.synthesize(REGISTRY)
            deployed.apply(DELIVERY)
            assert deployed.root(DELIVERY).plan().empty
            registry = folder / "registry.yaml"
            registry.write_text(yaml.safe_dump(REGISTRY))
            for name, value in {
                **environment,
                "TENANT_REGISTRY": str(registry),
                "ENVIRONMENT_SUFFIX": "test",
            }.items():
                patch.setenv(name, value)
            rollouts = Rollouts(path=folder, environment=environment)
            yield Fleet(emulator=emulator, rollouts=rollouts, deployed=deployed)


def let_builds_deploy(emulator: Emulator) -> None:
    """Have CodeBuild assume the deployer's role beside those who do."""
    iam: Any = emulator.client("iam")
    trust = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    builds = {
        "Effect": "Allow",
        "Principal": {"Service": "codebuild.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = {**trust, "Statement": [*trust["Statement"], builds]}
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(document))


def states(document: Any) -> dict[str, str]:
    """Where each tenant's stack is, by what a command printed."""
    return {tenant(one): state for wave in document["waves"] for one, state in wave["stacks"].items()}


def test_a_failure_halts_its_wave_and_a_retry_finishes(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repaired = tmp_path / "repaired"
    stacks = {"a": text_stack("one"), "b": text_stack("one"), "d": text_stack("one")}
    stacks["c"] = text_stack("one", command=f"test -e '{repaired}'")
    release = fleet.release(stacks, "a", "bc", "d")

    assert fleet.run("start", release) == 1
    halted = json.loads(capsys.readouterr().out)
    assert halted["ended"] == "halted"
    assert states(halted) == {"a": "succeeded", "b": "succeeded", "c": "failed", "d": "waiting"}
    assert halted["failures"] == [
        {
            "outcome": "failed",
            "step": "apply",
            "reasons": ["local-exec provisioner error, terraform_data.text"],
            "stacks": [stack("c")],
        }
    ]
    assert "d" not in fleet.texts()

    # Nobody is started again where nobody repaired anything.
    before = fleet.builds()
    assert fleet.run("start", release) == 1
    assert json.loads(capsys.readouterr().out)["ended"] == "halted"
    assert fleet.builds() == before == 3

    repaired.touch()
    assert fleet.run("retry", release) == 0
    assert set(states(json.loads(capsys.readouterr().out)).values()) == {"succeeded"}
    assert fleet.texts() == dict.fromkeys("abcd", "one")
    assert fleet.builds() == 5
    assert fleet.run("start", release) == 0
    assert fleet.run("status", release) == 0
    assert fleet.builds() == 5


@pytest.mark.parametrize("asks", ["pause", "abort"])
def test_who_runs_finishes_and_nobody_else_begins_until_it_goes_on(
    fleet: Fleet,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    asks: str,
) -> None:
    first, second = {"pause": ("e", "f"), "abort": ("h", "i")}[asks]
    goes_on_with, wrong = {"pause": ("resume", "start"), "abort": ("start", "resume")}[asks]
    began, goes_on = tmp_path / "began", tmp_path / "goes-on"
    wait = f"touch '{began}'; while [ ! -e '{goes_on}' ]; do sleep 0.1; done"
    stacks = {first: text_stack("two", command=wait), second: text_stack("two")}
    release = fleet.release(stacks, first, second)
    codes: list[int] = []
    started = threading.Thread(target=lambda: codes.append(fleet.run("start", release)))
    started.start()
    try:
        wait_until(began.exists, "the apply of the first stack")
        assert fleet.run(asks, release) == 0
    finally:
        goes_on.touch()
        started.join()
    assert codes == [1]
    assert second not in fleet.texts()
    capsys.readouterr()
    assert fleet.run("status", release) == 0
    assert states(json.loads(capsys.readouterr().out)) == {first: "succeeded", second: "waiting"}
    assert fleet.run(wrong, release) == 2, "what was paused is resumed, what was aborted is started"
    assert fleet.run(goes_on_with, release) == 0
    assert {first: "two", second: "two"}.items() <= fleet.texts().items()


def test_each_right_of_the_delivery_is_needed_and_none_is_missing(fleet: Fleet) -> None:
    """The last one: it destroys the delivery."""
    release = fleet.release({"g": text_stack("three", command="false")}, "g")
    assert fleet.run("start", release) == 1
    fleet.deployed.destroy(DELIVERY)
    place = Place(account=ACCOUNT_ID, region=REGION, suffix="test")
    given = {action for row in ROWS.values() for right in row(place) for action in right.actions}
    record = fleet.emulator.log_file.parent / RECORD
    requested, denied = asked(record, sessions=f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{ROLE}/")
    assert differences(given, requested & given, denied - {LISTED}, UNASKED) == []
