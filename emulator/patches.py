"""A folder of changes to the emulator, one module each, that are chosen by name: `emulator.shims`, `emulator.refusals`.

Each module has an `apply` function that wraps or adds handlers of MiniStack, in MiniStack's own process, before it
starts to serve.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class PatchError(Exception):
    """The emulator no longer has what a module wraps, or there is no module of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """The modules of one package.

    Attributes:
        package: its name.
        path: where its modules are.
        what: they are, in messages: `shims`.
        optional: names that are applied only where they are asked for.
    """

    package: str
    path: Sequence[str]
    what: str
    optional: frozenset[str] = frozenset()

    def names(self) -> tuple[str, ...]:
        """All of them, in the order in which they are applied."""
        modules = (module.name for module in pkgutil.iter_modules(self.path))
        return tuple(sorted(name for name in modules if not name.startswith("_")))

    def select(self, wanted: Iterable[str] | None) -> tuple[str, ...]:
        """The wanted ones in their order; for None all that are not optional.

        Raises:
            PatchError: one of them does not exist.
        """
        if wanted is None:
            return tuple(name for name in self.names() if name not in self.optional)
        chosen = set(wanted)
        if unknown := chosen - set(self.names()):
            raise PatchError(f"unknown {self.what} {sorted(unknown)}; there are {list(self.names())}")
        return tuple(name for name in self.names() if name in chosen)

    def apply(self, wanted: Iterable[str]) -> None:
        """Apply the wanted ones to this process's MiniStack.

        Raises:
            PatchError: one of them does not exist, or MiniStack no longer has what it wraps.
        """
        for name in self.select(wanted):
            importlib.import_module(f"{self.package}.{name}").apply()
