"""What tests of comparisons share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet.documents import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Where the files of two syntheses are written."""
    return Folder(tmp_path)
