"""Terraform interrupted and killed in the middle of an apply, and the locks that a dead run leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from tenancy.names.environment import EnvironmentNames
from terraform.errors import TerraformError
from terraform.runner import Root, Terraform
from tests.deployment.callers import wait_for
from tests.deployment.deploying import Deployment, as_deployer
from tests.deployment.inventory import inventory
from tests.guards import GUARD_SECONDS
from tests.synthesis import registry_with

pytestmark = pytest.mark.deployment

STACK = "tenant-acme-test"
REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}})
STATE_BUCKET = "terraform-state"
LOCK = f"{STACK}/terraform.tfstate.tflock"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def terraform(emulator: Emulator) -> Iterator[Terraform]:
    with Terraform(as_deployer(emulator, state_bucket=STATE_BUCKET)) as runner:
        yield runner


def deployment(
    emulator: Emulator, terraform: Terraform, paths: pytest.TempPathFactory, **variables: str
) -> Deployment:
    """The tenant's stack, synthesized and initialized; nothing is applied."""
    made = Deployment(emulator=emulator, terraform=terraform, folder=paths.mktemp("interrupted"))
    made.synthesize(REGISTRY, **variables)
    made.root(STACK).init()
    return made


def interrupt(
    root: Root, *arguments: str, at: str, by: signal.Signals, once: Callable[[], object] = lambda: True
) -> str:
    """Apply, and send Terraform's own process the signal `by` where it prints `at`; return what it printed.

    Args:
        root: to be applied.
        arguments: of the apply.
        at: a pattern of a line.
        by: the signal.
        once: what else must be true before the signal is sent.
    """
    process = root.start(
        "apply", "-auto-approve", "-no-color", f"-parallelism={root.parallelism}", *arguments
    )
    assert process.stdout
    assert process.stderr
    printed, sent = "", False
    try:
        for line in process.stdout:
            printed += line
            if not sent and re.search(at, line):
                wait_for(once)
                process.send_signal(by)
                sent = True
                if by == signal.SIGKILL:
                    break
        process.wait(GUARD_SECONDS)
    finally:
        # The provider's processes, which a Terraform that was killed leaves behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    printed += process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert sent, printed
    assert process.returncode != 0
    return printed


def exists(call: Callable[..., object], **arguments: object) -> Callable[[], bool]:
    """Return a function that tells whether AWS has it yet."""

    def ask() -> bool:
        try:
            call(**arguments)
        except ClientError as error:
            if not re.search("NotFound|NoSuchKey|404", error.response["Error"]["Code"]):
                raise
            return False
        return True

    return ask


def resources_of(root: Root) -> set[str]:
    """The addresses of all that the root describes."""
    document = json.loads((root.folder / "cdk.tf.json").read_text())
    return {f"{kind}.{name}" for kind, named in document["resource"].items() for name in named}


def only(root: Root, prefix: str) -> str:
    """The one address of the root that begins with `prefix`."""
    (address,) = (address for address in resources_of(root) if address.startswith(prefix))
    return address


def test_stopped_and_killed_at_several_points_it_ends_in_the_same_place(
    emulator: Emulator, terraform: Terraform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = inventory(emulator)
    root = deployment(emulator, terraform, tmp_path_factory).root(STACK)

    # Asked to stop, it keeps what it was making in its state, and the next run goes on from there. What it was only
    # about to make is another matter: a request in flight is cancelled, and AWS may have carried it out. So each run is
    # interrupted while one resource is being made, whose requests can be repeated, however slow the machine is.
    key = only(root, "aws_kms_key.")
    printed = interrupt(root, f"-target={key}", at=f"{key}: Still creating", by=signal.SIGINT)
    assert "Interrupt received" in printed
    assert key in root.addresses()

    # Killed, it loses that: AWS has the queue, the state has not, and the next run takes it over. The provider waits
    # 25 seconds for a queue's attributes to settle, so that the kill comes in the middle on any machine.
    queue = only(root, "aws_sqs_queue.functions")
    interrupt(root, f"-target={queue}", at=f"{queue}: Still creating", by=signal.SIGKILL)
    name = EnvironmentNames(suffix="test").silo("acme").functions_dlq
    assert exists(emulator.client("sqs").get_queue_url, QueueName=name)()
    assert queue not in root.addresses()

    target = only(root, "aws_cloudwatch_event_target.")
    printed = interrupt(root, f"-target={target}", at=f"{target}: Creating", by=signal.SIGTERM)
    assert "Interrupt received" in printed

    root.apply()
    assert root.plan().empty
    assert {a for a in root.addresses() if not a.startswith("data.")} == resources_of(root)
    root.destroy()
    assert inventory(emulator) == before


@pytest.fixture(scope="module")
def locked(emulator: Emulator, terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A stack whose state is in a bucket, with the lock that a killed run has left there."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=STATE_BUCKET)
    root = deployment(emulator, terraform, tmp_path_factory, STATE_BUCKET=STATE_BUCKET).root(STACK)
    key = only(root, "aws_kms_key.")
    there = exists(s3.head_object, Bucket=STATE_BUCKET, Key=LOCK)
    interrupt(root, f"-target={key}", at=f"{key}: Creating", by=signal.SIGKILL, once=there)
    return root


def test_a_lock_that_was_left_behind_is_reported_with_the_way_out(emulator: Emulator, locked: Root) -> None:
    with pytest.raises(TerraformError, match="Error acquiring the state lock") as failure:
        locked.plan()
    report = str(failure.value)
    for part in (
        "Lock Info:",
        "Who:",
        "Operation: OperationTypeApply",
        "Created:",
        f"Path:      {STATE_BUCKET}/",
    ):
        assert re.search(re.sub(r" +", " +", part), report), f"{part} is missing in {report}"
    found = re.search(r"Lock Info:\s+ID:\s+([0-9a-f-]{36})", report)
    assert found

    with pytest.raises(TerraformError, match="ailed to unlock"):
        locked.run("force-unlock", "-force", "00000000-0000-0000-0000-000000000000")
    locked.run("force-unlock", "-force", found[1])
    assert not exists(emulator.client("s3").head_object, Bucket=STATE_BUCKET, Key=LOCK)()


def test_after_that_the_stack_is_deployed_as_ever(emulator: Emulator, locked: Root) -> None:
    vpc = only(locked, "aws_vpc.")
    locked.apply(f"-target={vpc}")
    assert vpc in locked.addresses()
    stored = emulator.client("s3").get_object(Bucket=STATE_BUCKET, Key=f"{STACK}/terraform.tfstate")
    assert stored["ServerSideEncryption"] == "AES256"
    assert json.loads(stored["Body"].read())["resources"]
    assert not list(locked.folder.glob("*.tfstate"))


def test_two_runs_at_a_time_do_not_mix(
    emulator: Emulator, terraform: Terraform, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The second is refused while the first works, with the local backend as well, and may wait for it."""
    made = deployment(emulator, terraform, tmp_path_factory)
    root = made.root(STACK)
    pool = only(root, "aws_cognito_user_pool.")
    first = root.start("apply", "-auto-approve", f"-target={pool}")
    with ThreadPoolExecutor(2) as others:
        printed = others.submit(first.communicate)
        wait_for(made.state_file(STACK).with_name(f".{STACK}.tfstate.lock.info").exists)
        # It holds the lock until it may go on, however long the others take.
        first.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(TerraformError, match="Error acquiring the state lock"):
                root.plan()
            waited = others.submit(root.plan, f"-lock-timeout={GUARD_SECONDS:.0f}s", f"-target={pool}")
        finally:
            first.send_signal(signal.SIGCONT)
        assert first.wait(GUARD_SECONDS) == 0, "".join(printed.result())
        assert waited.result().empty
