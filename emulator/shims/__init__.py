"""Where the emulator differs from AWS, one file per gap: `emulator/README.md` lists them.

Remove a shim when its test says that the emulator has caught up.
"""

from emulator.patches import PatchError as ShimError
from emulator.patches import Patches

__all__ = ["ShimError", "apply", "names", "select"]

_PATCHES = Patches(package=__name__, path=__path__, what="shims")
names, select, apply = _PATCHES.names, _PATCHES.select, _PATCHES.apply
