"""Replaces the registry's file as a whole by an edited one, which was read back and validated before.

Two at once never overwrite each other: each waits for the other, and reads what it wrote.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.loading import load
from config.problems import ConfigurationError, Problem
from config.registry.loading import load_registry
from config.registry.models import Registry
from fleet.output import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edited registry.

    Attributes:
        text: of the file.
        expected: makes what it says; called once the text was read, and is valid.
        line: at which it was edited, from 1.
    """

    text: str
    expected: Callable[[], Registry]
    line: int


def edit(
    environment: Mapping[str, str], change: Callable[[Registry, str, str], Edit], *, root: Path
) -> tuple[str, int]:
    """Replace the registry by what `change` makes of it, and return its name and the line that was edited.

    Args:
        environment: the environment's variables, which say where the registry is and what is valid there.
        change: gets the registry, the text of its file and the name that messages have for it.
        root: folder that a relative path of the registry is relative to.

    Raises:
        ConfigurationError: the environment or the registry cannot be used, before or afterwards, the text says
            something else than expected, or the file cannot be written. The registry is as it was.
    """
    settings, _ = load(environment, root=root)
    name = settings.registry
    # What a link points to is replaced, and not the link.
    file = (root / name).resolve()
    try:
        with _alone(file.parent):
            # Again, now that nobody else writes.
            settings, registry = load(environment, root=root)
            content = file.read_bytes()
            edited = change(registry, content.decode(), name)
            with beside(file, edited.text.encode()) as written:
                shutil.copymode(file, written)
                after = load_registry(written, name=name, profile=settings.profile, region=settings.region)
                if after != edited.expected():
                    raise _problem(name, "tenants in another form", "a file into which lines can be inserted")
                if file.read_bytes() != content:
                    raise _problem(name, "another content than before", "a file that nobody else is changing")
                written.replace(file)
    except OSError as error:
        raise _problem(name, error.strerror, "a file in a folder that can be written to") from None
    return name, edited.line


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process edits in `folder`; its lock is gone with the process, however that ends.

    The folder is locked and not the file, which is another one after each change.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _problem(where: str, received: object, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
