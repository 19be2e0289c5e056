"""Groups tenants by the shape of what changes for them, so that names of their own set nobody apart.

A silo is a unit, each tenant of the platform is one, and so is the rest of the platform. Two units have one shape where
the same changes happen to the same resources, once each one's own names and addresses are written alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from fleet.comparison.changes import Change

SILO: Final = "silo"
FARGATE: Final = "Fargate tenant"
PLATFORM: Final = "platform"
DIFFERS: Final = "(differs)"
"""In place of a value that almost each unit of a group has another of."""
_HASH: Final = re.compile(r"_[0-9A-F]{8}\b")
"""What cdktf appends to the ids of constructs that are in others, from all their names."""
_IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_FEW: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What belongs to one tenant in one stack, or to nobody.

    Attributes:
        stack: its id.
        kind: `SILO`, `FARGATE` or `PLATFORM`.
        tenant: whose it is; `None` for what the platform's tenants share.
        changes: at least one.
        networks: address ranges of the stack.
    """

    stack: str
    kind: str
    tenant: str | None
    changes: tuple[Change, ...]
    networks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The tenant, or the stack where there is none."""
        return self.tenant or self.stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Units that change alike.

    Attributes:
        kind: of the units.
        units: in the order of stacks and tenants.
        changes: what happens to each, with `{tenant}` for the tenant's id and `{stack}` for the stack's.
    """

    kind: str
    units: tuple[Unit, ...]
    changes: tuple[Change, ...]


Shape = tuple[Change, ...]
Structure = tuple[str, tuple[tuple[str, ...], ...]]


def grouped(units: Iterable[Unit]) -> list[Group]:
    """Return the groups of `units`, the largest first."""
    plain: dict[tuple[str, Shape], list[Unit]] = {}
    for unit in units:
        plain.setdefault((unit.kind, _addressed(unit)), []).append(unit)
    shapes: dict[tuple[str, Shape], list[Unit]] = {}
    for (kind, _), alike in plain.items():
        # Of units that are alike as they are, one may have a name that is a word of what all say.
        (written, _), *_ = Counter(map(written_alike, alike)).most_common(1)
        shapes.setdefault((kind, written), []).extend(alike)
    merged: list[Group] = []
    structures: dict[Structure, list[tuple[Shape, list[Unit]]]] = {}
    for (kind, shape), alike in shapes.items():
        structures.setdefault((kind, _structure(shape)), []).append((shape, alike))
    for (kind, _), variants in structures.items():
        merged.extend(_merged(kind, variants))
    return sorted(merged, key=lambda group: (-len(group.units), group.kind, _first(group)))


def _first(group: Group) -> tuple[str, str]:
    return group.units[0].stack, group.units[0].name


def _merged(kind: str, variants: Sequence[tuple[Shape, list[Unit]]]) -> list[Group]:
    """Return one group for each of `variants`, or one of all where nearly each unit is a variant of its own."""
    total = sum(len(units) for _, units in variants)
    if len(variants) > _FEW and len(variants) * 2 > total:
        first = variants[0][0]
        changes = tuple(
            _blurred(change, {(shape[index].before, shape[index].after) for shape, _ in variants})
            for index, change in enumerate(first)
        )
        return [
            Group(kind=kind, units=_ordered(unit for _, some in variants for unit in some), changes=changes)
        ]
    return [Group(kind=kind, units=_ordered(units), changes=shape) for shape, units in variants]


def _blurred(change: Change, values: set[tuple[str | None, str | None]]) -> Change:
    def shown(several: set[str | None]) -> str | None:
        return next(iter(several)) if len(several) == 1 else DIFFERS

    before, after = ({value[side] for value in values} for side in (0, 1))
    return replace(change, before=shown(before), after=shown(after))


def _ordered(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(sorted(units, key=lambda unit: (unit.stack, unit.tenant or "")))


def _structure(shape: Shape) -> tuple[tuple[str, ...], ...]:
    return tuple((change.address, change.action, change.argument, change.effect) for change in shape)


def _addressed(unit: Unit) -> Shape:
    """Return the changes of `unit` with the addresses of one tenant on the platform written as another's."""
    if unit.kind != FARGATE or not unit.tenant:
        return _sorted(replace(change, tenant=None) for change in unit.changes)
    return written_alike(unit)


def written_alike(unit: Unit) -> Shape:
    """Return the changes of `unit` with what only it has written as any other unit's."""
    write = _writer(unit)
    return _sorted(
        replace(
            change,
            address=_HASH.sub("_*", write(change.address)) if unit.kind == FARGATE else change.address,
            argument=write(change.argument),
            before=None if change.before is None else write(change.before),
            after=None if change.after is None else write(change.after),
            tenant=None,
        )
        for change in unit.changes
    )


def _sorted(changes: Iterable[Change]) -> Shape:
    return tuple(sorted(changes, key=lambda change: (change.address, change.action, change.argument)))


def _writer(unit: Unit) -> Callable[[str], str]:
    names = {unit.stack: "{stack}"} | ({unit.tenant: "{tenant}"} if unit.tenant else {})
    longest = sorted(names, key=len, reverse=True)
    name = re.compile("|".join(rf"(?<![a-z0-9]){re.escape(one)}(?![a-z0-9])" for one in longest))
    networks = [IPv4Network(network) for network in unit.networks]

    def write(text: str) -> str:
        text = name.sub(lambda match: names[match[0]], text)
        if unit.kind == FARGATE:
            text = _HASH.sub("_*", text)
        return _IPV4.sub(lambda match: _relative(match[0], networks), text)

    return write


def _relative(address: str, networks: Sequence[IPv4Network]) -> str:
    """Return an address of the stack's network as its distance from the network's first one."""
    try:
        found = IPv4Address(address)
    except ValueError:
        return address
    for network in networks:
        if found in network:
            return f"{{network}}+{int(found) - int(network.network_address)}"
    return address


def tallied(changes: Iterable[Change]) -> Mapping[str, int]:
    """Return how many blocks each type has among `changes`, in the order of the types."""
    blocks = {change.address: change.type or change.address.split(".")[0] for change in changes}
    return dict(sorted(Counter(blocks.values()).items()))
