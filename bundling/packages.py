"""The packages of all functions."""

from __future__ import annotations

from bundling.function_package import OWN_SOURCES, SOURCES, FunctionPackage, PackageError, package


def packages() -> dict[str, FunctionPackage]:
    """Return the package of each function by its name, but of those that cannot be packed.

    Only the stack that needs such a function is wrong, and says so when it is synthesized.
    """
    found = {}
    for name in sorted(
        path.parent.name for root in (SOURCES, OWN_SOURCES) for path in root.glob("*/handler.py")
    ):
        try:
            found[name] = package(name)
        except PackageError:
            continue
    return found
