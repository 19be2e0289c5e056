"""How the tests load cdktf: without jsii's checks, and never from bytecode of other source."""

from __future__ import annotations

import sys
from pathlib import Path

import cdktf
import pytest
from cdktf_cdktf_provider_aws.vpc import Vpc

import tests.synthesis
from tests.unchecked import UncheckedLoader


@pytest.mark.parametrize("module", [cdktf.__name__, Vpc.__module__])
def test_cdktf_and_its_provider_are_loaded_without_checks(module: str) -> None:
    assert isinstance(sys.modules[module].__loader__, UncheckedLoader)
    assert type(tests.synthesis.__loader__) is not UncheckedLoader


def test_bytecode_is_made_anew_where_the_source_has_changed(tmp_path: Path) -> None:
    source = tmp_path / "changing.py"
    loader = UncheckedLoader("changing", str(source))

    def value() -> object:
        names: dict[str, object] = {}
        code = loader.get_code("changing")
        assert code is not None
        exec(code, names)
        return names["value"]

    source.write_text("assert False\nvalue = 1\n")
    assert value() == 1
    (compiled,) = (tmp_path / "__pycache__").iterdir()
    assert ".opt-1." in compiled.name
    written = compiled.stat().st_mtime_ns
    assert value() == 1
    assert compiled.stat().st_mtime_ns == written, "it is not compiled again"
    source.write_text("assert False\nvalue = 22\n")
    assert value() == 22
