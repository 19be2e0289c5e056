"""Synthesizes a registry and deploys its stacks with real Terraform, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from config.environments import completed, declared
from config.registry.loading import validated
from config.settings import load_settings
from config.yaml_file import read_yaml
from emulator.deployer_role import ROLE, deployer_environment
from emulator.server import REGION, Emulator
from stacks.app import FleetApp
from synthesis.provider_lock import lock_provider
from tenancy.resolution import resolve
from tenancy.versions import AWS_PROVIDER, AWS_PROVIDER_HASHES
from terraform.plans import Plan
from terraform.runner import Root, Terraform
from tests import attached_provider
from tests.synthesis import completed_registry

T = TypeVar("T")
STATEFUL = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_cognito_user_pool",
        "aws_dynamodb_table",
        "aws_ecs_cluster",
        "aws_kms_key",
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
        "aws_sqs_queue",
    }
)
"""Types of resources that hold data: replacing one loses it."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A folder with synthesized stacks and their state, and the emulator that they are deployed to."""

    emulator: Emulator
    terraform: Terraform
    folder: Path

    def synthesize(self, registry: Mapping[str, Any], **variables: str) -> None:
        """Write the stacks of `registry`, as `cdktf synth` does in the environment `variables`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "tenants.yaml"
        file.write_text(yaml.safe_dump(completed_registry(registry, variables)))
        document = read_yaml(file, name=file.name)
        entry = declared(document, variables.get("ENVIRONMENT_SUFFIX", "test"))
        given = completed({"AWS_ENDPOINT_URL": self.emulator.endpoint, **variables}, entry)
        settings = load_settings(given, entry)
        checked = validated(document, profile=settings.profile, declared=entry)
        fleet, outdir = resolve(settings, checked), self.folder / "cdktf.out"
        FleetApp(fleet, outdir=str(outdir)).synth()
        lock_provider(outdir, fleet.ids, version=AWS_PROVIDER, hashes=AWS_PROVIDER_HASHES)

    def root(self, stack: str) -> Root:
        return self.terraform.root(self.folder / "cdktf.out" / "stacks" / stack)

    def state_file(self, stack: str) -> Path:
        return self.folder / "state" / f"{stack}.tfstate"

    def state(self, stack: str) -> dict[str, Any]:
        document = json.loads(self.state_file(stack).read_text())
        assert isinstance(document, dict)
        return document

    def apply(self, *stacks: str) -> None:
        """Initialize and apply `stacks` at once: most of the time is the provider's own waits."""
        for stack in stacks:
            self.root(stack).init()
        at_once(lambda stack: self.root(stack).apply(), stacks)

    def plan(self, *stacks: str) -> dict[str, Plan]:
        return dict(zip(stacks, at_once(lambda stack: self.root(stack).plan(), stacks), strict=True))

    def destroy(self, *stacks: str) -> None:
        at_once(lambda stack: self.root(stack).destroy(), stacks)


@contextmanager
def deployed(
    emulator: Emulator, folder: Path, registry: Mapping[str, Any], *stacks: str
) -> Iterator[Deployment]:
    """Synthesize `registry` into `folder` and apply `stacks`; nothing is destroyed at the end."""
    with attached_provider.Terraform(as_deployer(emulator)) as terraform:
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployment.synthesize(registry)
        deployment.apply(*stacks)
        yield deployment


def as_deployer(
    emulator: Emulator,
    suffix: str = "test",
    region: str = REGION,
    state_bucket: str | None = None,
    package_bucket: str | None = None,
) -> dict[str, str]:
    """Return the environment of a session of the role that has the published policies, and nothing else."""
    role = ROLE if suffix == "test" else f"{ROLE}-{suffix}"
    return deployer_environment(
        emulator.endpoint,
        suffix=suffix,
        region=region,
        state_bucket=state_bucket,
        package_bucket=package_bucket,
        role=role,
    )


def at_once(work: Callable[[str], T], stacks: Sequence[str]) -> list[T]:
    """Return what `work` gives for each of `stacks`, done side by side."""
    with ThreadPoolExecutor(len(stacks)) as pool:
        return list(pool.map(work, stacks))
