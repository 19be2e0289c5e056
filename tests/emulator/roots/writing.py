"""Writes Terraform roots, and the policies that stand in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.server import REGION
from terraform.versions import PROVIDER_VERSION

Block = dict[str, Any]


def write_root(
    folder: Path, *, resources: Mapping[str, Block], outputs: Mapping[str, str] | None = None
) -> Path:
    """Write a root with these resources (`{"aws_vpc.main": {...}}`) into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    by_type: dict[str, dict[str, Block]] = {}
    for address, settings in resources.items():
        kind, _, label = address.partition(".")
        by_type.setdefault(kind, {})[label] = settings
    root: Block = {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}
        },
        "provider": {
            "aws": {
                "region": REGION,
                "s3_use_path_style": True,
                "max_retries": 3,
                "default_tags": [{"tags": {"ManagedBy": "CDKTF"}}],
            }
        },
        "data": {"aws_caller_identity": {"current": {}}},
        "resource": by_type,
    }
    if outputs:
        root["output"] = {name: {"value": value} for name, value in outputs.items()}
    (folder / "root.tf.json").write_text(json.dumps(root, indent=1))
    return folder


def policy(*statements: Block) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str, **more: object) -> Block:
    """An allowing statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(service: str) -> str:
    """A trust policy for a service."""
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
