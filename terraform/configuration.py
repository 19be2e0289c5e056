"""The environment in which Terraform asks nothing and finds its provider."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from terraform.binary import Installation

GARBAGE_COLLECTION_PERCENT = 400
"""How far the heap may grow over what is in use before Go collects: `GOGC`, whose default is 100.

At its start every command reads the schemas of the provider's 1,500 resource types, most of which is kept. With the
default, collecting takes a sixth of the command's CPU time; so it takes about 50 MB more in each process.
https://pkg.go.dev/runtime#hdr-Environment_Variables (2026-11-27)
"""
PLUGIN_CACHE = Path(__file__).resolve().parent.parent / "build" / "terraform-plugins"


def cli_environment(installation: Installation, folder: Path) -> dict[str, str]:
    """Return the variables that make Terraform quiet, non-interactive and able to find the provider.

    A configuration file of the user's own is left to say where providers come from.

    Args:
        installation: The binary and the mirror.
        folder: Where a configuration file may be written.
    """
    environment = {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TERRAFORM_BINARY_NAME": str(installation.binary),
        "GOGC": os.environ.get("GOGC") or str(GARBAGE_COLLECTION_PERCENT),
    }
    if any(file.is_file() for file in _own_configurations(installation.name)):
        return environment
    configuration = folder / "terraform-cli.tfrc"
    lines = []
    if installation.mirror is not None:
        # An unpacked mirror is linked into each root, so no cache is needed.
        lines = [
            "provider_installation {",
            f"  filesystem_mirror {{\n    path    = {json.dumps(str(installation.mirror))}",
            '    include = ["hashicorp/aws"]\n  }',
            '  direct {\n    exclude = ["hashicorp/aws"]\n  }',
            "}",
        ]
    elif "TF_PLUGIN_CACHE_DIR" not in os.environ:
        PLUGIN_CACHE.mkdir(parents=True, exist_ok=True)
        environment["TF_PLUGIN_CACHE_DIR"] = str(PLUGIN_CACHE)
        # The stacks' lock files know no provider of OpenTofu: without this each would download again.
        environment["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    # Written even when empty: TF_CLI_CONFIG_FILE may name a file that does not exist, which warns.
    folder.mkdir(parents=True, exist_ok=True)
    configuration.write_text("\n".join(lines) + "\n")
    environment["TF_CLI_CONFIG_FILE"] = str(configuration)
    return environment


def _own_configurations(program: str) -> list[Path]:
    """Return where `program`, `terraform` or `tofu`, looks for a configuration file of the user's own.

    https://opentofu.org/docs/cli/config/config-file (2026-11-28): OpenTofu has names of its own, and reads Terraform's.
    """
    if configured := os.environ.get("TF_CLI_CONFIG_FILE"):
        return [Path(configured)]
    home = Path.home()
    found = [home / ".terraformrc"]
    if program == "tofu":
        base = os.environ.get("XDG_CONFIG_HOME") or str(home / ".config")
        found = [home / ".tofurc", Path(base) / "opentofu" / "tofurc", *found]
    return found


@contextlib.contextmanager
def plugin_cache_lock(environment: Mapping[str, str]) -> Iterator[None]:
    """Let one `init` at a time use the plugin cache, across processes: Terraform does not lock it itself."""
    cache = environment.get("TF_PLUGIN_CACHE_DIR")
    if cache is None:
        yield
        return
    with (Path(cache) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
