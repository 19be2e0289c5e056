"""The sources of a small function, in folders of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bundling import function_package
from bundling.function_package import package

FILES = {
    "sources/f/handler.py": "def handler(event, context): ...\n",
    "sources/f/__pycache__/handler.cpython-311.pyc": "bytecode",
    "sources/runtime/shared.py": "",
    "sources/another/handler.py": "",
    "vendored/f/dependency/__init__.py": "",
    "vendored/f/dependency/data.json": "{}",
    "vendored/f/dependency/stub.pyi": "",
    "vendored/f/dependency-1.0.dist-info/RECORD": "installed here",
    "vendored/f/dependency-1.0.dist-info/METADATA": "Name: dependency",
    "vendored/f/bin/tool": "#!somewhere/python",
}


def write_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the function `f`, with a vendored dependency, and have it packed from and to folders below `folder`."""
    for name in ("SOURCES", "VENDORED", "PACKAGES"):
        monkeypatch.setattr(function_package, name, folder / name.lower())
    for file, text in FILES.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    package.cache_clear()
