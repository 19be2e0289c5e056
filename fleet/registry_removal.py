"""Moves a tenant to `retired` in the text of a registry: its lines go, lines are added, and the others stay.

Pure. Comments stay, those between the tenant's own lines excepted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import yaml

from config.problems import ConfigurationError, Problem
from config.registry.tenants import Tenant
from fleet.registry_text import child, end, keys, with_entry

Left = Mapping[str, str | int]
"""What a tenant leaves behind, such as `{"cidr": "10.1.0.0/20"}`."""


def left_of(tenant: Tenant, *, erase: str = "") -> dict[str, str | int]:
    """Return what `tenant` had and nobody gets again, and why its schema is dropped."""
    found: dict[str, str | int] = {}
    if tenant.silo is not None:
        found["cidr"] = str(tenant.silo.cidr)
    if tenant.fargate is not None:
        found["listener_priority"] = tenant.fargate.listener_priority
    if erase:
        found["erase"] = erase
    return found


def with_retired(text: str, tenant: str, left: Left, *, name: str) -> tuple[str, int]:
    """Return `text` with `tenant` in `retired`, without it in `tenants` and `unprotected`, and the line of its entry.

    Args:
        text: of a valid registry.
        tenant: id; one of its tenants.
        left: what it had, and why it is erased.
        name: how messages name the file.

    Raises:
        ConfigurationError: one of the places is written in one line (`{...}`), or is somewhere else in the file.
    """
    text = _without_tenant(text, tenant, name)
    while (shorter := _without_lifting(text, tenant, name)) is not None:
        text = shorter
    if "retired" not in keys(_root(text)):
        text = f"{text}{'' if text.endswith(chr(10)) else chr(10)}\nretired: {{}}\n"
    # JSON's strings are YAML's.
    entry = {key: json.dumps(value) if key == "erase" else value for key, value in left.items()}
    return with_entry(text, "retired", tenant, entry, name=name)


def _without_tenant(text: str, tenant: str, name: str) -> str:
    key, tenants = child(_root(text), "tenants")
    if not isinstance(tenants, yaml.MappingNode) or tenants.flow_style:
        raise _unwritable(name, key)
    own, value = child(tenants, tenant)
    return _cut(text, key, own, value, rest=len(tenants.value) - 1, empty="{}", name=name)


def _without_lifting(text: str, tenant: str, name: str) -> str | None:
    """Return `text` without the first entry of `unprotected` that is the tenant's; `None` where there is none."""
    root = _root(text)
    environments = child(root, "environments")[1].value if "environments" in keys(root) else []
    for _, environment in environments:
        if "unprotected" not in keys(environment):
            continue
        key, entries = child(environment, "unprotected")
        for entry in entries.value:
            if child(entry, "tenant")[1].value == tenant:
                if isinstance(entries, yaml.SequenceNode) and entries.flow_style:
                    raise _unwritable(name, key)
                return _cut(text, key, entry, entry, rest=len(entries.value) - 1, empty="[]", name=name)
    return None


def _cut(
    text: str, key: yaml.Node, own: yaml.Node, value: yaml.Node, *, rest: int, empty: str, name: str
) -> str:
    """Return `text` without the lines from `own` to the end of `value`, which is in the value of `key`.

    Args:
        text: of the registry.
        key: of the block that it is in.
        own: where it begins.
        value: where it ends.
        rest: how much else is in the block.
        empty: how the block is written once nothing is in it.
        name: how messages name the file.
    """
    lines = text.splitlines(keepends=True)
    first = own.start_mark.line
    if first == key.start_mark.line:
        raise _unwritable(name, key)
    # An alias is one line: what it means is further up. Comments that are indented more are about what goes.
    alias = value.start_mark.line < first
    last = first + 1 if alias else end(lines, value, own.start_mark.column + 1)
    if not rest:
        line, column = key.end_mark.line, key.end_mark.column
        lines[line] = f"{lines[line][:column]}: {empty}{lines[line][column:].partition(':')[2]}"
    return "".join([*lines[:first], *lines[last:]])


def _root(text: str) -> yaml.Node:
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if root is None:
        raise ValueError("an empty registry")
    return root


def _unwritable(name: str, key: yaml.Node) -> ConfigurationError:
    expected = (
        "a block, one key per line, of which lines can be taken; write it so, or move the tenant by hand"
    )
    where = f"{name}:{key.start_mark.line + 1}"
    return ConfigurationError([Problem(where=where, received="a block in one line", expected=expected)])
