"""What the registry says of backups: how long AWS Backup keeps those of an environment, and where it copies them to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from config import formats
from config.problems import Problem
from config.profiles import PROFILES
from config.regions import REGION_EXPECTED, region
from config.registry.fields import RegistryEntry
from config.yaml_file import Document, Location

MOST_DAYS: Final = 36_500
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html"""


class EnvironmentBackup(RegistryEntry):
    """The backups of an environment's buckets, tables and database."""

    retention_days: int | None = Field(
        None,
        ge=1,
        le=MOST_DAYS,
        description=f"days that a daily backup is kept, 1 to {MOST_DAYS}; null is the profile's (none are made, or 35 "
        "in production)",
    )
    copy_to_region: Annotated[str, AfterValidator(region)] | None = Field(
        None,
        description=f"{REGION_EXPECTED}: where each backup is copied to, into a vault that exists there; null copies "
        "none",
    )


def backup_problems(
    document: Document, suffix: str, profile: str, home: str, backup: EnvironmentBackup
) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with the backups of the environment `suffix`.

    Args:
        document: the registry, to name the place.
        suffix: of the environment.
        profile: its name.
        home: the environment's region.
        backup: as it is declared.
    """
    here: Location = ("environments", suffix, "backup", "copy_to_region")
    copies = backup.copy_to_region
    if copies is None:
        return
    expected = None
    if copies == home:
        expected = "another region than the environment's own"
    elif formats.partition(copies) != formats.partition(home):
        expected = f"a region of the environment's partition, '{formats.partition(home)}'"
    elif backup.retention_days is None and PROFILES[profile].backup_retention_days is None:
        expected = f"nothing, or 'retention_days' as well: the profile '{profile}' makes no backups"
    if expected:
        yield here, Problem(where=document.where(here), received=copies, expected=expected)
