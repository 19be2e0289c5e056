"""What the pages of a site would load from another host: nothing is allowed to be."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

LOADING: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "link": "href",
    "source": "src",
    "video": "src",
    "audio": "src",
}
"""The attribute of each element with which a page loads something."""
LINKS_THAT_LOAD_NOTHING: Final = frozenset({"canonical", "next", "prev"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(LOADING.get(tag, "")) or ""
        if address.startswith(("http:", "https:", "//")) and given.get("rel") not in LINKS_THAT_LOAD_NOTHING:
            self.found.append(f"<{tag}> {address}")


def loaded_from_elsewhere(site: Path) -> Iterator[str]:
    """Yield one line for each element of the pages below `site` that loads something from another host."""
    for page in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(page.read_text(encoding="utf-8"))
        for element in reader.found:
            yield f"{page}: received {element}, expected nothing from another host"
