"""List prices, as the cost of a fleet takes them."""

from __future__ import annotations

from decimal import Decimal

from facts.instance_classes import INSTANCE_CLASSES
from facts.prices import PRICES


def test_an_hourly_price_is_730_times_as_much_a_month() -> None:
    assert PRICES["NAT gateway"].value.monthly == Decimal("32.85")
    assert PRICES["KMS key"].value.monthly == 1


def test_each_price_is_known_by_its_name_and_says_where_it_was_read() -> None:
    for name, fact in PRICES.items():
        assert fact.value.name == name
        assert fact.value.amount > 0
        assert fact.source.startswith("https://aws.amazon.com/")
        assert fact.value.read_at is None or fact.value.read_at.startswith("https://")
    assert [name for name, fact in PRICES.items() if fact.value.read_at is None] == [
        f"Aurora PostgreSQL {name}" for name in INSTANCE_CLASSES
    ]


def test_a_class_of_twice_the_size_costs_about_twice_as_much() -> None:
    amounts = {name: PRICES[f"Aurora PostgreSQL {name}"].value.amount for name in INSTANCE_CLASSES}
    assert (amounts["db.t3.medium"], amounts["db.r6g.large"]) == (Decimal("0.082"), Decimal("0.260"))
    for small, large in (("large", "xlarge"), ("xlarge", "2xlarge"), ("8xlarge", "16xlarge")):
        ratio = amounts[f"db.r6g.{large}"] / amounts[f"db.r6g.{small}"]
        assert abs(ratio - 2) < Decimal("0.01")
