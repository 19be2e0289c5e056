"""`make demo-fleet`: a release reaches real silos on a local AWS, wave by wave, and one of them fails on purpose.

It takes about a minute for each silo on two cores, and leaves `build/demo-fleet` behind.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import yaml

from emulator.demo.commands import environment_of, require_terraform, suffix
from emulator.demo.errors import DemoError
from emulator.demo.folder import Folder
from emulator.server import Emulator
from fleet.release.store import open_release
from fleet.synthesized import read_stack, stack_files
from progress.showing import working

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "build" / "demo-fleet"
LIMITS: Final = {"vpc/L-F678F1CE": 100, "vpc/L-1B52E74A": 200}
"""VPCs and gateway endpoints: the local AWS has no limit."""
MOST_SILOS: Final = 50
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
SHOWN: Final = 12
"""Characters of a digest that people read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo_fleet", description=__doc__)
    parser.add_argument(
        "--silos",
        type=int,
        default=6,
        choices=range(3, MOST_SILOS + 1),
        metavar="NUMBER",
        help="6 by default",
    )
    silos = parser.parse_args(arguments).silos
    shutil.rmtree(FOLDER, ignore_errors=True)
    registry = FOLDER / "tenants.yaml"
    registry.parent.mkdir(parents=True)
    tenants = [f"t{number:02}" for number in range(1, silos + 1)]
    _write(registry, tenants)
    try:
        require_terraform()
        environment = suffix()
    except DemoError as error:
        print(f"demo-fleet: {error}", file=sys.stderr)
        return error.code
    with ExitStack() as running:
        with working("starting a local AWS"):
            emulator = running.enter_context(Emulator(auth=True, folder=FOLDER / "emulator"))
        variables = environment_of(Folder(FOLDER), emulator.endpoint)
        variables |= {"TENANT_REGISTRY": str(registry), "ENVIRONMENT_SUFFIX": environment}
        try:
            return _roll_out(emulator, variables)
        except subprocess.CalledProcessError as error:
            print(f"demo-fleet: {error}", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(FOLDER / "state", ignore_errors=True)


def _write(registry: Path, tenants: Sequence[str]) -> None:
    """Write the registry of `tenants`, of whom the first is the canary, and how a release reaches them."""
    entries = {tenant: {"silo": {"cidr": f"10.{number}.0.0/20"}} for number, tenant in enumerate(tenants, 1)}
    document = {"created_at": "2026-01-01T00:00:00Z", "tenants": entries}
    registry.write_text(yaml.safe_dump(document))
    rollout = {"waves": [50, 100], "bake_minutes": 0.05, "concurrency": 2}
    registry.with_name("fleet.yaml").write_text(yaml.safe_dump({"limits": LIMITS, "rollout": rollout}))


def _roll_out(emulator: Emulator, variables: Mapping[str, str]) -> int:
    outdir = FOLDER / "cdktf.out"
    _run([sys.executable, "main.py"], {**variables, "CDKTF_OUTDIR": str(outdir)})
    store = FOLDER / "releases"
    _fleet("release", f"--out={outdir}", f"--output={store}", variables=variables)
    (digest,) = (path.name for path in store.iterdir() if DIGEST.fullmatch(path.name))
    more = [digest, f"--releases={store}", f"--folder={FOLDER / 'rollouts'}"]
    _fleet("plan", *more, variables=variables)
    # Whoever comes second in the last wave finds that its table's name is taken.
    waves = open_release(digest, store=store).manifest.waves
    taken = _table_of(outdir, waves[-1].stacks[-1])
    client = emulator.client("dynamodb")
    client.create_table(
        TableName=taken,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    print(f"\nSomebody has made a table of the name {taken}.", flush=True)
    _fleet("start", *more, variables=variables, expected=1)
    print(f"\nThe table {taken} is removed.", flush=True)
    client.delete_table(TableName=taken)
    _fleet("retry", *more, variables=variables)
    _fleet("start", *more, variables=variables)
    changed = _table_of(outdir, waves[0].stacks[0])
    client.tag_resource(
        ResourceArn=client.describe_table(TableName=changed)["Table"]["TableArn"],
        Tags=[{"Key": "changed", "Value": "by hand"}],
    )
    print(f"\nSomebody has given the table {changed} a tag.", flush=True)
    _fleet("drift", *more[1:], variables=variables, expected=1)
    return 0


def _table_of(outdir: Path, stack: str) -> str:
    """Return the name of the table of `stack`."""
    (table,) = read_stack(stack, stack_files(outdir)[stack]).all("aws_dynamodb_table").values()
    return str(table["name"])


def _fleet(*arguments: str, variables: Mapping[str, str], expected: int = 0) -> None:
    command, *rest = arguments
    shown = rest[0][:SHOWN] if DIGEST.fullmatch(rest[0]) else ""
    print(f"\n$ python -m fleet {command} {shown}".rstrip(), flush=True)
    _run([sys.executable, "-m", "fleet", *arguments], variables, expected=expected)


def _run(command: Sequence[str], variables: Mapping[str, str], *, expected: int = 0) -> None:
    done = subprocess.run(command, cwd=ROOT, env=dict(variables), stdin=subprocess.DEVNULL, check=False)
    if done.returncode != expected:
        raise subprocess.CalledProcessError(done.returncode, command[:4])


if __name__ == "__main__":
    sys.exit(main())
