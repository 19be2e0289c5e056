"""MkDocs reads this (`hooks` of mkdocs.yml), in its own environment: what of the navigation comes from the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

DECISIONS: Final = "Decisions"
BOOST: Final = {"docs/questions/": 2.0, "docs/decisions/": 0.5}
"""How much more, or less, the search makes of the pages in a folder: an answer comes before the reason for it
(https://squidfunk.github.io/mkdocs-material/setup/setting-up-site-search/#search-boosting)."""


def on_config(config: Any) -> Any:  # noqa: ANN401 - MkDocs is not in the environment that types are checked in
    """Put the decisions into their section of the navigation, in the order of their numbers."""
    sources = Path(config["docs_dir"])
    (section,) = (entry for entry in config["nav"] if DECISIONS in entry)
    decisions = sorted((sources / "docs" / "decisions").glob("[0-9]*.md"))
    section[DECISIONS] += [path.relative_to(sources).as_posix() for path in decisions]
    return config


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:  # noqa: ANN401 - the same
    """Tell the search how much to make of `page`; its text stays as it is."""
    for folder, boost in BOOST.items():
        if page.file.src_uri.startswith(folder):
            page.meta["search"] = {"boost": boost}
    return markdown
