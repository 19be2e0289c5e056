"""Reads a YAML file into plain values and remembers the line of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from config.problems import ConfigurationError, Problem, shortened
from config.yaml_scalars import TAG, implicit_resolvers, refused, scalar

Location = tuple[str | int, ...]
"""Keys and indices from the document's root to a value."""

MOST_BYTES: Final = 4_194_304
"""Of a file: 4 MiB hold more tenants than there are private networks for."""
MOST_LEVELS: Final = 100
"""Of nesting. libyaml takes quadratic time for more, and far more ends the process."""
MOST_REPEATED: Final = 200_000
"""Values that aliases and merge keys repeat. Ten lines of aliases to aliases would mean ten thousand million."""

if TYPE_CHECKING:
    from yaml import SafeLoader as _FastestLoader
else:
    # libyaml's parser, where PyYAML was built with it: ten times faster on a large registry.
    _FastestLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FastestLoader):
    """YAML 1.2, where PyYAML reads 1.1. A time stays the text that was written."""


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""What YAML admits in no file; libyaml and PyYAML's own parser say so at different moments."""
_PLAIN_TAGS: Final = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_Loader.yaml_implicit_resolvers = implicit_resolvers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file as values and as places.

    Attributes:
        name: how messages name the file.
        value: what the file says, of the plain types of JSON.
        lines: line number (from 1) of every value, by location.
        problems: keys that are written twice or are no text, by location; YAML itself would let the last one win.
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
        return _where(self.name, self.line(location), location)


def shown_path(location: Location) -> str:
    """Return `location` as messages write it, keys that are too long cut."""
    return ".".join(shortened(str(step)) for step in location)


def _where(name: str, line: int, location: Location) -> str:
    return f"{name}:{line}: {shown_path(location)}" if location else f"{name}:{line}"


def read_yaml(path: Path, *, name: str) -> Document:
    """Read the YAML file at `path`; `name` is what messages call it.

    Raises:
        ConfigurationError: the file cannot be read, is no YAML, or is larger, more deeply nested or more often
            repeated by aliases than `MOST_BYTES`, `MOST_LEVELS` and `MOST_REPEATED` say.
    """
    text = _text(path, name)
    try:
        _refuse_deep_nesting(text, name)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        reader = _Reader(name)
        value = None if node is None else reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = Problem(where=f"{name}:{line}", received=error.problem, expected="valid YAML")
        raise ConfigurationError([problem]) from error
    except yaml.YAMLError as error:
        raise _unreadable(name, "no YAML") from error
    return Document(name=name, value=value, lines=reader.lines, problems=tuple(reader.problems))


def _text(path: Path, name: str) -> str:
    """Return the text of the file.

    Raises:
        ConfigurationError: it cannot be read, is too large, or is no text.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(name, error.strerror) from error
    if len(content) > MOST_BYTES:
        raise _unreadable(name, f"more than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeError as error:
        raise _unreadable(name, "not UTF-8 text") from error
    if _CONTROL.search(text):
        raise _unreadable(name, "not UTF-8 text")
    return text


def _unreadable(name: str, reason: str | None) -> ConfigurationError:
    problem = Problem(where=name, received=reason, expected="a YAML file that can be read")
    return ConfigurationError([problem])


def _refuse_deep_nesting(text: str, name: str) -> None:
    """Raise ConfigurationError where `text` nests too deeply, before anything walks it recursively."""
    loader, level = _Loader(text), 0
    try:
        while loader.check_event():
            event = loader.get_event()  # type: ignore[no-untyped-call]
            if isinstance(event, yaml.CollectionStartEvent):
                level += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                level -= 1
            if level > MOST_LEVELS:
                reason = "nesting that is too deep"
                expected = f"at most {MOST_LEVELS} levels"
                where = f"{name}:{event.start_mark.line + 1}"
                raise ConfigurationError([Problem(where=where, received=reason, expected=expected)])
    finally:
        loader.dispose()


class _Reader:
    """Walks a document and collects the lines of its values and the keys that are written twice."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[yaml.Node] = []
        self._seen: set[int] = set()
        self._repeated = 0
        self.lines: dict[Location, int] = {}
        self.problems: list[tuple[Location, Problem]] = []

    def value(self, node: yaml.Node, location: Location) -> object:
        """Return the plain value of `node`.

        Raises:
            yaml.MarkedYAMLError: a tag that asks for more than plain values, or an alias inside itself.
            ConfigurationError: aliases and merge keys repeat too much.
        """
        if id(node) in self._seen:
            self._repeat(location)
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return scalar(node)
        self._enter(node)
        self.lines.setdefault(location, node.start_mark.line + 1)
        value: object
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node, location)
        else:
            value = [self.value(item, (*location, index)) for index, item in enumerate(node.value)]
        self._open.pop()
        return value

    def _repeat(self, location: Location) -> None:
        """Count a value that an alias or a merge key repeats.

        Raises:
            ConfigurationError: it is one too many.
        """
        self._repeated += 1
        if self._repeated > MOST_REPEATED:
            while location and location not in self.lines:
                location = location[:-1]
            where = _where(self._name, self.lines.get(location, 1), location)
            expected = f"at most {MOST_REPEATED} repeated values in the file"
            received = "more repeated values, by aliases and merge keys"
            raise ConfigurationError([Problem(where=where, received=received, expected=expected)])

    def _enter(self, node: yaml.Node) -> None:
        """Add `node` to those that the walk is inside of.

        Raises:
            yaml.MarkedYAMLError: its tag asks for more than plain values, or it is inside itself.
        """
        if node.tag not in _PLAIN_TAGS:
            raise refused(f"the tag {shortened(node.tag)}", node)
        if node in self._open or len(self._open) > MOST_LEVELS:
            raise refused(
                "an alias inside itself" if node in self._open else "nesting that is too deep", node
            )
        self._open.append(node)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key, (key_node, value_node) in self._entries(node, location).items():
            place = (*location, key)
            self.lines[place] = key_node.start_mark.line + 1
            mapping[key] = self.value(value_node, place)
        return mapping

    def _entries(self, node: yaml.MappingNode, location: Location) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Return key and value of `node` by the key's text: its own, then those that its merge key `<<` brings.

        A mapping's own key comes before a merged one, and an earlier merged mapping before a later one
        (https://yaml.org/type/merge.html). A key that one mapping writes twice is a problem.

        Raises:
            yaml.MarkedYAMLError: a key that is no plain value, a merge of something other than mappings.
            ConfigurationError: aliases and merge keys repeat too much.
        """
        entries: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merges: list[yaml.Node] = []
        merge_line = 0
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise refused("a key that is no text", key_node)
            line, key = key_node.start_mark.line + 1, str(key_node.value)
            if key_node.tag == f"{TAG}merge" and key == "<<":
                if merges or merge_line:
                    self._twice(key, line, merge_line, location)
                    continue
                merge_line = line
                merges = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            elif key in entries:
                self._twice(key, line, entries[key][0].start_mark.line + 1, location)
            else:
                if key_node.tag != f"{TAG}str":
                    expected = "text as a key, in quotes where it would be a number, a truth value or nothing"
                    where = _where(self._name, line, (*location, key))
                    problem = Problem(where=where, received=key, expected=expected)
                    self.problems.append(((*location, key), problem))
                entries[key] = (key_node, value_node)
        for merged in merges:
            if not isinstance(merged, yaml.MappingNode):
                raise refused("a merge of something other than mappings", merged)
            self._enter(merged)
            self._repeat(location)
            for key, entry in self._entries(merged, location).items():
                self._repeat(location)
                entries.setdefault(key, entry)
            self._open.pop()
        return entries

    def _twice(self, key: str, line: int, first: int, location: Location) -> None:
        place = (*location, key)
        expected = f"the key once (it is on line {first} already)"
        problem = Problem(where=_where(self._name, line, place), received=key, expected=expected)
        self.problems.append((place, problem))
