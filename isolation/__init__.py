"""Proves from the synthesized Terraform JSON that no tenant reaches another. See docs/isolation.md.

Two functions are for users' own tests: `prove` analyses all stacks, `can` decides one request.
"""

from __future__ import annotations

from isolation.api import InputError, Report, Waiver, can, prove

__all__ = ["InputError", "Report", "Waiver", "can", "prove"]
