"""What a stack that is deployed has already, by its state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from fleet.synthesized import Resource, SynthesizedStack
from preflight.account import Account
from preflight.deployment import state_object

Attributes = Mapping[str, Any]


def held_part(account: Account, stack: SynthesizedStack) -> SynthesizedStack:
    """Return `stack` with those of its resources alone that its state has, and with the numbers that stand there.

    A state that the caller may not read is taken to have everything: what a stack grows by is then not seen.
    """
    state = _read(account, stack)
    if state is None:
        return stack
    there: dict[tuple[str, str], Attributes] = {
        (str(resource["type"]), str(resource["name"])): resource["instances"][0].get("attributes") or {}
        for resource in state.get("resources", ())
        if resource.get("mode") == "managed" and resource.get("instances")
    }
    return replace(
        stack,
        resources={
            kind: {
                name: _as_held(body, there[kind, name])
                for name, body in bodies.items()
                if (kind, name) in there
            }
            for kind, bodies in stack.resources.items()
        },
    )


def _as_held(body: Resource, held: Attributes) -> Resource:
    """Return what is synthesized, with the numbers of what is held: tasks, vCPUs, reserved concurrency."""
    return {**body, **{name: held[name] for name in body if _is_number(held.get(name))}}


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.isdecimal()
    return isinstance(value, int) and not isinstance(value, bool)


def _read(account: Account, stack: SynthesizedStack) -> Mapping[str, Any] | None:
    where = state_object(stack)
    try:
        if where is None:
            path = stack.backend.get("local", {}).get("path", "")
            text = (stack.folder / Path(str(path))).read_bytes()
        else:
            client = account.client("s3", region=where.region)
            text = client.get_object(Bucket=where.bucket, Key=where.key)["Body"].read()
        found = json.loads(text)
    except (ClientError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
