"""An environment with a delivery on the local AWS, and releases of small stacks that its builds deploy.

Stacks are of Terraform's own resources, so that a build takes seconds; their states are in a bucket.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.deployer_role import ROLE
from emulator.server import ACCOUNT_ID, REGION, Emulator
from emulator.shims._build_commands import marked
from fleet.__main__ import main
from fleet.release.manifest import Wave
from fleet.release.store import Release
from fleet.rollout.records import Record
from fleet.rollout.table import RolloutTable
from terraform.binary import find_installation
from tests.attached_provider import Terraform
from tests.deployment.deploying import Deployment, as_deployer
from tests.emulator.builds import wait_until
from tests.fleet.rollouts import Document, Rollouts

STATES = "states"
DELIVERY = "delivery-test"
PROJECT = "delivery-worker-test"
TABLE = "delivery-records-test"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:delivery-rollouts-test"
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


HOLD = """\
#!/bin/sh
# Runs Terraform. Before the command that a file names for this stack (`plan 2`: its second plan) it says so and stays.
held="{folder}/$STACK"
if [ -f "$held" ]; then
    echo "$1" >> "$held.seen"
    if [ "$1 $(grep -cx "$1" "$held.seen")" = "$(cat "$held")" ]; then
        echo "$CODEBUILD_BUILD_ARN" > "$held.new"
        mv "$held.new" "$held.reached"
        exec sleep 86400
    fi
fi
exec "{terraform}" "$@"
"""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """An environment with a delivery, and releases of small stacks.

    Attributes:
        emulator: the local AWS.
        rollouts: where releases are made.
        deployed: the delivery.
        holds: a folder with a file for each stack whose Terraform is to stay before a command.
    """

    emulator: Emulator
    rollouts: Rollouts
    deployed: Deployment
    holds: Path

    def release(
        self,
        tenants: Mapping[str, Document],
        *waves: str,
        tolerated: Mapping[int, int] | None = None,
        bake_minutes: float = 0,
        **more: Any,
    ) -> Release:
        """A release of a stack for each tenant; a wave names some of them, with spaces in between.

        Args:
            tenants: stacks by tenant.
            *waves: in order.
            tolerated: failures by the number of the wave, from 0; none elsewhere.
            bake_minutes: after each wave.
            **more: of the release.
        """
        stacks = {}
        for tenant, document in tenants.items():
            state = {"bucket": STATES, "key": key(tenant), "region": REGION, "use_lockfile": True}
            stacks[stack(tenant)] = {**document, "terraform": {"backend": {"s3": state}}}
        made = [
            Wave(
                name=f"wave {number}",
                stacks=tuple(map(stack, wave.split())),
                tolerated=(tolerated or {}).get(number, 0),
                bake_minutes=bake_minutes,
            )
            for number, wave in enumerate(waves)
        ]
        return self.rollouts.release(stacks, waves=made, **more)

    def run(self, command: str, release: Release) -> int:
        options = ["--engine=step-functions", f"--releases={self.rollouts.path / 'releases'}", "--json"]
        return main([command, release.digest, *options])

    @property
    def table(self) -> RolloutTable:
        return RolloutTable(path=self.rollouts.path, table=TABLE, region=REGION)

    def record(self, tenant: str) -> Record:
        found = self.table.record(stack(tenant))
        assert found is not None
        return found

    def builds(self) -> int:
        """How many builds there were."""
        codebuild: Any = self.emulator.client("codebuild")
        pages = codebuild.get_paginator("list_builds_for_project").paginate(projectName=PROJECT)
        return sum(len(page["ids"]) for page in pages)

    def executions(self, status: str) -> list[dict[str, Any]]:
        """The executions of the state machine that have this status, the last one first."""
        client: Any = self.emulator.client("stepfunctions")
        found = client.list_executions(stateMachineArn=MACHINE, statusFilter=status)["executions"]
        return [
            client.describe_execution(executionArn=one["executionArn"])
            for one in sorted(found, key=lambda one: one["startDate"], reverse=True)
        ]

    def objects(self) -> set[str]:
        """What is in the bucket of states: states, and locks that somebody has, or has left."""
        s3: Any = self.emulator.client("s3")
        return {item["Key"] for item in s3.list_objects_v2(Bucket=STATES)["Contents"]}

    def unlock(self, tenant: str) -> None:
        """Remove the lock of a Terraform that is gone, as a person does who has looked."""
        self.emulator.client("s3").delete_object(Bucket=STATES, Key=f"{key(tenant)}.tflock")

    def states(self) -> dict[str, dict[str, Any]]:
        """The state of each tenant's stack."""
        s3: Any = self.emulator.client("s3")
        return {
            tenant(one): json.loads(s3.get_object(Bucket=STATES, Key=one)["Body"].read())
            for one in self.objects()
            if one.startswith("tenant-") and one.endswith(".tfstate")
        }

    def texts(self) -> dict[str, str]:
        """What the resource of each tenant's stack holds, by its state."""
        found = {}
        for name, document in self.states().items():
            for resource in document["resources"]:
                (instance,) = resource["instances"]
                tainted = "tainted " if instance.get("status") else ""
                found[name] = f"{tainted}{instance['attributes']['input']['value']}"
        return found

    def serials(self) -> dict[str, int]:
        """How often each tenant's state was written."""
        return {name: document["serial"] for name, document in self.states().items()}

    def hold(self, tenant: str, command: str) -> None:
        """Have the Terraform of a tenant's stack stay before `command`, such as `plan 2`, its second plan."""
        (self.holds / stack(tenant)).write_text(f"{command}\n")

    def kill(self, tenant: str) -> None:
        """Kill all processes of the build that stays, as the end of its machine does."""
        reached = self.holds / f"{stack(tenant)}.reached"
        wait_until(reached.exists, f"{tenant} before its command")
        killed(reached.read_text().strip())
        (self.holds / stack(tenant)).unlink()


def killed(build: str) -> None:
    """Kill all processes of a build, by its ARN, until there is none."""
    while found := list(marked(build)):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def key(tenant: str) -> str:
    return f"{stack(tenant)}/terraform.tfstate"


def stack(tenant: str) -> str:
    return f"tenant-{tenant}-test"


def tenant(stack: str) -> str:
    return stack.removeprefix("tenant-").partition("-test")[0]


def states(document: Any) -> dict[str, str]:
    """Where each tenant's stack is, by what a command printed."""
    return {tenant(one): state for wave in document["waves"] for one, state in wave["stacks"].items()}


@contextmanager
def delivery(folder: Path) -> Iterator[Fleet]:
    """Deploy a delivery, and have this process's environment name it."""
    with pytest.MonkeyPatch.context() as patch:
        holds = holding(folder, patch)
        with Emulator(auth=True) as emulator:
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
                yield Fleet(emulator=emulator, rollouts=rollouts, deployed=deployed, holds=holds)


def holding(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Put a program before Terraform in the builds' `PATH` that can stay; return the folder that tells it when."""
    holds, programs = folder / "holds", folder / "programs"
    for one in (holds, programs):
        one.mkdir()
    program = programs / "terraform"
    program.write_text(HOLD.format(folder=holds, terraform=find_installation().binary))
    program.chmod(0o755)
    patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return holds


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
