"""Say in one line each what a command needs and this machine lacks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from terraform.binary import find_installation
from terraform.errors import TerraformError
from tools.browser import NoBrowserError, find_browser

EXIT_MISSING = 2
NEEDS: Final[Sequence[Callable[[], object]]] = (find_installation, find_browser)
"""What the tests need: a usable Terraform or OpenTofu, and a Chromium."""


def main(needs: Sequence[Callable[[], object]] = NEEDS) -> int:
    """Return 0 where everything is on PATH that `needs` find, else print what is missing and return 2."""
    missing = False
    for find in needs:
        try:
            find()
        except (NoBrowserError, TerraformError) as error:
            missing = True
            print(error, file=sys.stderr)
    return EXIT_MISSING if missing else 0


if __name__ == "__main__":
    sys.exit(main())
