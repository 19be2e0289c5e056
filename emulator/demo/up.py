"""`up`: deploy the stacks and show how to use them."""

import json
import shutil
import time
from collections.abc import Mapping, Sequence

from emulator import server
from emulator.demo.apis import show_call
from emulator.demo.commands import environment_of, require_cdktf, run, suffix, synthesize
from emulator.demo.console import Progress, say, shown
from emulator.demo.destruction import PARALLEL_STACKS, TERRAFORM_PARALLELISM, retired_stacks
from emulator.demo.errors import MISSING, DemoError
from emulator.demo.folder import Folder, read_object, stack_ids
from emulator.demo.instance import running_endpoint, start_emulator
from progress.showing import working
from terraform.configuration import PLUGIN_CACHE
from terraform.runner import Terraform
from terraform.versions import PROVIDER_VERSION


def up(folder: Folder, stacks: Sequence[str] = ()) -> None:
    """Deploy the stacks and show how to use them."""
    cdktf = require_cdktf()
    suffix()  # refused before anything begins
    started = time.monotonic()
    endpoint = running_endpoint(folder)
    if endpoint is None:
        # The state describes what an emulator held that is gone.
        shutil.rmtree(folder.path, ignore_errors=True)
        with working("starting the emulator"):
            endpoint = start_emulator(folder)
        say(f"Emulator started: {endpoint} (log: {shown(folder.emulator_log)})")
    else:
        say(f"Emulator running: {endpoint}")
    environment = environment_of(folder, endpoint)
    say("Synthesizing the stacks ...")
    synthesize(folder, environment)
    known = stack_ids(folder)
    if unknown := set(stacks) - set(known):
        raise DemoError(f"no such stacks: {sorted(unknown)}; there are {known}", code=MISSING)
    wanted = list(stacks) or known
    for stack in retired_stacks(folder, known):
        say(f"{stack} is no longer in the registry; it stays deployed until `make demo-down`.")
    _fill_plugin_cache(folder, environment)
    say(f"Deploying {len(wanted)} stacks, {PARALLEL_STACKS} at a time: {', '.join(wanted)}")
    run(
        folder,
        [
            *(cdktf, "deploy", *wanted),
            *("--auto-approve", "--skip-synth", "--skip-provider-lock", "--no-color"),
            f"--parallelism={PARALLEL_STACKS}",
            f"--terraform-parallelism={TERRAFORM_PARALLELISM}",
            f"--output={folder.output}",
        ],
        environment,
        progress=Progress(started),
    )
    _show_outputs(folder, endpoint, started)


def _fill_plugin_cache(folder: Folder, environment: Mapping[str, str]) -> None:
    """Download the provider once and alone, since several inits cannot share a cache safely."""
    if environment.get("TF_PLUGIN_CACHE_DIR") != str(PLUGIN_CACHE) or any(PLUGIN_CACHE.glob("*/*/*/*")):
        return
    say("Downloading the AWS provider (700 MB, once) ...")
    root = folder.path / "provider"
    root.mkdir(exist_ok=True)
    needed = {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}
    (root / "root.tf.json").write_text(json.dumps({"terraform": {"required_providers": needed}}))
    with Terraform(environment) as terraform, working("downloading the provider"):
        terraform.root(root).init()


def _show_outputs(folder: Folder, endpoint: str, started: float) -> None:
    # cdktf's own file of outputs names them by construct; the state has the names that the stacks give.
    states = {path.stem: read_object(path) for path in sorted(folder.state.glob("*.tfstate"))}
    for stack, state in states.items():
        values = {name: item["value"] for name, item in state["outputs"].items()}
        say(f"\n{stack}")
        for name, value in values.items():
            say(f"  {name} = {value}")
        for name, value in values.items():
            if name.startswith("tenant-endpoint"):
                show_call(folder, endpoint, stack, str(value))
    say(f"\n{len(states)} stacks deployed in {time.monotonic() - started:.0f} s on {endpoint}")
    say(
        f"To look around: aws --endpoint-url {endpoint} ... (key {server.ACCOUNT_ID}, secret {server.SECRET_KEY})"
    )
    say("To take it down: make demo-down")
