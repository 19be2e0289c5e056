"""What the documentation's site is built from, and what its pages may load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.site import environment, hooks
from tools.site.outside import loaded_from_elsewhere
from tools.site.sources import pages, stage


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in {
        "README.md": "[the fleet](docs/fleet.md#roll-out), [a module](fleet/page.py)\n",
        "docs/fleet.md": "[why](../fleet/page.py), [home](../README.md), [out](https://example.com)\n"
        "```text\n[not a link](nowhere.py)\n```\n",
        "docs/images/page.png": "a picture",
        "fleet/page.py": "",
    }.items():
        path = tmp_path / "repository" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "repository"


def test_pages_keep_their_paths_and_their_links_to_pages(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("td {}")
    stage(repository, tmp_path / "out", assets=[tmp_path / "site.css"])
    written = {
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert written == {"README.md", "docs/fleet.md", "docs/images/page.png", "assets/site.css"}
    assert (tmp_path / "out" / "README.md").read_text() == (
        "[the fleet](docs/fleet.md#roll-out), a module (`fleet/page.py`)\n"
    )
    assert (tmp_path / "out" / "docs" / "fleet.md").read_text() == (
        "why (`fleet/page.py`), [home](../README.md), [out](https://example.com)\n"
        "```text\n[not a link](nowhere.py)\n```\n"
    )


def test_what_was_staged_before_goes(repository: Path, tmp_path: Path) -> None:
    stage(repository, tmp_path / "out")
    (repository / "docs" / "fleet.md").unlink()
    stage(repository, tmp_path / "out")
    assert pages(tmp_path / "out") == ["README.md"]


def test_what_comes_from_another_host_is_found_and_a_link_is_not(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '<a href="https://example.com"></a><link rel="canonical" href="https://example.com/page">'
        '<script src="https://unpkg.com/x.js"></script><img src="picture.png">'
        '<link rel="stylesheet" href="//fonts.example.com/a.css">'
    )
    assert list(loaded_from_elsewhere(tmp_path)) == [
        f"{tmp_path}/page.html: received <script> https://unpkg.com/x.js, expected nothing from another host",
        f"{tmp_path}/page.html: received <link> //fonts.example.com/a.css, expected nothing from another host",
    ]


def test_decisions_are_added_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("0010-b.md", "0002-a.md", "template.md"):
        path = tmp_path / "docs" / "decisions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    config = {"docs_dir": str(tmp_path), "nav": [{"Home": "README.md"}, {"Decisions": ["index.md"]}]}
    assert hooks.on_config(config)["nav"][1] == {
        "Decisions": ["index.md", "docs/decisions/0002-a.md", "docs/decisions/0010-b.md"]
    }


def test_the_search_makes_more_of_answers_than_of_decisions() -> None:
    pages = {
        uri: SimpleNamespace(file=SimpleNamespace(src_uri=uri), meta={})
        for uri in ("docs/questions/access.md", "docs/fleet.md", "docs/decisions/0001-a.md")
    }
    for page in pages.values():
        assert hooks.on_page_markdown("text", page=page, config={}, files=[]) == "text"
    assert [page.meta.get("search", {"boost": 1})["boost"] for page in pages.values()] == [2, 1, 0.5]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 1", "npm pack mermaid@11.16.0: ended with 1: nothing"),
        (
            "echo 'npm error code ENOTFOUND' >&2; exit 1",
            "npm pack mermaid@11.16.0: ended with 1: npm error code ENOTFOUND",
        ),
        (
            'cd "${4#*=}"; mkdir -p package/dist; echo other > package/dist/mermaid.min.js; tar czf m.tgz package',
            "mermaid@11.16.0 package/dist/mermaid.min.js: received SHA-256 "
            "7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87, expected "
            f"{environment.MERMAID_SHA256}",
        ),
    ],
)
def test_without_the_script_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(environment.InstallationError) as error:
        environment.install(tmp_path / "home")
    assert str(error.value) == message
    assert not (tmp_path / "home").exists()


def test_a_machine_without_npm_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        environment.InstallationError, match=r"^npm: received no such command, expected it on PATH$"
    ):
        environment.install(tmp_path / "home")


def test_without_mkdocs_the_build_says_what_to_run(tmp_path: Path) -> None:
    script = (
        "import tools.site.__main__ as build, pathlib; build.PYTHON = pathlib.Path('nowhere'); "
        "raise SystemExit(build.main())"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        2,
        "",
        "docs: received no MkDocs in build/docs, expected what `make setup-docs` installs\n",
    )
