"""MkDocs reads this (`hooks` of mkdocs.yml), in its own environment: what of the navigation comes from the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

DECISIONS: Final = "Decisions"


def on_config(config: Any) -> Any:  # noqa: ANN401 - MkDocs is not in the environment that types are checked in
    """Put the decisions into their section of the navigation, in the order of their numbers."""
    sources = Path(config["docs_dir"])
    (section,) = (entry for entry in config["nav"] if DECISIONS in entry)
    decisions = sorted((sources / "docs" / "decisions").glob("[0-9]*.md"))
    section[DECISIONS] += [path.relative_to(sources).as_posix() for path in decisions]
    return config
