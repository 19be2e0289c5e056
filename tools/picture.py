"""Takes the picture of the fleet's page that the README shows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.browser import Browser, BrowserError, NoBrowserError

PAGE: Final = Path("build/fleet.html")
PICTURE: Final = Path("docs/images/fleet-page.png")
WIDTH, HEIGHT = 1_100, 760
EXIT_BAD_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the picture; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.picture", description=__doc__)
    parser.add_argument("--page", type=Path, default=PAGE, help=f"an HTML file ({PAGE})")
    parser.add_argument("--output", type=Path, default=PICTURE, help=f"a PNG file ({PICTURE})")
    options = parser.parse_args(arguments)
    if not options.page.is_file():
        return _refuse(f"{options.page}: received no such file, expected a page; run `make page`")
    try:
        content = picture(options.page)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_bytes(content)
    except (BrowserError, NoBrowserError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{options.output}: received {error.strerror}, expected a file that can be written")
    print(f"{options.output}: {len(content):,} bytes")
    return 0


def picture(page: Path) -> bytes:
    """Return what a light screen of `WIDTH` times `HEIGHT` pixels shows of `page`, as PNG.

    Raises:
        BrowserError: the browser did not show it.
        NoBrowserError: there is none.
    """
    with Browser() as browser, browser.page() as opened:
        opened.resize(WIDTH, HEIGHT)
        opened.prefer("light")
        opened.open(page.resolve().as_uri())
        return opened.screenshot()


def _refuse(message: str) -> int:
    print(f"picture: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
