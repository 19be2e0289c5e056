"""The parser of a command's arguments, without running the command."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping
from functools import cache
from unittest.mock import patch


class _Found(BaseException):
    """Ends a command where it would read its arguments. Not an `Exception`: no command may catch it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__()
        self.parser = parser


@cache
def parser_of(module: str) -> argparse.ArgumentParser | None:
    """Return the parser of `python -m module`; `None` where it takes no arguments.

    Args:
        module: as it is named on the command line: a package with a `__main__`, or a module with a `main`.

    Raises:
        ModuleNotFoundError: there is none of that name.
    """
    try:
        loaded = importlib.import_module(f"{module}.__main__")
    except ModuleNotFoundError:
        loaded = importlib.import_module(module)
    if not hasattr(loaded, "argparse"):
        return None

    def found(self: argparse.ArgumentParser, *_: object, **__: object) -> None:
        raise _Found(self)

    with patch.object(argparse.ArgumentParser, "parse_args", found):
        try:
            loaded.main()
        except _Found as stopped:
            return stopped.parser
    raise AssertionError(f"python -m {module} reads no arguments")


def subparsers(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """Return the parsers of the commands of `parser`, by their names; none where it has no commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to look at a parser
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return {}
