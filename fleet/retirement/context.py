"""What the steps of a retirement share: the release, Terraform, AWS, and how a step ends that cannot be done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import Refusal, one_line
from fleet.release.manifest import CONFIGURATION
from fleet.release.store import Release
from fleet.retirement.record import Retirement, RetirementFolder
from fleet.rollout.stack_root import EndedError, StackRoot
from fleet.synthesized import SynthesizedStack, UnreadableStacksError, read_stack
from terraform.errors import TerraformError
from terraform.runner import Terraform

Client = Any
"""Of boto3, whose clients have no types."""
ATTEMPTS: Final = 5


class StepError(Refusal):
    """A step cannot be done now; the message says why, and what to do."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the steps share.

    Attributes:
        release: whose stacks are looked at; another one after the registry has changed.
        folder: of the retirements.
        terraform: how Terraform is run.
        base: the checkout that paths of local states are relative to.
        lock_seconds: how long Terraform waits for the lock on a state.
        environment: the environment's variables.
        root: folder that a relative path of the registry is relative to.
        export_profile: AWS profile that reads the tenant's data; empty is the caller's own credentials.
        reader_profile: AWS profile that asks what is left. Rights that depend on a resource's tags, as a deployer's do,
            say nothing of what is gone.
        by_hand: who looks for what nobody knows how to ask AWS for; empty where nobody does.
    """

    release: Release
    folder: RetirementFolder
    terraform: Terraform
    base: Path
    lock_seconds: int
    environment: Mapping[str, str]
    root: Path
    export_profile: str = ""
    reader_profile: str = ""
    by_hand: str = ""
    _clients: dict[tuple[str, str, str], Client] = field(default_factory=dict)

    def client(self, service: str, region: str, *, profile: str = "") -> Client:
        """Return a client of boto3 for `service` in `region`.

        Raises:
            StepError: there is no such profile.
        """
        key = (service, region, profile)
        if key not in self._clients:
            # Names with dots, and emulators on an IP address, have no host of their own.
            config = Config(
                connect_timeout=10,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                s3={"addressing_style": "path"},
            )
            try:
                session: Any = boto3.session.Session(region_name=region, profile_name=profile or None)
                self._clients[key] = session.client(service, config=config)
            except BotoCoreError as error:
                raise StepError(one_line(str(error))) from None
        return self._clients[key]

    def region(self, stack: str) -> str:
        """Return the region of a stack of the release."""
        return self.release.manifest.stacks[stack].region

    @contextmanager
    def stack(self, stack: str) -> Iterator[InitializedStack]:
        """Unpack and initialize a stack of the release, whose folder is gone in the end.

        Raises:
            StepError: the release has no such stack, or Terraform fails.
        """
        if stack not in self.release.manifest.stacks:
            raise StepError(f"{stack} is not in the release {self.release.name}: give one with `--release`")
        root = StackRoot(
            release=self.release,
            stack=stack,
            # A name of its own: Terraform of a run that was killed may still be in the one before.
            folder=self.folder.work / f"{stack}-{os.getpid()}",
            terraform=self.terraform,
            base=self.base,
            lock_seconds=self.lock_seconds,
        )
        try:
            root.unpack()
            root.init()
            yield InitializedStack(root=root)
        except EndedError as ended:
            raise StepError(f"{stack}: {ended.outcome}: {ended}") from None
        except UnreadableStacksError as error:
            raise StepError(f"{stack}: {one_line(str(error))}") from None
        except TerraformError as error:
            # Where Terraform ran, its error ends with what it printed.
            said = "Terraform failed" if error.output else one_line(str(error))
            raise StepError(f"{stack}: {said}") from None
        finally:
            shutil.rmtree(root.folder, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class InitializedStack:
    """A stack that Terraform can plan.

    Attributes:
        root: its root module.
    """

    root: StackRoot

    @cached_property
    def configuration(self) -> SynthesizedStack:
        """What the release says of it."""
        return read_stack(self.root.stack, self.root.folder / CONFIGURATION)

    def addresses(self, tenant: str | None = None) -> frozenset[str]:
        """Return the addresses of what the configuration gives `tenant`, or any tenant, to itself."""
        return frozenset(
            f"{kind}.{name}"
            for kind, bodies in self.configuration.resources.items()
            for name, body in bodies.items()
            if (owner := self.configuration.owner(body)) and tenant in {None, owner}
        )

    def own(self, tenant: str) -> tuple[Mapping[str, Any], ...]:
        """Return the resources of the state that `tenant` has to itself; they may hold secrets."""
        resources = self.root.state()
        if self.root.release.manifest.stacks[self.root.stack].kind == "silo":
            return resources
        addresses = self.addresses(tenant)
        return tuple(resource for resource in resources if _plain(resource["address"]) in addresses)


def _plain(address: str) -> str:
    """Return an address without the index of one of several."""
    return address.partition("[")[0]


def identities(stack: str, resources: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return type, id and ARN of each resource by `stack/address`, and nothing else of it: values may be secret."""
    found = {}
    for resource in resources:
        values = resource["values"]
        names = {name: str(values[name]) for name in ("id", "arn") if values.get(name)}
        found[f"{stack}/{resource['address']}"] = {"type": resource["type"], **names}
    return found


@contextmanager
def answered(what: str) -> Iterator[None]:
    """Have what AWS refuses end the step, with `what` was asked of it.

    Raises:
        StepError: it was refused.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise StepError(one_line(f"{what}: AWS says {code} to {error.operation_name}")) from None
    except BotoCoreError as error:
        raise StepError(one_line(f"{what}: {error}")) from None


def of_tenant(retirement: Retirement, *types: str) -> list[tuple[str, Mapping[str, str]]]:
    """Return stack and identity of what the tenant had of `types`, in the order of the addresses."""
    return [
        (name.partition("/")[0], identity)
        for name, identity in sorted(retirement.resources.items())
        if identity["type"] in types
    ]
