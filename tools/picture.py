"""Takes the pictures that the README shows: of the fleet's page, and of what `make diff` prints."""

from __future__ import annotations

import argparse
import html
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from progress.showing import working
from tools.browser import Browser, BrowserError, NoBrowserError

PAGE: Final = Path("build/fleet.html")
DOCUMENT: Final = Path("docs/fleet.md")
COMMAND: Final = "make diff BASE=main"
FOLDER: Final = Path("docs/images")
WIDTH, HEIGHT = 1_100, 760
LINE_HEIGHT, PADDING = 22, 20
"""Pixels of a terminal."""
EXIT_BAD_INPUT: Final = 2


class PictureError(ValueError):
    """There is nothing to take a picture of."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.picture", description=__doc__)
    parser.add_argument("--page", type=Path, default=PAGE, help=f"an HTML file ({PAGE})")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help=f"holds the output ({DOCUMENT})")
    parser.add_argument("--output", type=Path, default=FOLDER, help=f"a folder ({FOLDER})")
    options = parser.parse_args(arguments)
    if not options.page.is_file():
        return _refuse(f"{options.page}: received no such file, expected a page; run `make page`")
    try:
        shown = printed(options.document.read_text(), COMMAND)
        with working("taking pictures"):
            taken = {"fleet-page.png": picture(options.page), "fleet-diff.png": of_terminal(shown)}
        options.output.mkdir(parents=True, exist_ok=True)
        for name, content in taken.items():
            (options.output / name).write_bytes(content)
            print(f"{options.output / name}: {len(content):,} bytes")
    except (BrowserError, NoBrowserError, PictureError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: received {error.strerror}, expected a file to read or write")
    return 0


def printed(document: str, command: str) -> str:
    """Return the block of Markdown `document` in which `command` is typed, with what it printed.

    Raises:
        PictureError: there is none.
    """
    blocks: list[str] = re.findall(r"^```text\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    for block in blocks:
        if block.startswith(f"$ {command}\n"):
            return block.rstrip("\n")
    raise PictureError(f"received no block that begins with '$ {command}', expected what it prints")


def of_terminal(text: str) -> bytes:
    """Return the picture of a terminal that shows `text`, as PNG.

    Raises:
        BrowserError: the browser did not show it.
        NoBrowserError: there is none.
    """
    style = (
        f"margin:0;padding:{PADDING}px;background:#1b1f27;color:#e6e8ec;"
        f"font:14px/{LINE_HEIGHT}px 'DejaVu Sans Mono',monospace;white-space:pre-wrap"
    )
    # Nothing but the program's own text, and escaped.
    page = f'<!doctype html><meta charset=utf-8><body style="{style}">{html.escape(text)}</body>'
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(page)
        file.flush()
        return picture(Path(file.name), height=2 * PADDING + LINE_HEIGHT * len(text.splitlines()))


def picture(page: Path, height: int = HEIGHT) -> bytes:
    """Return what a light screen of `WIDTH` times `height` pixels shows of `page`, as PNG.

    Raises:
        BrowserError: the browser did not show it.
        NoBrowserError: there is none.
    """
    with Browser() as browser, browser.page() as opened:
        opened.resize(WIDTH, height)
        opened.prefer("light")
        opened.open(page.resolve().as_uri())
        return opened.screenshot()


def _refuse(message: str) -> int:
    print(f"picture: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
