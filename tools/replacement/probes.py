"""What the provider is asked about: each argument that the stacks use, in a resource of its own."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from fleet.comparison.revisions import here
from tools.compare.__main__ import CASES, EVERY_SETTING, PRODUCTION, ROOT, synthesized

META: Final = frozenset({"//", "depends_on", "lifecycle", "provisioner", "provider", "count", "for_each"})
NOT_ASKED: Final = frozenset({"aws_wafv2_web_acl"})
"""Statements of a web ACL nest in each other, and Terraform takes minutes to plan one: what replaces it is unknown."""
REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
Body = dict[str, Any]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One argument of one resource, whose value in the state is another.

    Attributes:
        type: of the resource.
        path: of the argument, without indices: `vpc_config.subnet_ids`.
        body: the resource's arguments.
        place: of the argument in `body`.
    """

    type: str
    path: str
    body: Body
    place: Place


def documents() -> Iterator[Body]:
    """Yield the JSON of what `make compare` synthesizes, and of a platform with what that leaves out."""
    with tempfile.TemporaryDirectory() as name:
        registry = yaml.safe_load(EVERY_SETTING.read_text())
        del registry["platform"]["certificate_arn"]
        registry["platform"]["hosted_zone_id"] = "Z0123456789ABCDEFGHIJ"
        registry["environments"]["prod"]["monthly_budget_usd"] = 500
        (service, *_) = (tenant["fargate"] for tenant in registry["tenants"].values() if "fargate" in tenant)
        service["custom_hosts"] = {
            "names": ["shop.acme.example"],
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        }
        issued = Path(name, "issued.yaml")
        issued.write_text(yaml.safe_dump(registry))
        cases = [*CASES.values(), {**PRODUCTION, "TENANT_REGISTRY": str(issued)}]
        for number, variables in enumerate(cases):
            for text in synthesized(here(ROOT), Path(name, str(number)), variables).values():
                yield json.loads(text)


def probes() -> list[Probe]:
    """Return a probe for each argument that a stack has, references made plain."""
    found: dict[tuple[str, str], Probe] = {}
    for document in documents():
        for kind, named in document["resource"].items():
            for body in named.values():
                plain = {key: _plain(value) for key, value in body.items() if key not in META}
                for place in _places((), plain) if kind not in NOT_ASKED else ():
                    path = path_of(place)
                    found.setdefault((kind, path), Probe(type=kind, path=path, body=plain, place=place))
    return [found[key] for key in sorted(found)]


def _plain(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Return `value` with a plain value of the right form in place of each reference."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    if REFERENCE.fullmatch(value) and not value.endswith(("arn}", "policy}")):
        return "id-0123456789abcdef0"
    return REFERENCE.sub("arn:aws:iam::123456789012:role/plain", value)


def _places(place: Place, value: object) -> Iterator[Place]:
    """Yield where in `value` something can be changed: scalars, lists of them, and maps as a whole."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places((*place, key), item)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _places((*place, 0), value[0])
    else:
        yield place


def path_of(parts: Sequence[object]) -> str:
    """Return a path of Terraform's JSON without indices."""
    return ".".join(part for part in parts if isinstance(part, str))
