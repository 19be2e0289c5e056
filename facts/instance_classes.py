"""Classes of Aurora PostgreSQL's instances that the platform uses, and what each supports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from facts.sourced import Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceClass:
    """A class of database instances.

    Attributes:
        name: as the RDS API names it.
        majors: major versions of Aurora PostgreSQL that it runs.
        performance_insights: whether Performance Insights, now the standard mode of Database Insights, can be on.
        enhanced_monitoring: whether enhanced monitoring can be on.
    """

    name: str
    majors: tuple[str, ...]
    performance_insights: bool
    enhanced_monitoring: bool


INSTANCE_CLASSES: Final = (
    Sourced(
        value=InstanceClass(
            name="db.t3.medium",
            majors=("13", "14", "15", "16", "17"),
            performance_insights=True,
            enhanced_monitoring=True,
        ),
        source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
        "Concepts.DBInstanceClass.SupportAurora.html",
        checked=date(2026, 11, 27),
    ),
)
"""What the platform may use. Aurora PostgreSQL restricts Performance Insights to no class
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.Overview.Engines.html), and enhanced
monitoring runs on all but db.m1.small
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.overview.html)."""
