"""Build the site of the documentation into `build/site/`.

    python -m tools.site

Exit code 2 where MkDocs is not installed (`make setup-docs`), 1 where a link leads nowhere or a page would load
something from another host.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from config.machine import refused
from progress.showing import working
from tools.site.environment import HOME, ROOT
from tools.site.outside import loaded_from_elsewhere
from tools.site.sources import stage

PYTHON: Final = HOME / "environment" / "bin" / "python"
SOURCES: Final = ROOT / "build" / "site-sources"
SITE: Final = ROOT / "build" / "site"
EXIT_FOUND, EXIT_MISSING = 1, 2


def main() -> int:
    """Build the site and look at it; return the exit code."""
    if not PYTHON.is_file():
        print(
            "docs: received no MkDocs in build/docs, expected what `make setup-docs` installs",
            file=sys.stderr,
        )
        return EXIT_MISSING
    try:
        stage(ROOT, SOURCES, assets=(HOME / "mermaid.min.js", Path(__file__).with_name("site.css")))
    except OSError as error:
        print(f"docs: {refused(error)}", file=sys.stderr)
        return EXIT_MISSING
    # Material announces its successor in every build otherwise (ADR 30 says when we follow).
    with working("building the site"):
        built = subprocess.run(
            [str(PYTHON), "-m", "mkdocs", "--quiet", "build", "--strict", "--clean"],
            cwd=ROOT,
            env={"NO_MKDOCS_2_WARNING": "1", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            check=False,
        )
    if built.returncode:
        return EXIT_FOUND
    found = list(loaded_from_elsewhere(SITE))
    for line in found:
        print(line, file=sys.stderr)
    if found:
        return EXIT_FOUND
    pages = sum(1 for _ in SITE.rglob("*.html"))
    print(
        f"{SITE.relative_to(ROOT)}: {pages} pages; read them: python3 -m http.server --directory build/site 8000"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
