"""The project's own stacks, synthesized once, as documents that a test may change."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.synthesis import PRODUCTION, ZONE, synthesize

Documents = dict[str, dict[str, Any]]
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
IMAGE = f"nginx@sha256:{'0' * 64}"
"""The profile production wants an image by digest."""
REGISTRY = Path(__file__).parents[2] / "tenants.yaml"


@cache
def _documents(profile: str) -> Documents:
    registry = yaml.safe_load(REGISTRY.read_text())
    variables = PRODUCTION if profile == "production" else {}
    for tenant in registry["tenants"].values():
        if profile == "production" and "fargate" in tenant:
            tenant["fargate"]["image"] = IMAGE
            priority = tenant["fargate"]["listener_priority"]
            shown = {"certificate_arn": CERTIFICATE} if priority > 1 else {"hosted_zone_id": ZONE}
            tenant["fargate"]["custom_hosts"] = {"names": [f"p{priority}.customers.example"], **shown}
    return {stack.id: stack.document for stack in synthesize(registry, **variables).stacks.values()}


def documents(profile: str = "development") -> Documents:
    """A copy of the documents of all default tenants."""
    return copy.deepcopy(_documents(profile))


def written(folder: Path, stacks: Documents) -> Path:
    """Write `stacks` to `folder` as `cdktf synth` does, and return `folder`."""
    for id_, document in stacks.items():
        (folder / "stacks" / id_).mkdir(parents=True)
        (folder / "stacks" / id_ / "cdk.tf.json").write_text(json.dumps(document))
    return folder
