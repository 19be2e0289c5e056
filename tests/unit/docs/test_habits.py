"""The files that tell a newcomer, an editor or a code host how the repository is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()


def test_the_license_is_the_same_everywhere() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c) 2026 The tenant platform")
    assert json.loads((ROOT / "package.json").read_text())["license"] == "MIT"
    assert json.loads((ROOT / "package-lock.json").read_text())["packages"][""]["license"] == "MIT"


def test_hooks_download_nothing() -> None:
    assert [repository["repo"] for repository in HOOKS["repos"]] == ["local"]
    assert {hook["language"] for hook in HOOKS["repos"][0]["hooks"]} == {"system"}


def test_hooks_run_what_the_lint_runs() -> None:
    for hook in HOOKS["repos"][0]["hooks"]:
        command = hook["entry"].removesuffix(" --force-exclude").replace(".venv/bin/", "$(BIN)/")
        assert command in MAKEFILE, hook["id"]


def test_every_owned_path_exists() -> None:
    owned = re.findall(r"^(/\S+)", (ROOT / "CODEOWNERS").read_text(), re.MULTILINE)
    assert owned
    for path in owned:
        assert (ROOT / path.lstrip("/")).exists(), path


def test_every_target_of_the_makefile_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
        assert named <= targets, document.name
