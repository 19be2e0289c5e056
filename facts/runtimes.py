"""Lambda's runtime of the functions, and until when AWS supports it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from facts.sourced import Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A runtime that Lambda manages.

    Attributes:
        name: as Lambda's API names it.
        deprecated: the day on which security updates end.
        no_new_functions: the day from which no function can be created with it.
        no_updates: the day from which no function with it can be updated.
    """

    name: str
    deprecated: date
    no_new_functions: date
    no_updates: date


RUNTIME: Final = Sourced(
    value=Runtime(
        name="python3.13",
        deprecated=date(2029, 6, 30),
        no_new_functions=date(2029, 7, 31),
        no_updates=date(2029, 8, 31),
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    checked=date(2026, 11, 27),
)
"""The functions' runtime. AWS can move the dates later; it announces them 180 days ahead."""
