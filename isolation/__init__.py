"""Proves from the synthesized Terraform JSON that no tenant reaches another. See docs/isolation.md.

Two functions are for users' own tests: `prove` analyses all stacks, `can` decides one request.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isolation.api import InputError, Report, Waiver, can, prove

__all__ = ["InputError", "Report", "Waiver", "can", "prove"]


def __getattr__(name: str) -> object:
    """Load what is for users where it is asked for: an import of a part of the prover loads that part alone."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("isolation.api"), name)
