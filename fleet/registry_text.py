"""Adds a tenant to the text of a registry: lines are inserted, and none of those that are there is changed.

Pure. Comments, order, quotes and line ends stay, because nothing is written that was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from config.problems import ConfigurationError, Problem

Entry = Mapping[str, Mapping[str, str | int]]
"""What a tenant gets, such as `{"silo": {"cidr": "10.1.0.0/20"}}`."""
INDENT: Final = 2


def with_tenant(text: str, tenant: str, entry: Entry, *, name: str) -> tuple[str, int]:
    """Return `text` with `entry` for `tenant` in `tenants`, as `with_entry` does."""
    return with_entry(text, "tenants", tenant, entry, name=name)


def with_entry(
    text: str, section: str, tenant: str, entry: Mapping[str, object], *, name: str
) -> tuple[str, int]:
    """Return `text` with `entry` for `tenant`, behind the last tenant or behind what the tenant has, and its line.

    Args:
        text: of a valid registry.
        section: `tenants` or `retired`, which it has.
        tenant: id.
        entry: what the tenant gets; it has none of it yet.
        name: how messages name the file.

    Raises:
        ConfigurationError: the place is written in one line (`{...}`), or is somewhere else in the file (`*...`).
    """
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if root is None:
        raise _unwritable(name, 0)
    key, tenants = child(root, section)
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    owner, value = child(tenants, tenant) if tenant in keys(tenants) else (None, tenants)
    opening = (owner or key).start_mark
    if value.start_mark.line < opening.line:
        # An alias: what it means is further up, and somebody else's.
        raise _unwritable(name, opening.line)
    if isinstance(value, yaml.MappingNode) and value.flow_style and not value.value:
        # `tenants: {}`: the braces go, and the block comes.
        line = value.start_mark.line
        if value.end_mark.line != line:
            raise _unwritable(name, line)
        mark = value.start_mark.column
        lines[line] = f"{lines[line][:mark].rstrip()}{lines[line][value.end_mark.column :]}"
        after, column = line + 1, key.start_mark.column + INDENT
    else:
        if not isinstance(value, yaml.MappingNode) or value.flow_style:
            raise _unwritable(name, opening.line)
        column = value.value[0][0].start_mark.column
        after = end(lines, value, column)
    step = _step(value, column)
    added = _written(entry if owner else {tenant: entry}, column, step)
    if after and not lines[after - 1].endswith(("\n", "\r")):
        lines[after - 1] += newline
    return "".join([*lines[:after], *(f"{line}{newline}" for line in added), *lines[after:]]), after + 1


def child(node: yaml.Node, name: str) -> tuple[yaml.Node, yaml.Node]:
    """Return the key and the value of `name` in a mapping that has it."""
    (found,) = [(key, value) for key, value in node.value if key.value == name]
    return found


def keys(node: yaml.Node) -> list[str]:
    """Return the keys of a mapping."""
    return [key.value for key, _ in node.value]


def _unwritable(name: str, line: int) -> ConfigurationError:
    expected = (
        "a block, one key per line, into which lines can be inserted; write it so, or add the tenant by hand"
    )
    return ConfigurationError(
        [Problem(where=f"{name}:{line + 1}", received="tenants in another form", expected=expected)]
    )


def end(lines: Sequence[str], node: yaml.Node, column: int) -> int:
    """Return how many lines there are up to the end of a block at `column`, with the comments that are part of it.

    Those are indented like the block and follow it at once, or are indented more.
    """
    end = _last_line(node) + 1
    for index in range(end, len(lines)):
        line = lines[index].strip()
        indent = len(lines[index]) - len(lines[index].lstrip())
        if line and not (line.startswith("#") and (indent > column or (indent == column and index == end))):
            break
        end = index + 1 if line else end
    return end


def _last_line(node: yaml.Node) -> int:
    """Return the line, from 0, of the last character that a node has."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        key, node = last if isinstance(last, tuple) else (last, last)
        if node.start_mark.line < key.start_mark.line:
            # An alias: what it means is further up.
            return int(key.end_mark.line)
    return int(node.end_mark.line)


def _step(node: yaml.Node, column: int) -> int:
    """Return by how much the file indents what is in the values of a block at `column`."""
    for _, value in node.value:
        if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
            inner = int(value.value[0][0].start_mark.column)
            if inner > column:
                return inner - column
    return INDENT


def _written(entry: Mapping[str, object], column: int, step: int) -> list[str]:
    lines = []
    for key, value in entry.items():
        # `null`, `on` and their like are text in quotes alone.
        shown = key if isinstance(yaml.safe_load(key), str) else f'"{key}"'
        if isinstance(value, Mapping):
            lines += [f"{' ' * column}{shown}:", *_written(value, column + step, step)]
        else:
            lines.append(f"{' ' * column}{shown}: {value}")
    return lines
