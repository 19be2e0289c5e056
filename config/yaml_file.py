"""Reads a YAML file into plain values and remembers the line of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from config.problems import ConfigurationError, Problem

Location = tuple[str | int, ...]
"""Keys and indices from the document's root to a value."""


if TYPE_CHECKING:
    from yaml import SafeLoader as _FastestLoader
else:
    # libyaml's parser, where PyYAML was built with it: ten times faster on a large registry.
    _FastestLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FastestLoader):
    """YAML 1.2, where PyYAML reads 1.1. A time stays the text that was written."""


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""What YAML admits in no file; libyaml and PyYAML's own parser say so at different moments."""
_PLAIN_TAGS: Final = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_TAG: Final = "tag:yaml.org,2002:"
_CORE: Final[tuple[tuple[str, str, str], ...]] = (
    ("null", r"null|Null|NULL|~|", "nN~"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)
"""What plain text may mean in YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), by its first characters:
`yes`, `1:30` and `1_000` are text, and `017` is seventeen. Hexadecimal and octal numbers and infinities are
left text as well: nothing here takes them. The merge key is what registries share settings with."""


def _implicit_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, pattern, firsts in _CORE:
        for first in [*firsts, *([""] if kind == "null" else [])]:
            resolvers.setdefault(first, []).append((_TAG + kind, re.compile(rf"^(?:{pattern})$")))
    return resolvers


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


_Loader.yaml_implicit_resolvers = _implicit_resolvers()
_Loader.add_constructor(f"{_TAG}int", _whole_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file as values and as places.

    Attributes:
        name: how messages name the file.
        value: what the file says, of the plain types of JSON.
        lines: line number (from 1) of every value, by location.
        problems: keys that are written twice, by location; YAML itself would let the last one win.
    """

    name: str
    value: object
    lines: Mapping[Location, int]
    problems: tuple[tuple[Location, Problem], ...]

    def line(self, location: Location) -> int:
        """Return the line of `location`, or of its nearest parent that is in the file."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def where(self, location: Location) -> str:
        """Return `file:line: path` of `location`."""
        path = ".".join(map(str, location))
        return f"{self.name}:{self.line(location)}: {path}" if path else f"{self.name}:{self.line(location)}"


def read_yaml(path: Path, *, name: str) -> Document:
    """Read the YAML file at `path`; `name` is what messages call it.

    Raises:
        ConfigurationError: the file cannot be read or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise _unreadable(name, reason) from error
    if _CONTROL.search(text):
        raise _unreadable(name, "not UTF-8 text")
    loader = _Loader(text)
    reader = _Reader(loader, name)
    try:
        node = loader.get_single_node()
        value = None if node is None else reader.value(node, ())
    except RecursionError as error:
        raise _unreadable(name, "nesting that is too deep") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = Problem(where=f"{name}:{line}", received=error.problem, expected="valid YAML")
        raise ConfigurationError([problem]) from error
    finally:
        loader.dispose()
    return Document(name=name, value=value, lines=reader.lines, problems=tuple(reader.problems))


def _unreadable(name: str, reason: str | None) -> ConfigurationError:
    problem = Problem(where=name, received=reason, expected="a YAML file that can be read")
    return ConfigurationError([problem])


class _Reader:
    """Walks a document and collects the lines of its values and the keys that are written twice."""

    def __init__(self, loader: _Loader, name: str) -> None:
        self._loader = loader
        self._name = name
        self._open: list[yaml.Node] = []
        self.lines: dict[Location, int] = {}
        self.problems: list[tuple[Location, Problem]] = []

    def value(self, node: yaml.Node, location: Location) -> object:
        """Return the plain value of `node`.

        Raises:
            yaml.constructor.ConstructorError: a tag that asks for more than plain values, or an alias inside itself.
        """
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in _PLAIN_TAGS:
            raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag}", node.start_mark)
        if node in self._open:
            raise yaml.constructor.ConstructorError(None, None, "an alias inside itself", node.start_mark)
        self.lines.setdefault(location, node.start_mark.line + 1)
        self._open.append(node)
        value: object
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node, location)
        else:
            value = [self.value(item, (*location, index)) for index, item in enumerate(node.value)]
        self._open.pop()
        return value

    def _scalar(self, node: yaml.Node) -> object:
        """Return the plain value of `node`.

        Raises:
            yaml.constructor.ConstructorError: a number of more digits than Python reads.
        """
        try:
            return self._loader.construct_object(node, deep=True)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None, None, "a number that is too long", node.start_mark
            ) from error

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, object]:
        self._loader.flatten_mapping(node)
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(self._scalar(key_node))
            line = key_node.start_mark.line + 1
            place = (*location, key)
            if key in mapping:
                where = f"{self._name}:{line}: {'.'.join(map(str, place))}"
                expected = f"the key once (it is on line {self.lines[place]} already)"
                self.problems.append((place, Problem(where=where, received=key, expected=expected)))
                continue
            self.lines[place] = line
            mapping[key] = self.value(value_node, place)
        return mapping
