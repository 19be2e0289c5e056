"""Packages in folders of stacks: one file on disk where the file system has links, the same bytes where it has none."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundling import function_package
from bundling.function_package import FunctionPackage, PackageError, package
from bundling.placing import Placer
from tests.unit.bundling.sources import write_sources


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionPackage]:
    write_sources(tmp_path, monkeypatch)
    yield package("f")
    package.cache_clear()


def blocks(*files: Path) -> int:
    """Blocks of 512 bytes that `files` take on disk: those of one file count once, whatever its names."""
    found = {(file.stat().st_dev, file.stat().st_ino): file.stat().st_blocks for file in files}
    return sum(found.values())


def targets(folder: Path, packed: FunctionPackage) -> list[Path]:
    return [folder / stack / "assets" / packed.sha256 / packed.path.name for stack in "abc"]


def placed(packed: FunctionPackage, folder: Path) -> list[Path]:
    placer, files = Placer(), targets(folder, packed)
    for file in files:
        placer.place(packed, file)
    assert {file.read_bytes() for file in files} == {packed.path.read_bytes()}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o444}
    return files


def test_many_stacks_have_one_file_that_can_only_be_read(packed: FunctionPackage, tmp_path: Path) -> None:
    files = placed(packed, tmp_path / "out")
    assert {file.stat().st_ino for file in files} == {packed.path.stat().st_ino}
    assert blocks(packed.path, *files) == packed.path.stat().st_blocks


def test_where_there_are_no_links_each_stack_has_a_copy(
    packed: FunctionPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), source, None, target)

    monkeypatch.setattr(os, "link", link)
    files = placed(packed, tmp_path / "out")
    assert len({file.stat().st_ino for file in (packed.path, *files)}) == 4


def test_on_another_device_there_is_one_copy(
    packed: FunctionPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, out = os.link, tmp_path / "out"

    def link(source: Path, target: Path) -> None:
        if source.is_relative_to(out) != target.is_relative_to(out):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), source, None, target)
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    files = placed(packed, out)
    (inode,) = {file.stat().st_ino for file in files}
    assert inode != packed.path.stat().st_ino


def test_what_was_there_is_replaced_and_its_other_names_keep_their_bytes(
    packed: FunctionPackage, tmp_path: Path
) -> None:
    target, other = targets(tmp_path / "out", packed)[0], tmp_path / "other.zip"
    target.parent.mkdir(parents=True)
    target.write_text("edited")
    os.link(target, other)
    Placer().place(packed, target)
    assert target.read_bytes() == packed.path.read_bytes()
    assert other.read_text() == "edited"


def test_the_package_of_another_digest_is_removed_and_nothing_else(
    packed: FunctionPackage, tmp_path: Path
) -> None:
    target = targets(tmp_path / "out", packed)[0]
    old, kept = target.parents[1] / "old" / "f.zip", target.parents[2] / "kept"
    for file in (old, kept):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    Placer().place(packed, target)
    assert not old.parent.exists()
    assert kept.exists()
    beside = tmp_path / "packages" / "another.zip"
    beside.touch()
    Placer().place(packed, tmp_path / "packages" / f"{packed.sha256}.zip")
    assert beside.exists()


def test_a_file_that_cannot_be_written_is_refused_in_one_line(
    packed: FunctionPackage, tmp_path: Path
) -> None:
    (tmp_path / "out" / "f.zip").mkdir(parents=True)
    target = tmp_path / "out" / "f.zip"
    with pytest.raises(PackageError) as raised:
        Placer().place(packed, target)
    assert str(raised.value) == f"{target}: received Is a directory, expected a file that can be written"


def test_packing_the_same_sources_again_keeps_the_file_that_stacks_are_linked_to(
    packed: FunctionPackage, tmp_path: Path
) -> None:
    inode = packed.path.stat().st_ino
    package.cache_clear()
    again = package("f")
    assert again == packed
    assert again.path.stat().st_ino == inode
    assert [path.name for path in function_package.PACKAGES.iterdir()] == [packed.sha256]


def test_another_source_is_another_file_and_links_keep_what_they_had(
    packed: FunctionPackage, tmp_path: Path
) -> None:
    files, before = placed(packed, tmp_path / "out"), packed.path.read_bytes()
    (function_package.SOURCES / "f" / "handler.py").write_text("# changed\n")
    package.cache_clear()
    assert package("f").path != packed.path
    assert {file.read_bytes() for file in files} == {before}


def test_a_package_that_somebody_edited_is_written_anew(packed: FunctionPackage) -> None:
    good = packed.path.read_bytes()
    packed.path.chmod(0o644)
    packed.path.write_bytes(b"edited in place")
    package.cache_clear()
    assert package("f").path.read_bytes() == good
    assert stat.S_IMODE(packed.path.stat().st_mode) == 0o444


def test_without_links_packing_works_too(packed: FunctionPackage, monkeypatch: pytest.MonkeyPatch) -> None:
    good = packed.path.read_bytes()

    def link(source: Path, target: Path) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), source, None, target)

    monkeypatch.setattr(os, "link", link)
    package.cache_clear()
    assert package("f").path.read_bytes() == good
