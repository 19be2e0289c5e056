"""Stacks that nobody synthesized: of a few resources, or many of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet.synthesized import SynthesizedStack


def stack_of(
    id: str, *, tenant: str | None = None, region: str = "us-east-1", **resources: Any
) -> SynthesizedStack:
    """A stack with these resources, `aws_vpc=[{...}]`; with `tenant`, the stack of that silo."""
    return SynthesizedStack(
        id=id,
        region=region,
        backend={},
        folder=Path("/nowhere"),
        resources={
            kind: {f"{kind}_{number}": body for number, body in enumerate(bodies)}
            for kind, bodies in resources.items()
        },
        tags={"TenantId": tenant} if tenant else {},
    )


def written(folder: Path, stacks: Sequence[SynthesizedStack]) -> Path:
    """Write `stacks` into `folder` as a synthesis does, and return the folder."""
    manifest: dict[str, Mapping[str, str]] = {}
    for stack in stacks:
        path = Path("stacks") / stack.id / "cdk.tf.json"
        (folder / path).parent.mkdir(parents=True)
        document = {
            "provider": {"aws": [{"region": stack.region, "default_tags": [{"tags": dict(stack.tags)}]}]},
            "terraform": {"backend": stack.backend},
            "resource": stack.resources,
        }
        (folder / path).write_text(json.dumps(document))
        manifest[stack.id] = {"synthesizedStackPath": str(path)}
    (folder / "manifest.json").write_text(json.dumps({"stacks": manifest}))
    return folder
