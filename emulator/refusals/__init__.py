"""What AWS refuses and the emulator by itself accepts, one file each: `emulator/README.md` lists them.

A shim makes a request work that works on AWS; a refusal makes one fail that fails there.
"""

from emulator.patches import Patches

__all__ = ["OPTIONAL", "apply", "names", "select"]

OPTIONAL = frozenset({"lambda_network_interfaces", "quotas", "role_propagation"})
"""Refusals that are applied only where they are asked for by name."""

_PATCHES = Patches(package=__name__, path=__path__, what="refusals", optional=OPTIONAL)
names, select, apply = _PATCHES.names, _PATCHES.select, _PATCHES.apply
