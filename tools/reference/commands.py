"""The page of the commands: make targets from the Makefile, the modules' arguments from their parsers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Final

from tools.reference.markdown import page, table
from tools.reference.parsers import parser_of, subparsers

MODULES: Final = (
    "fleet",
    "isolation",
    "preflight",
    "deployer",
    "restoration",
    "rotation",
    "emulator.demo",
    "tools.scan",
    "tools.compare",
    "tools.demo_fleet",
    "tools.picture",
    "tools.fuzz",
    "tools.mutate",
    "tools.bench",
)
"""Modules that people run with arguments."""
TARGET: Final = re.compile(r"^([a-z-]+):.*## (.+)$", re.MULTILINE)


def commands_page(makefile: str) -> str:
    """Return the page of what `makefile` and the modules offer."""
    targets = [(f"`make {name}`", text) for name, text in sorted(TARGET.findall(makefile))]
    return page(
        "Commands",
        "Run everything from the repository's root. Exit codes: 0 where nothing is amiss, 1 where a command found "
        "something, 2 where its input cannot be used, 130 after an interruption.",
        "## make",
        table(("target", "what it does"), targets),
        *(part for module in MODULES for part in _module(module)),
    )


def _module(module: str) -> Iterator[str]:
    parser = parser_of(module)
    assert parser is not None  # noqa: S101 - what is listed above takes arguments, as the test of this page runs
    yield f"## python -m {module}"
    yield from _parser(f"python -m {module}", parser)
    for name, command in subparsers(parser).items():
        yield f"### python -m {module} {name}"
        yield from _parser(f"python -m {module} {name}", command)


def _parser(command: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    if parser.description:
        yield _text(parser.description)
    actions = [action for action in _arguments(parser) if not isinstance(action, argparse._HelpAction)]  # noqa: SLF001
    yield f"`{' '.join([command, *map(_synopsis, actions)])}`"
    told = [(f"`{_named(action)}`", _help(parser, action)) for action in actions if action.help]
    if told:
        yield table(("argument", "meaning"), told)
    if parser.epilog:
        yield _text(parser.epilog)


def _arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return options first, then positions, as a command line has them."""
    actions = [action for action in parser._actions if action.help is not argparse.SUPPRESS]  # noqa: SLF001
    return sorted(actions, key=lambda action: not action.option_strings)


def _text(text: str) -> str:
    """Return a module's docstring as prose: its indented examples as code, without what reStructuredText adds."""
    lines = [
        f"```text\n{line.strip()}\n```" if line.startswith("    ") else line for line in text.splitlines()
    ]
    return "\n".join(lines).strip().replace("```\n```text\n", "")


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices is not None and not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
        return "{" + ",".join(map(str, action.choices)) + "}"
    return action.dest.upper()


def _named(action: argparse.Action) -> str:
    return " ".join(filter(None, [", ".join(action.option_strings), _value(action)]))


def _synopsis(action: argparse.Action) -> str:
    if action.option_strings:
        text = " ".join(filter(None, [action.option_strings[0], _value(action)]))
        return text if action.required else f"[{text}]"
    optional = action.nargs in ("?", "*")
    return f"[{_value(action)}{' ...' if action.nargs == '*' else ''}]" if optional else _value(action)


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    return parser._get_formatter()._expand_help(action)  # noqa: SLF001
