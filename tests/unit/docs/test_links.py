"""Every link between the repository's pages leads to a file that is there, and to a heading that it has."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.site.sources import pages

ROOT = Path(__file__).resolve().parents[3]
PAGES = pages(ROOT)
LINK = re.compile(r"!?\[[^\]]*\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]+))?\)")


def text_of(path: Path) -> str:
    """Without blocks of code, whose brackets are no links."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(path: Path) -> frozenset[str]:
    """As code hosts and MkDocs name a heading."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", heading) for heading in headings]
    return frozenset(re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in plain)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    broken = []
    for target, anchor in LINK.findall(re.sub(r"`[^`\n]*`", "", text_of(ROOT / page))):
        path = (ROOT / page).parent / target if target else ROOT / page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}")
    assert not broken


class Navigation(yaml.SafeLoader):
    """Takes the tags of MkDocs, which name functions, as text."""


Navigation.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)


def named(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    values = entry.values() if isinstance(entry, dict) else entry
    return [page for value in values for page in named(value)]


def test_every_page_is_in_the_navigation_once() -> None:
    """A decision gets there by itself (`tools/site/hooks.py`)."""
    text = (ROOT / "mkdocs.yml").read_text()
    found = named(yaml.load(text, Loader=Navigation)["nav"])
    by_hand = [page for page in PAGES if not re.match(r"docs/decisions/(\d|template)", page)]
    assert sorted(found) == sorted(by_hand)
