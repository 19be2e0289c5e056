"""`make demo-down`: what can be destroyed goes, and what cannot is named with what holds it."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from emulator.demo.folder import Folder
from emulator.processes import is_alive
from emulator.server import REPOSITORY, Emulator
from tests.attached_provider import Terraform
from tests.deployment.callers import wait_for
from tests.emulator import roots
from tests.guards import GUARD_SECONDS

pytestmark = pytest.mark.deployment

NETWORK: dict[str, roots.Block] = {
    "aws_vpc.main": {"cidr_block": "10.1.0.0/16"},
    "aws_subnet.own": {"vpc_id": "${aws_vpc.main.id}", "cidr_block": "10.1.1.0/24"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "demo")


@pytest.fixture
def emulator(folder: Folder) -> Iterator[Emulator]:
    with Emulator(folder=folder.emulator_log.parent) as running:
        folder.process.write_text(json.dumps({"pid": running.pid, "port": running.port}))
        yield running


def deploy(emulator: Emulator, folder: Folder, stack: str, resources: dict[str, roots.Block]) -> None:
    """Apply a stack with its state where the demo has it; its root is gone, as a retired tenant's is."""
    with Terraform(emulator.environment()) as terraform:
        root = terraform.root(roots.write_root(folder.path / "roots" / stack, resources=resources))
        state = {"terraform": {"backend": {"local": {"path": str(folder.state / f"{stack}.tfstate")}}}}
        (root.folder / "backend.tf.json").write_text(json.dumps(state))
        root.init()
        root.apply()


UNHURRIED = f"--stack-seconds={GUARD_SECONDS:.0f}"
"""However busy the machine is, no stack of these takes as long."""


def down(folder: Folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator.demo", "down", f"--folder={folder.path}", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


def test_every_stack_with_a_state_is_destroyed(emulator: Emulator, folder: Folder) -> None:
    deploy(emulator, folder, "tenant-a", NETWORK)
    deploy(emulator, folder, "tenant-b", NETWORK)
    (folder.state / "tenant-empty.tfstate").write_text('{"resources": []}')
    found = down(folder, UNHURRIED)
    assert (found.returncode, found.stderr) == (0, "")
    assert "Destroying 2 stacks, 3 at a time: tenant-a, tenant-b\n" in found.stdout
    assert "tenant-a destroyed" in found.stdout
    assert "tenant-b destroyed" in found.stdout
    assert found.stdout.endswith("The demo is gone.\n")
    assert not folder.path.exists()


def test_what_cannot_be_destroyed_in_time_is_named_with_what_holds_it(
    emulator: Emulator, folder: Folder
) -> None:
    deploy(emulator, folder, "tenant-held", NETWORK)
    ec2 = emulator.client("ec2")
    (vpc,) = (item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"] if item["CidrBlock"] == "10.1.0.0/16")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.2.0/24")["Subnet"]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet, Description="lingering")["NetworkInterface"]
    # Terraform would ask for minutes; whatever the machine, it cannot succeed.
    found = down(folder, "--stack-seconds=60")
    assert found.returncode == 1
    assert "tenant-held NOT destroyed" in found.stdout
    assert found.stderr.startswith("demo: 1 stack could not be destroyed (log: build/demo-down.log):\n")
    for line in (
        "tenant-held: terraform destroy in ",
        " took longer than 60 s\n",
        "  still there: ",
        f"  {vpc} is held by subnet {subnet} (10.1.2.0/24), which is in no state\n",
        f"  {vpc} is held by network interface {interface['NetworkInterfaceId']} (lingering), which is in no state\n",
        "The emulator is stopped and everything in it is gone all the same.\n",
    ):
        assert line in found.stderr, found.stderr
    assert "Traceback" not in found.stderr
    assert not is_alive(emulator.pid)
    assert not folder.path.exists()


def test_a_stack_that_cannot_be_destroyed_keeps_no_other_from_it(emulator: Emulator, folder: Folder) -> None:
    deploy(emulator, folder, "tenant-held", {"aws_s3_bucket.held": {"bucket": "held"}})
    deploy(emulator, folder, "tenant-free", {"aws_s3_bucket.free": {"bucket": "free"}})
    emulator.client("s3").put_object(Bucket="held", Key="k", Body=b"v")
    found = down(folder, UNHURRIED)
    assert found.returncode == 1
    assert "tenant-free destroyed" in found.stdout
    assert "tenant-held NOT destroyed" in found.stdout
    assert "BucketNotEmpty" in found.stderr


def destroys(pid: int) -> bool:
    """Tell whether a Terraform below the process is destroying."""
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.Error):
            if "destroy" in child.cmdline():
                return True
    return False


def test_an_interrupted_down_goes_on_where_it_stopped(emulator: Emulator, folder: Folder) -> None:
    deploy(emulator, folder, "tenant-held", NETWORK)
    ec2 = emulator.client("ec2")
    (vpc,) = (item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"] if item["CidrBlock"] == "10.1.0.0/16")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.2.0/24")["Subnet"]["SubnetId"]
    command = [sys.executable, "-m", "emulator.demo", "down", f"--folder={folder.path}"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        # It waits for the VPC, which the subnet holds.
        wait_for(lambda: destroys(process.pid))
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=GUARD_SECONDS)
    assert process.returncode == 130, printed
    assert "Interrupting: waiting for Terraform to write its state ..." in printed
    assert is_alive(emulator.pid)
    ec2.delete_subnet(SubnetId=subnet)
    found = down(folder, UNHURRIED)
    assert (found.returncode, found.stderr) == (0, "")
    assert "tenant-held destroyed" in found.stdout
