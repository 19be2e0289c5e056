"""Classes of Aurora PostgreSQL's instances that the platform takes, and what each supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from facts.sourced import Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceClass:
    """A class of database instances.

    Attributes:
        name: as the RDS API names it.
        majors: major versions of Aurora PostgreSQL that it runs.
        connections: the default of `max_connections`, which AWS also calls the most that should ever be set.
        temporary_gib: GiB of local storage, for temporary files and logs.
        burstable: whether its CPU is throttled or charged for once its credits are used up.
        performance_insights: whether Performance Insights, now the standard mode of Database Insights, can be on.
        enhanced_monitoring: whether enhanced monitoring can be on.
    """

    name: str
    majors: tuple[str, ...]
    connections: int
    temporary_gib: Decimal
    burstable: bool
    performance_insights: bool = True
    enhanced_monitoring: bool = True


_MAJORS: Final = ("13", "14", "15", "16", "17")
_FIGURES: Final = {
    "db.t3.medium": (420, "7.5"),
    "db.t3.large": (844, "16"),
    "db.t4g.medium": (405, "8.13"),
    "db.t4g.large": (844, "16.5"),
    "db.r6g.large": (1722, "32"),
    "db.r6g.xlarge": (3479, "63"),
    "db.r6g.2xlarge": (5000, "126"),
    "db.r6g.4xlarge": (5000, "252"),
    "db.r6g.8xlarge": (5000, "504"),
    "db.r6g.12xlarge": (5000, "756"),
    "db.r6g.16xlarge": (5000, "1008"),
}
"""`max_connections`, and GiB of temporary storage. The first is `LEAST({DBInstanceClassMemory/9531392}, 5000)`, where
the memory is less than the class's by what AWS's own processes take: the figures are those of AWS's tables, and not a
division of the class's memory
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html, read 2026-11-27). Classes
that the tables do not have are not offered here."""


def _class(name: str, connections: int, temporary_gib: str) -> Sourced[InstanceClass]:
    return Sourced(
        value=InstanceClass(
            name=name,
            majors=_MAJORS,
            connections=connections,
            temporary_gib=Decimal(temporary_gib),
            burstable=name.startswith("db.t"),
        ),
        source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
        "Concepts.DBInstanceClass.SupportAurora.html",
        checked=date(2026, 11, 27),
    )


INSTANCE_CLASSES: Final[Mapping[str, Sourced[InstanceClass]]] = {
    name: _class(name, *figures) for name, figures in _FIGURES.items()
}
"""What the platform may use, by name, smaller ones first. Aurora PostgreSQL restricts Performance Insights to no class
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.Overview.Engines.html), and enhanced
monitoring runs on all but db.m1.small
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.overview.html). Classes that begin
with `db.t` are burstable
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.Types.html)."""

RESERVED_CONNECTIONS: Final = 18
"""Of each instance's connections, those that no tenant is promised:

- 3 for superusers and 2 for members of `rds_superuser`, which Aurora keeps (`superuser_reserved_connections` and
  `rds.rds_superuser_reserved_connections`,
  https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html);
- 3 for AWS's automation, which the page on `max_connections` asks to leave;
- 10 for the database provisioner: Terraform runs so many operations at once by default
  (https://developer.hashicorp.com/terraform/cli/commands/apply#parallelism-n).
"""
