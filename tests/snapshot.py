"""Snapshots of synthesized stacks, without what changes for no reason that a reviewer cares about."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from tests.synthesis import SynthesizedStack

FOLDER = Path(__file__).resolve().parent / "snapshots"


def normalized(value: Any) -> Any:
    """Return `value` without cdktf's metadata, provider versions and asset hashes; policies as JSON."""
    if isinstance(value, dict):
        return {
            key: f"<{key}>" if key in {"source_code_hash", "version"} else normalized(item)
            for key, item in value.items()
            if key != "//"
        }
    if isinstance(value, list):
        return [normalized(item) for item in value]
    if isinstance(value, str):
        if value.startswith("{") and value.endswith("}"):
            return normalized(json.loads(value))
        return re.sub(r"(assets/\w+/)[0-9a-f]{64}/", r"\1<hash>/", value)
    return value


def assert_matches(name: str, stack: SynthesizedStack) -> None:
    """Compare `stack` with `snapshots/{name}.json`; `UPDATE_SNAPSHOTS=1` writes it instead."""
    file = FOLDER / f"{name}.json"
    text = json.dumps(normalized(stack.document), indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text)
    assert file.is_file(), f"{file.name} is missing; run `make snapshots`"
    assert text == file.read_text(), f"{file.name} differs; if the change is meant, run `make snapshots`"
