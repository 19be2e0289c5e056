"""Functions' network interfaces that outlive them, as they do on AWS: a stack is destroyed all the same."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator import refusals
from emulator.server import Emulator
from tenancy.names.environment import EnvironmentNames
from tests.attached_provider import Terraform
from tests.deployment.callers import wait_for
from tests.deployment.deploying import Deployment, as_deployer, deployed
from tests.deployment.inventory import inventory
from tests.synthesis import registry_with

pytestmark = pytest.mark.deployment

STACK = "tenant-acme-test"
REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}})
LINGERING = (*refusals.select(None), "lambda_network_interfaces")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, refusals=LINGERING) as running:
        yield running


def functions_interfaces(emulator: Emulator) -> int:
    found = emulator.client("ec2").describe_network_interfaces(
        Filters=[{"Name": "interface-type", "Values": ["lambda"]}]
    )
    return len(found["NetworkInterfaces"])


def test_they_are_gone_before_the_roles_that_delete_them(emulator: Emulator, tmp_path: Path) -> None:
    before = inventory(emulator)
    with deployed(emulator, tmp_path, REGISTRY, STACK) as deployment:
        assert deployment.plan(STACK)[STACK].empty
        assert functions_interfaces(emulator) > 0
        deployment.destroy(STACK)
    assert inventory(emulator) == before


def test_without_that_order_nothing_deletes_them(emulator: Emulator, tmp_path: Path) -> None:
    """The provider then waits 45 minutes for each, and AWS refuses to delete the group and the subnet."""
    with Terraform(as_deployer(emulator)) as terraform:
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=tmp_path)
        deployment.synthesize(REGISTRY)
        file = deployment.root(STACK).folder / "cdk.tf.json"
        document = json.loads(file.read_text())
        ordered = [
            group.pop("depends_on")
            for group in document["resource"]["aws_security_group"].values()
            if "depends_on" in group
        ]
        assert ordered
        file.write_text(json.dumps(document))
        deployment.apply(STACK)
        destroying = deployment.root(STACK).start("destroy", "-auto-approve", "-no-color")
        with ThreadPoolExecutor(1) as reader:
            said = reader.submit(destroying.communicate)
            try:
                wait_for(lambda: not _roles(emulator) or destroying.poll() is not None)
                # Asked for again and again, they stay.
                for _ in range(5):
                    assert functions_interfaces(emulator) > 0
                assert destroying.poll() is None, said.result()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(destroying.pid, signal.SIGKILL)


def _roles(emulator: Emulator) -> list[str]:
    """The names of the tenant's functions' roles."""
    names = EnvironmentNames(suffix="test").silo("acme")
    found = emulator.client("iam").list_roles()["Roles"]
    return [
        role["RoleName"]
        for role in found
        if role["RoleName"] in {names.api_function_role, names.provisioner_function_role}
    ]
