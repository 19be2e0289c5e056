"""What AWS says of what the registry declares of an environment."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

from tools.fuzz.oracle.names import image_objections, regions


def environment_objections(environment: dict[str, Any]) -> Iterator[str]:
    """Yield why nothing can be deployed in `environment`, or traced as it says."""
    account, region = environment["account"], environment["region"]
    if len(account) != 12 or not set(account) <= set(string.digits):
        yield f"no account: {account!r}"
    if region not in regions():
        yield f"no region: {region!r}"
    yield from _tracing(environment, f"{account}.dkr.ecr.{region}.amazonaws.com")


def _tracing(environment: dict[str, Any], own_registry: str) -> Iterator[str]:
    tracing = environment.get("tracing") or {}
    image, reason = tracing.get("collector_image"), tracing.get("untraced_functions")
    if image is not None:
        yield from image_objections(image)
        if image.count("@") != 1 or ":" in image.partition("@")[0].rpartition("/")[2]:
            yield f"a collector that is not given by its digest alone: {image!r}"
        sources = [own_registry, *environment.get("image_registries", [])]
        if environment["profile"] == "production" and not any(image.startswith(f"{one}/") for one in sources):
            yield f"a collector from elsewhere: {image!r}"
    if reason is not None and (not 15 <= len(reason) <= 500 or reason != reason.strip()):
        yield f"no sentence: {reason!r}"
    if reason is not None and any(ord(character) < ord(" ") for character in reason):
        yield f"a sentence of several lines: {reason!r}"
