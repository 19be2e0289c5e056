"""Digests of everything that a stack is made from: equal digests, equal bytes.

A stack is a function of its plan and of the program that turns plans into stacks. Neither is listed by hand: the plan
is encoded field by field, by reflection, and the program is every file of every package that the imports lead to, with
what is installed beside them.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path, PurePath
from typing import Any, Final

from pydantic import BaseModel

FILES: Final = ("main.py", "Pipfile.lock", "package-lock.json")
"""Files that count by themselves: what is in no package, and what is to be installed."""
OF_CDKTF: Final = re.compile(r"CDKTF_(?!OUTDIR$)\w+|SYNTH_HCL_OUTPUT|TERRAFORM_BINARY_NAME")
"""Variables that cdktf 0.21 reads from the environment (`process.env` in its JavaScript), less the output folder."""

_IMPORT: Final = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
_NAME: Final = re.compile(r"(?:^|,)\s*(\w+)")
_LEFT_OUT: Final = "__pycache__"


def digest(*parts: object) -> str:
    """Return the SHA-256 of `parts`, 64 hexadecimal digits.

    Raises:
        TypeError: a part holds a value of a type that `encoded` does not know.
    """
    text = json.dumps([encoded(part) for part in parts], separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def encoded(value: object) -> Any:  # noqa: ANN401 (any JSON)
    """Return `value` as JSON that no other value is encoded as: types are named, the order of mappings counts.

    Raises:
        TypeError: a value of another type than plans are made of. It is not guessed at: two different values that
            look alike would share a digest.
    """
    if value is None or type(value) in {bool, str, int, float}:
        return value
    return [f"{type(value).__module__}.{type(value).__qualname__}", _content(value)]


def _content(value: object) -> object:
    content: object
    if is_dataclass(value):
        content = [[field.name, encoded(getattr(value, field.name))] for field in fields(value)]
    elif isinstance(value, BaseModel):
        content = [[field, encoded(getattr(value, field))] for field in type(value).model_fields]
    elif isinstance(value, Mapping):
        content = [[encoded(key), encoded(item)] for key, item in value.items()]
    elif isinstance(value, tuple | list):
        content = [encoded(item) for item in value]
    elif isinstance(value, set | frozenset):
        content = sorted((encoded(item) for item in value), key=json.dumps)
    elif isinstance(value, Enum):
        content = value.name
    elif isinstance(value, str | date | Decimal | PurePath | IPv4Address | IPv4Network):
        content = str(value)
    else:
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        raise TypeError(f"received a {name}, expected a value that a plan is made of")
    return content


def program(root: Path, modules: Collection[str], variables: Mapping[str, str]) -> str:
    """Return the digest of all that makes stacks out of plans, but for the functions' packages.

    Args:
        root: of the repository.
        modules: names of the packages in `root` that plans are handed to.
        variables: of the environment; those that cdktf reads count.
    """
    read = {name: value for name, value in sorted(variables.items()) if OF_CDKTF.fullmatch(name)}
    sources = {path.relative_to(root).as_posix(): _sha256(path) for path in files(root, modules)}
    alone = {name: _sha256(root / name) for name in FILES if (root / name).is_file()}
    return digest(sys.version, sources, alone, installed(sys.path), read)


def files(root: Path, modules: Collection[str]) -> list[Path]:
    """Return the files of `modules`, and every file of every package in `root` that they lead to by imports.

    An import counts wherever it stands, and a package counts as a whole, with its files that are no Python.
    """
    found: dict[str, list[Path]] = {}
    wanted = set(modules)
    while wanted:
        name = wanted.pop()
        found[name] = sorted(_files(root, name))
        for path in found[name]:
            if path.suffix == ".py":
                wanted |= _imported(path) - found.keys()
    return sorted({path for paths in found.values() for path in paths})


def _files(root: Path, name: str) -> Iterator[Path]:
    """Return the files of the package or module `name`; none where it is not in `root`."""
    if (root / f"{name}.py").is_file():
        yield root / f"{name}.py"
    for path in (root / name).rglob("*"):
        if _LEFT_OUT not in path.relative_to(root).parts and path.is_file():
            yield path


def _imported(path: Path) -> set[str]:
    """Return the first names of what a module imports from elsewhere."""
    names: set[str] = set()
    for package, several in _IMPORT.findall(path.read_text()):
        names |= {package} if package else set(_NAME.findall(several))
    return names


def installed(path: Sequence[str]) -> dict[str, str]:
    """Return what is installed in the folders of `path`: distributions, with the digest of their installer's record.

    The record lists every file of a distribution with its digest
    (https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file).
    """
    folders = [Path(folder) for folder in dict.fromkeys(path) if Path(folder).is_dir()]
    found: dict[str, str] = {}
    for folder in folders:
        for record in sorted(folder.glob("*.dist-info/RECORD")):
            found.setdefault(record.parent.name, _sha256(record))
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
