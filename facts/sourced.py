"""A fact that expires: a value, AWS's page that says so, and the day on which it said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced(Generic[T]):
    """One fact about what AWS offers.

    Attributes:
        value: what AWS offers.
        source: URL of AWS's page that says so.
        checked: the day on which it said so. What is older than a few months is worth another look.

    Raises:
        ValueError: the source is no URL.
    """

    value: T
    source: str
    checked: date

    def __post_init__(self) -> None:
        """Refuse a fact that nobody can check."""
        if not self.source.startswith("https://"):
            raise ValueError(f"received the source {self.source!r}, expected the URL of a page")

    def age(self, today: date) -> int:
        """Return the days since the fact was checked."""
        return (today - self.checked).days
