"""A machine that refuses to write, as commands see it: a full disk, a read-only file system."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FULL, READ_ONLY = errno.ENOSPC, errno.EROFS
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def refuse_writes(monkeypatch: pytest.MonkeyPatch, below: Path, number: int) -> None:
    """Have every file and folder that is made or written below `below` refused with the error `number`.

    Permissions would not do: who runs as root, as in many containers, may write everywhere.
    """

    def guarded(call: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
        def guard(path: Any, *arguments: Any, **options: Any) -> Any:
            named = isinstance(path, str | bytes | os.PathLike)
            if (
                named
                and (Path.cwd() / os.fsdecode(path)).is_relative_to(below)
                and writes(*arguments, **options)
            ):
                raise OSError(number, os.strerror(number), os.fsdecode(path))
            return call(path, *arguments, **options)

        return guard

    opened = guarded(io.open, lambda mode="r", *_, **__: bool(set("wax+") & set(mode)))
    monkeypatch.setattr(builtins, "open", opened)
    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr(os, "open", guarded(os.open, lambda flags, *_, **__: bool(flags & WRITING)))
    monkeypatch.setattr(os, "mkdir", guarded(os.mkdir, lambda *_, **__: True))
