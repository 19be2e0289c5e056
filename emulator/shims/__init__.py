"""Where the emulator differs from AWS, one file per gap: `emulator/README.md` lists them.

A shim is a module with an `apply` function that wraps or adds handlers of MiniStack, in MiniStack's own
process, before it starts to serve. Remove it when its test says that the emulator has caught up.
"""

import importlib
import pkgutil
from collections.abc import Iterable

from emulator.shims._patching import ShimError

__all__ = ["ShimError", "apply", "names", "select"]


def names() -> tuple[str, ...]:
    """All shims, in the order in which they are applied."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def select(wanted: Iterable[str] | None) -> tuple[str, ...]:
    """The wanted shims in their order; all of them for None."""
    if wanted is None:
        return names()
    chosen = set(wanted)
    if unknown := chosen - set(names()):
        raise ShimError(f"unknown shims {sorted(unknown)}; there are {list(names())}")
    return tuple(name for name in names() if name in chosen)


def apply(wanted: Iterable[str]) -> None:
    """Apply the wanted shims to this process' MiniStack."""
    for name in select(wanted):
        importlib.import_module(f"{__name__}.{name}").apply()
