"""Loads cdktf and its provider as `python -O` does, without jsii's checks of argument types: half the time of a test.

`main.py` leaves the checks out in the same way; mypy makes them, for tests too. Our own code keeps its assertions.
"""

from __future__ import annotations

import py_compile
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader, SourcelessFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

PACKAGES: Final = ("cdktf", "cdktf_cdktf_provider_aws")


class UncheckedLoader(SourceFileLoader):
    """Runs a module's optimized bytecode, which is kept where `python -O` keeps it."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module, compiled unless that was done before."""
        source = Path(self.get_filename(fullname))
        compiled = Path(cache_from_source(str(source), optimization=1))
        if not _is_of(compiled, source):
            py_compile.compile(str(source), optimize=1, doraise=True)
        return SourcelessFileLoader(fullname, str(compiled)).get_code(fullname)


class UncheckedFinder(MetaPathFinder):
    """Finds the modules of `PACKAGES`, and no others."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module's own spec with `UncheckedLoader`, or `None` for another's."""
        if fullname.split(".", 1)[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = UncheckedLoader(spec.loader.name, spec.loader.path)
        return spec


def _is_of(compiled: Path, source: Path) -> bool:
    """Whether `compiled` was made of `source` as it is: its header has the source's time in seconds, and its size.

    https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation
    """
    try:
        header = compiled.read_bytes()[:16]
    except FileNotFoundError:
        return False
    state = source.stat()
    flags, seconds, size = (int.from_bytes(header[start : start + 4], "little") for start in (4, 8, 12))
    return (flags, seconds, size) == (0, int(state.st_mtime) & 0xFFFFFFFF, state.st_size & 0xFFFFFFFF)


if not any(isinstance(finder, UncheckedFinder) for finder in sys.meta_path):
    sys.meta_path.insert(0, UncheckedFinder())
