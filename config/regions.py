"""Which regions and zones people may write, and what a registry needs of them."""

from __future__ import annotations

from facts.regions import REGIONS

REGION_EXPECTED = (
    "a region of facts/regions.py, such as 'us-east-1': a newer one is added there; those of China, of the European "
    "sovereign cloud and of secret partitions are not supported"
)


def region(name: str) -> str:
    """Return `name`, a region that stacks can be deployed to.

    Raises:
        ValueError: AWS has no such region, or it is not supported.
    """
    if name not in REGIONS.value:
        raise ValueError("no region")
    return name
