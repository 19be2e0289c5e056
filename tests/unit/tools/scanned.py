"""Stacks for the scanners: the project's own, synthesized once, for a test to damage."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.synthesis import PRODUCTION, SynthesizedStack, platform, silo
from tools.scan.stacks import ScannedStack

Document = dict[str, Any]
Damage = Callable[[Document], None]


def scanned(stack: SynthesizedStack, *damages: Damage, id: str | None = None) -> ScannedStack:
    """`stack` as the scanners read it, with `damages`, under the name `id`."""
    document = copy.deepcopy(stack.document)
    for damage in damages:
        damage(document)
    return ScannedStack(id=id or stack.id, document=document)


def production_silo(*damages: Damage, id: str | None = None) -> ScannedStack:
    return scanned(silo(**PRODUCTION), *damages, id=id)


def production_platform(*damages: Damage, id: str | None = None) -> ScannedStack:
    return scanned(platform(variables=PRODUCTION), *damages, id=id)


def resource(document: Document, kind: str, role: str = "") -> Document:
    """The first resource of `kind` whose name starts with `role`, to be changed in place."""
    found: Document = next(body for name, body in document["resource"][kind].items() if name.startswith(role))
    return found


def changed(kind: str, role: str = "", **arguments: Any) -> Damage:
    """Other arguments for a resource; `None` removes one."""

    def damage(document: Document) -> None:
        body = resource(document, kind, role)
        body.update(arguments)
        for name in [name for name, value in arguments.items() if value is None]:
            del body[name]

    return damage


def added(kind: str, name: str, **arguments: Any) -> Damage:
    """One more resource."""

    def damage(document: Document) -> None:
        document["resource"].setdefault(kind, {})[name] = arguments

    return damage


def removed(kind: str, role: str) -> Damage:
    """One resource less."""

    def damage(document: Document) -> None:
        names = [name for name in document["resource"][kind] if name.startswith(role)]
        assert len(names) == 1, names
        del document["resource"][kind][names[0]]

    return damage


def stated(kind: str, role: str = "", *, argument: str = "policy", **elements: Any) -> Damage:
    """One more statement in a policy, an `Allow` unless `elements` say otherwise."""

    def damage(document: Document) -> None:
        body = resource(document, kind, role)
        policy = json.loads(body[argument])
        policy["Statement"].append({"Sid": "Planted", "Effect": "Allow", **elements})
        body[argument] = json.dumps(policy)

    return damage
