"""The engine's own floor: the same resources, written by cdktf in JavaScript, with no Python and no jsii."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

from tools.bench.processes import ROOT, Measurement, measure

SCRIPT = Path(__file__).with_name("floor.cjs")
PROVIDER = ROOT / "build" / "bench" / "node_modules" / "@cdktf" / "provider-aws"
"""Below the repository, so that its `require("cdktf")` finds the locked one."""


def floor(outdir: Path, into: Path, runs: int) -> Measurement:
    """Write the stacks of `outdir` again, into the folder `into`, and measure that.

    Raises:
        SystemExit: what JavaScript wrote is not what Python wrote.
    """
    command = [os.environ.get("JSII_NODE", "node"), str(SCRIPT), str(provider()), str(outdir), str(into)]
    measured = measure(command, {}, runs)
    for stack in (outdir / "stacks").iterdir():
        if _content(into / "stacks" / stack.name) != _content(stack):
            raise SystemExit(f"bench: {SCRIPT.name} wrote another {stack.name} than the app")
    return measured


def provider() -> Path:
    """Return the folder of the provider's JavaScript, unpacked from the Python package on first use."""
    spec = importlib.util.find_spec("cdktf_cdktf_provider_aws")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("bench: cdktf_cdktf_provider_aws is not installed; run `make setup`")
    (archive,) = Path(spec.submodule_search_locations[0], "_jsii").glob("*.jsii.tgz")
    if not (PROVIDER / archive.name).exists():
        shutil.rmtree(PROVIDER, ignore_errors=True)
        with tarfile.open(archive) as package:
            for member in package:
                content = package.extractfile(member)
                if content and (member.name.endswith(".js") or member.name == "package/package.json"):
                    target = PROVIDER / member.name.removeprefix("package/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content.read())
        (PROVIDER / archive.name).touch()
    return PROVIDER


def _content(stack: Path) -> object:
    """Return what Terraform reads of a stack: all but cdktf's own notes on where each resource comes from."""
    return _without_notes(json.loads((stack / "cdk.tf.json").read_text()))


def _without_notes(value: Any) -> object:  # noqa: ANN401 (any JSON)
    if isinstance(value, dict):
        return {key: _without_notes(item) for key, item in value.items() if key != "//"}
    if isinstance(value, list):
        return [_without_notes(item) for item in value]
    return value
