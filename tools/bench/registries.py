"""Registries of any size, for the benchmarks."""

from __future__ import annotations

from pathlib import Path

import yaml

TENANTS_A_SECOND_OCTET = 64
FARGATE_TENANTS = 3


def registry(silos: int, *, platform: bool) -> dict[str, object]:
    """Return a registry of `silos` tenants and, with `platform`, of three Fargate tenants."""
    tenants: dict[str, object] = {
        f"tenant-{index:03d}": {
            "silo": {
                "cidr": f"10.{1 + index // TENANTS_A_SECOND_OCTET}.{index % TENANTS_A_SECOND_OCTET * 4}.0/22"
            }
        }
        for index in range(silos)
    }
    found: dict[str, object] = {"created_at": "2026-01-01T00:00:00Z", "tenants": tenants}
    if platform:
        found["platform"] = {}
        tenants |= {
            f"service-{priority}": {"fargate": {"listener_priority": priority}}
            for priority in range(1, FARGATE_TENANTS + 1)
        }
    return found


def written(folder: Path, silos: int, *, platform: bool) -> Path:
    """Write such a registry into `folder` and return its file."""
    file = folder / f"{silos}{'-and-platform' if platform else ''}.yaml"
    file.write_text(yaml.safe_dump(registry(silos, platform=platform)))
    return file
