"""Say in one line what a command needs and this machine lacks."""

from __future__ import annotations

import sys

from terraform.binary import find_installation
from terraform.errors import TerraformError

EXIT_MISSING = 2


def main() -> int:
    """Return 0 where a usable Terraform or OpenTofu is on PATH, else print what is missing and return 2."""
    try:
        find_installation()
    except TerraformError as error:
        print(error, file=sys.stderr)
        return EXIT_MISSING
    return 0


if __name__ == "__main__":
    sys.exit(main())
