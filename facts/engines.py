"""Versions of Aurora PostgreSQL: which can be created, and which of them AWS takes where only a major is asked for."""

from __future__ import annotations

from datetime import date
from typing import Final

from facts.sourced import Sourced

ENGINE: Final = "aurora-postgresql"
MAJOR: Final = "15"
"""The major version that the platform asks for; AWS chooses the minor and moves it forward."""
PARAMETER_FAMILY: Final = f"{ENGINE}{MAJOR}"

CREATABLE: Final = Sourced(
    value={
        "13": ("13.9", "13.23"),
        "14": ("14.6", "14.17", "14.18", "14.19", "14.20", "14.22", "14.23"),
        "15": ("15.10", "15.12", "15.13", "15.14", "15.15", "15.17", "15.18"),
        "16": ("16.8", "16.9", "16.10", "16.11", "16.13", "16.14"),
        "17": ("17.4", "17.5", "17.6", "17.7", "17.9", "17.10"),
        "18": ("18.3", "18.4"),
    },
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/"
    "aurorapostgresql-release-calendar.html",
    checked=date(2026, 8, 6),
)
"""Minor versions by major, oldest first: what `aws rds describe-db-engine-versions --engine aurora-postgresql` lists.

A version that is missing can no longer be created; 15.8 is one. A cluster that runs it goes on until AWS upgrades it.
"""


def creatable(version: str) -> bool:
    """Tell whether a cluster can be created with `version`: a major (`15`) or one of its minors (`15.17`)."""
    return version in CREATABLE.value or any(version in minors for minors in CREATABLE.value.values())
