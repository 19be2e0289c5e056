"""Synthesizes what `make scan` scans: every kind of stack, in both profiles, from `registry.yaml` beside this file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from progress.showing import OFF
from tools.scan.findings import ScanError
from tools.scan.stacks import ScannedStack, read_stacks

ROOT: Final = Path(__file__).resolve().parents[2]
REGISTRY: Final = Path(__file__).with_name("registry.yaml")
KEPT: Final = ("HOME", "PATH", "TMPDIR", "JSII_RUNTIME_PACKAGE_CACHE_ROOT")
ENVIRONMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "dev": {"PROFILE": "development"},
    "prod": {"KEY_ADMINISTRATOR_ARNS": "arn:aws:iam::123456789012:role/deployer"},
}
"""By suffix, which waivers know the profile by. What production is else is declared in the registry."""
PLATFORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "dev": {},
    "prod": {"hosted_zone_id": "Z0123456789ABCDEFGHIJ"},
}
"""What the platform has beyond the registry: production requires a certificate, development has none by default."""
SERVICES: Final[Mapping[str, Mapping[str, object]]] = {
    "dev": {},
    "prod": {
        "custom_hosts": {
            "names": ["shop.acme.example"],
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        }
    },
}
"""What the service of `by-role` has beyond the registry: hosts of its own need a platform with a certificate."""


def synthesize_both() -> list[ScannedStack]:
    """Return the stacks of both profiles.

    Raises:
        ScanError: a synthesis failed.
    """
    with tempfile.TemporaryDirectory(prefix="scan-") as name:
        # Both at once: each waits for a Node.js process most of the time.
        running = {suffix: _start(suffix, Path(name)) for suffix in ENVIRONMENTS}
        messages = {suffix: process.communicate()[1] for suffix, process in running.items()}
        for suffix, process in running.items():
            if process.returncode:
                raise ScanError(
                    f"synthesis of {suffix}: ended with {process.returncode}: {messages[suffix].strip()}"
                )
        return [stack for suffix in ENVIRONMENTS for stack in read_stacks(Path(name) / suffix)]


def _start(suffix: str, folder: Path) -> subprocess.Popen[str]:
    content = yaml.safe_load(REGISTRY.read_text())
    content["platform"] |= PLATFORMS[suffix]
    content["tenants"]["by-role"]["fargate"] |= SERVICES[suffix]
    registry = folder / f"{suffix}.yaml"
    registry.write_text(yaml.safe_dump(content))
    environment = {name: value for name, value in os.environ.items() if name in KEPT}
    environment |= {"TENANT_REGISTRY": str(registry), "ENVIRONMENT_SUFFIX": suffix}
    environment |= {
        "CDKTF_OUTDIR": str(folder / suffix),
        "SYNTH_PROCESSES": "1",
        **ENVIRONMENTS[suffix],
        **OFF,
    }
    return subprocess.Popen(
        [sys.executable, "-O", "main.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
