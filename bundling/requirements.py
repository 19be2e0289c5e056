"""Locked packages as a requirements file for pip."""

from __future__ import annotations

from typing import Any


def requirements(packages: dict[str, dict[str, Any]]) -> str:
    """Return a hash-checked pip requirements file for one category of the lock."""
    lines = [
        " ".join(
            [
                f"{name}{entry['version']}",
                *([f"; {entry['markers']}"] if "markers" in entry else []),
                *(f"--hash={value}" for value in entry["hashes"]),
            ]
        )
        for name, entry in sorted(packages.items())
    ]
    return "".join(f"{line}\n" for line in lines)
