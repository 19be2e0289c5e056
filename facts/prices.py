"""AWS's list prices in us-east-1: of what costs something while nobody uses it, and of a rollout on AWS.

AWS's own pages fill their tables by script, so that a figure cannot be cited from them: beside each price is the page
on which it was read. Discounts, free tiers, taxes and use are in none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from facts.sourced import Sourced

REGION: Final = "us-east-1"
HOURS_A_MONTH: Final = 730
"""As AWS's Pricing Calculator has it: 8,760 hours in twelve parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one of something costs.

    Attributes:
        name: of what: `NAT gateway`.
        amount: in US dollars.
        per: `hour` or `month`.
        read_at: URL of the page on which the figure was read; `None` where price tables in public repositories agree
            on it and no page was found.
    """

    name: str
    amount: Decimal
    per: Literal["hour", "month"]
    read_at: str | None

    @property
    def monthly(self) -> Decimal:
        """The amount for a month, in US dollars."""
        return self.amount * HOURS_A_MONTH if self.per == "hour" else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePrice:
    """What some of something costs that is used.

    Attributes:
        name: of what: `build minute`.
        amount: in US dollars.
        per: how many of it that is for.
        read_at: URL of the page on which the figure was read.
    """

    name: str
    amount: Decimal
    per: int
    read_at: str


_CHECKED: Final = date(2026, 11, 27)


def _hourly(name: str, amount: str, source: str, read_at: str | None) -> tuple[str, Sourced[Price]]:
    return _sourced(Price(name=name, amount=Decimal(amount), per="hour", read_at=read_at), source)


def _monthly(name: str, amount: str, source: str, read_at: str | None) -> tuple[str, Sourced[Price]]:
    return _sourced(Price(name=name, amount=Decimal(amount), per="month", read_at=read_at), source)


def _sourced(price: Price, source: str) -> tuple[str, Sourced[Price]]:
    return price.name, Sourced(value=price, source=source, checked=_CHECKED)


_FARGATE: Final = ("https://aws.amazon.com/fargate/pricing/", "https://www.vantage.sh/blog/fargate-pricing")
_CLOUDWATCH: Final = "https://aws.amazon.com/cloudwatch/pricing/"
_WAF: Final = ("https://aws.amazon.com/waf/pricing/", "https://c3x.dev/blog/aws-waf-cost-explained/")
_ALARMS: Final = (_CLOUDWATCH, "https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm")
_NETWORK: Final = (
    "https://aws.amazon.com/vpc/pricing/",
    "https://www.factualminds.com/blog/amazon-vpc-pricing-endpoints-peering-transit-gateway/",
)

_AURORA: Final = {
    "db.t3.medium": "0.082",
    "db.t3.large": "0.164",
    "db.t4g.medium": "0.073",
    "db.t4g.large": "0.146",
    "db.r6g.large": "0.260",
    "db.r6g.xlarge": "0.519",
    "db.r6g.2xlarge": "1.038",
    "db.r6g.4xlarge": "2.076",
    "db.r6g.8xlarge": "4.152",
    "db.r6g.12xlarge": "6.228",
    "db.r6g.16xlarge": "8.304",
}
"""An instance's hour in the standard storage configuration, by its class."""

PRICES: Final[Mapping[str, Sourced[Price]]] = dict(
    (
        _hourly(
            "interface endpoint in a zone",
            "0.01",
            "https://aws.amazon.com/privatelink/pricing/",
            "https://awsnegotiations.com/privatelink-cost-analysis.html",
        ),
        _hourly("NAT gateway", "0.045", _NETWORK[0], "https://wiki.connerv.com/notes/aws/nat-gateway"),
        # $0.005, which that page gives as $3.60 for 720 hours.
        _hourly("public IPv4 address", "0.005", *_NETWORK),
        _hourly(
            "application load balancer",
            "0.0225",
            "https://aws.amazon.com/elasticloadbalancing/pricing/",
            "https://cal53.calculator.city/aws-alb-cost-calculator/",
        ),
        _hourly("Fargate vCPU, X86_64", "0.04048", *_FARGATE),
        _hourly("Fargate GB of memory, X86_64", "0.004445", *_FARGATE),
        _hourly("Fargate vCPU, ARM64", "0.03238", *_FARGATE),
        _hourly("Fargate GB of memory, ARM64", "0.00356", *_FARGATE),
        *(
            _hourly(f"Aurora PostgreSQL {name}", amount, "https://aws.amazon.com/rds/aurora/pricing/", None)
            for name, amount in _AURORA.items()
        ),
        # Each of the first two rotations adds as much, once the key is a year old.
        _monthly(
            "KMS key",
            "1.00",
            "https://aws.amazon.com/kms/pricing/",
            "https://cloudburn.io/blog/aws-kms-pricing",
        ),
        _monthly(
            "secret",
            "0.40",
            "https://aws.amazon.com/secrets-manager/pricing/",
            "https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms",
        ),
        _monthly(
            "contributor insights rule",
            "0.50",
            _CLOUDWATCH,
            "https://www.usage.ai/blog/aws-reserved-instances-dynamodb-contributor-insights",
        ),
        _monthly("web ACL", "5.00", *_WAF),
        _monthly("rule of a web ACL", "1.00", *_WAF),
        # Three of an account are free.
        _monthly("dashboard", "3.00", _CLOUDWATCH, "https://c3x.dev/blog/aws-cloudwatch-metrics-cost/"),
        _monthly("alarm", "0.10", *_ALARMS),
        _monthly("alarm on less than a minute", "0.30", *_ALARMS),
        _monthly("composite alarm", "0.50", *_ALARMS),
    )
)
"""By name."""

USE_PRICES: Final[Mapping[str, Sourced[UsePrice]]] = {
    # Of `BUILD_GENERAL1_SMALL` on Linux.
    "build minute": Sourced(
        value=UsePrice(
            name="build minute",
            amount=Decimal("0.005"),
            per=1,
            read_at="https://c3x.dev/resources/aws/aws_codebuild_project/",
        ),
        source="https://aws.amazon.com/codebuild/pricing/",
        checked=date(2026, 11, 28),
    ),
    # Of a Standard workflow; the first 4,000 of a month are free.
    "state transitions": Sourced(
        value=UsePrice(
            name="state transitions",
            amount=Decimal("0.025"),
            per=1000,
            read_at="https://aws.amazon.com/step-functions/pricing/",
        ),
        source="https://aws.amazon.com/step-functions/pricing/",
        checked=date(2026, 11, 28),
    ),
}
"""By name, without what is free each month."""
