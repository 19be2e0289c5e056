"""Destroys the demo's stacks side by side, each within a bounded time."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from emulator.demo.console import first_error, say
from emulator.demo.folder import Folder, read_object
from emulator.demo.leftovers import addresses_in, holders, ids_in
from emulator.server import REGION
from terraform.binary import BINARIES
from terraform.errors import TerraformError
from terraform.runner import Terraform
from terraform.versions import PROVIDER_VERSION

PARALLEL_STACKS = 3
TERRAFORM_PARALLELISM = 30
SHOWN_ADDRESSES = 10
POLL_SECONDS = 0.1


def destroy(folder: Folder, endpoint: str, environment: Mapping[str, str], *, seconds: float) -> list[str]:
    """Destroy every stack that has a state.

    Args:
        folder: The demo's folder.
        endpoint: The emulator's URL.
        environment: What Terraform sees.
        seconds: How long one stack may take.

    Returns:
        What could not be destroyed and why, one text per stack.
    """
    stacks = [stack for stack, state in _states(folder).items() if addresses_in(state)]
    if not stacks:
        return []
    say(f"Destroying {len(stacks)} stacks, {PARALLEL_STACKS} at a time: {', '.join(stacks)}")
    failed: dict[str, TerraformError] = {}
    with Terraform(environment, folder=folder.path) as terraform:
        pool = ThreadPoolExecutor(PARALLEL_STACKS)
        started = time.monotonic()
        running: dict[Future[str], str] = {
            pool.submit(_destroy_one, terraform, folder, stack, seconds): stack for stack in stacks
        }
        try:
            for number, future in enumerate(as_completed(running), start=1):
                stack = running[future]
                try:
                    output, how = future.result(), "destroyed"
                except TerraformError as error:
                    failed[stack] = error
                    output, how = error.output or str(error), "NOT destroyed"
                with folder.log.open("a") as log:
                    log.write(f"\n$ {terraform.installation.name} destroy ({stack})\n{output}\n")
                say(f"  {time.monotonic() - started:4.0f} s  {stack} {how} ({number} of {len(stacks)})")
        except KeyboardInterrupt:
            say("\nInterrupting: waiting for Terraform to write its state ...")
            pool.shutdown(wait=False, cancel_futures=True)
            _interrupt_terraform(running)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    return [_explained(folder, endpoint, stack, failed[stack]) for stack in sorted(failed)]


def retired_stacks(folder: Folder, synthesized: list[str]) -> list[str]:
    """List the stacks that are deployed, but synthesized no longer: their tenant has left the registry."""
    return [
        stack for stack, state in _states(folder).items() if stack not in synthesized and addresses_in(state)
    ]


def _destroy_one(terraform: Terraform, folder: Folder, stack: str, seconds: float) -> str:
    root = folder.output / "stacks" / stack
    if not (root / "cdk.tf.json").exists():
        root = _write_root(folder, stack)
    runner = terraform.root(root)
    runner.init()
    return runner.destroy(f"-parallelism={TERRAFORM_PARALLELISM}", timeout=seconds).output


def _write_root(folder: Folder, stack: str) -> Path:
    """Write a root module that has the stack's state and describes no resource, which is what remains of it."""
    root = folder.path / "retired" / stack
    root.mkdir(parents=True, exist_ok=True)
    document = {
        "terraform": {
            "backend": {"local": {"path": str(folder.state / f"{stack}.tfstate")}},
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}},
        },
        "provider": {"aws": [{"region": REGION, "s3_use_path_style": True}]},
    }
    (root / "root.tf.json").write_text(json.dumps(document, indent=2))
    return root


def _explained(folder: Folder, endpoint: str, stack: str, error: TerraformError) -> str:
    states = _states(folder)
    left = addresses_in(states[stack])
    more = f" and {len(left) - SHOWN_ADDRESSES} more" if len(left) > SHOWN_ADDRESSES else ""
    lines = [f"{stack}: {str(error).splitlines()[0].rstrip(':')}"]
    if left:
        lines.append(f"  still there: {', '.join(left[:SHOWN_ADDRESSES])}{more}")
    known = set(ids_in(states.values()))
    for vpc in ids_in([states[stack]], kind="aws_vpc"):
        try:
            found = holders(endpoint, vpc)
        except (ClientError, BotoCoreError) as problem:
            lines.append(f"  what holds {vpc} could not be asked: {problem}")
            continue
        for holder in found:
            origin = "" if holder.id in known else ", which is in no state"
            lines.append(f"  {vpc} is held by {holder}{origin}")
    lines += [f"  {line}" for line in first_error(error.output)]
    return "\n".join(lines)


def _states(folder: Folder) -> dict[str, dict[str, Any]]:
    return {path.stem: read_object(path) for path in sorted(folder.state.glob("*.tfstate"))}


def _interrupt_terraform(running: Iterable[Future[str]]) -> None:
    """Ask our Terraform runs to stop and wait for them: they write their state."""
    asked: set[int] = set()
    while any(not future.done() for future in running):
        for child in psutil.Process(os.getpid()).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                # Asked twice, Terraform ends at once and loses what it was doing.
                if child.name() in BINARIES and child.pid not in asked:
                    child.send_signal(signal.SIGINT)
                    asked.add(child.pid)
        time.sleep(POLL_SECONDS)
