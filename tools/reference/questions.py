"""The index of the questions that operators ask, from the pages that answer them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tools.reference.markdown import page

ORDER: Final = (
    "first-deployment",
    "tenants",
    "access",
    "alarms",
    "restoring",
    "security",
    "erasure",
    "rollouts-and-ci",
    "quotas-and-cost",
    "regions",
    "own-changes",
)
"""The pages, in the order of a platform's life."""
HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)


def questions_page(folder: Path) -> str:
    """Return the index of the pages in `folder`."""
    texts = {name: (folder / f"{name}.md").read_text(encoding="utf-8") for name in ORDER}
    number = sum(len(HEADING.findall(text)) for text in texts.values())
    intro = (
        f"{number} questions that those who operate such a platform ask, each with its answer, or with the one section "
        "that has it. On the site they are found by the search."
    )
    parts = [intro]
    for name, text in texts.items():
        title = text.splitlines()[0].removeprefix("# Questions: ")
        links = [f"- [{question}]({name}.md#{_anchor(question)})" for question in HEADING.findall(text)]
        parts += [f"## {title[0].upper()}{title[1:]}", "\n".join(links)]
    return page("Questions", *parts)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
