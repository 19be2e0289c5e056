"""The classes of your own stacks, by the name that their plans have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stacks.base import ExtensionStack

STACKS: Final[Mapping[str, ExtensionStack]] = {}
