"""How much of what the suite plants is UNKNOWN is what docs/isolation.md says of it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from tests.isolation import holes
from tests.isolation.test_unknown import ACTIONS, TYPES

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "isolation.md").read_text().split())
ROW = re.compile(r"\| ([^|]+) \| [^|]*\.py`[^|]* \| (\d+) \| (\d*)[^|]*\|")
LEFT_OUT = "what is in no list, and what the whole account shares"


def planted(*names: str) -> int:
    """How many changes the lists called `names` have, in all modules but the one that puts them together."""
    modules = [import_module(f"{holes.__name__}.{one.name}") for one in iter_modules(holes.__path__)]
    found = [getattr(module, name, []) for module in modules for name in names]
    together = import_module(f"{holes.__name__}.suite")
    return sum(map(len, found)) - sum(len(getattr(together, name, [])) for name in names)


def rows() -> dict[str, tuple[int, int]]:
    """By class of holes, how many are VIOLATED, and how many UNKNOWN."""
    return {name: (int(violated), int(unknown or 0)) for name, violated, unknown in ROW.findall(PAGE)}


def test_the_page_counts_what_is_planted() -> None:
    holes_, safe = planted("HOLES", "IN_PRODUCTION"), planted("SAFE")
    assert f"plants {holes_} holes in the synthesized stacks" in PAGE
    assert f"so are they with {safe} changes that only look like holes" in PAGE


def test_the_page_states_the_share_that_is_unknown() -> None:
    violated, unknown = (sum(counts) for counts in zip(*rows().values(), strict=True))
    _, left_out = rows()[LEFT_OUT]
    rest, known = unknown - left_out, unknown - left_out + violated
    share, share_of_known = round(100 * unknown / (unknown + violated)), round(100 * rest / known)
    assert (
        f"{unknown} of {unknown + violated} changes that open something, or may, are UNKNOWN ({share} %)"
        in PAGE
    )
    assert f"Without these it is {rest} of {known} ({share_of_known} %)" in PAGE


def test_the_classes_have_all_that_is_planted() -> None:
    violated, unknown = (sum(counts) for counts in zip(*rows().values(), strict=True))
    # The tests beside the suite plant some of their own.
    assert violated >= planted("HOLES", "IN_PRODUCTION")
    assert unknown >= planted("DOUBTS") + len(TYPES) + len(ACTIONS)
    assert rows()["what a request names in an argument"] == (15, 6)
