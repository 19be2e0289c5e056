"""Write the pages of the documentation that are made from the code.

    python -m tools.reference

They are `docs/reference/` and the index of `docs/questions/`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from config.machine import EXIT_REFUSED, refused
from tools.reference.commands import commands_page
from tools.reference.fleet_file import fleet_file_page
from tools.reference.questions import questions_page
from tools.reference.registry import registry_page
from tools.reference.settings import settings_page

ROOT: Final = Path(__file__).resolve().parents[2]


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return each page's text by its path in the repository."""
    return {
        "docs/reference/settings.md": settings_page(),
        "docs/reference/registry.md": registry_page(),
        "docs/reference/fleet-file.md": fleet_file_page(),
        "docs/reference/commands.md": commands_page((root / "Makefile").read_text(encoding="utf-8")),
        "docs/questions/README.md": questions_page(root / "docs" / "questions"),
    }


def main() -> int:
    """Write the pages that differ, and return the exit code."""
    try:
        for name, text in pages().items():
            path = ROOT / name
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                print(f"{name}: written")
    except OSError as error:
        print(f"reference: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
