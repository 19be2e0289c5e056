"""Every command in the documents can be typed: what it names exists, and takes the arguments that it is given."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from config.settings import VARIABLE_NAMES
from tests.unit.docs.shell import ROOT, Command, documented, split
from tools.reference.parsers import parser_of, subparsers

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
COMMANDS = documented()
CDKTF = {"list", "synth", "diff", "deploy", "destroy", "output"}
TERRAFORM = {"init", "plan", "apply", "import", "force-unlock", "providers"}
SHELL = {
    *(
        "aws",
        "awk",
        "cat",
        "cd",
        "cdktf",
        "curl",
        "docker",
        "echo",
        "exec",
        "export",
        "find",
        "git",
        "make",
        "mkdir",
    ),
    *("name", "npm", "pg_dump", "pg_restore", "printf", "psql", "python", "rm", "terraform"),
}
"""Programs that the documents may use: the project's, and those that a machine of an operator has."""
OTHERS = {"PATH", "PGUSER", "PGSSLMODE", "PGSSLROOTCERT", "PGHOST", "ROLE", "TEST_AWS_ACCOUNT"}
"""Variables that are no settings of a run, each of one program."""
GLOBAL_OPTIONS = {"--region", "--query", "--output", "--profile", "--endpoint-url", "--no-paginate"}
WITHOUT_OPERATION = {"s3": {"sync", "cp", "ls"}}
"""Commands of the aws program that are no operation of an API."""
RENAMED = {"--notification-endpoint": "--endpoint"}
"""Options that the aws program calls differently than the API does, such as the endpoint of a subscription
(https://docs.aws.amazon.com/cli/latest/reference/sns/subscribe.html)."""


def of(program: str) -> list[Command]:
    return [command for command in COMMANDS if command.words[0] == program]


def test_there_are_many_and_of_each_kind() -> None:
    assert len(COMMANDS) > 120
    for program in ("make", "python", "cdktf", "aws", "curl"):
        assert len(of(program)) > 3, program


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_the_program_is_known_and_so_are_its_variables(command: Command) -> None:
    assert command.words[0] in SHELL
    if command.words[0] in {"make", "python", "cdktf", "export"}:
        assert set(command.variables) <= {*VARIABLE_NAMES, *OTHERS}
    for word in command.words[1:]:
        if re.fullmatch(r"(tests|docs|tools|config|lambda_src)/[\w./-]+", word):
            assert (ROOT / word).exists(), word


@pytest.mark.parametrize("command", of("make"), ids=str)
def test_a_target_exists_and_uses_what_it_is_given(command: Command) -> None:
    given = [word for word in command.words[1:] if "=" in word]
    targets = {word for word in command.words[1:] if "=" not in word and word != "..."}
    assert targets <= TARGETS
    for argument in given:
        name = argument.partition("=")[0]
        assert f"$({name})" in MAKEFILE or f"$({name})," in MAKEFILE or f"{name} ?=" in MAKEFILE, argument


def test_make_says_what_it_would_do_for_each() -> None:
    """`make -n` evaluates the Makefile with the arguments of the documents, and runs nothing."""
    seen = {tuple(word for word in command.words if word != "...") for command in of("make")}
    for words in sorted(seen):
        said = subprocess.run(
            [words[0], "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, (words, said.stderr)


@pytest.mark.parametrize("command", of("python"), ids=str)
def test_a_module_exists_and_takes_its_arguments(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.words[1] == "-m"
    parser = parser_of(command.words[2])
    arguments = [word for word in command.words[3:] if word != "..."]
    if parser is None:
        assert not arguments
        return
    try:
        parser.parse_args(arguments)
    except SystemExit:
        pytest.fail(capsys.readouterr().err)


@pytest.mark.parametrize("command", [*of("cdktf"), *of("terraform")], ids=str)
def test_a_subcommand_is_one_of_those_that_are_used(command: Command) -> None:
    assert command.words[1] in (CDKTF if command.words[0] == "cdktf" else TERRAFORM)


@cache
def service(name: str) -> Any:
    return botocore.session.get_session().get_service_model("s3" if name == "s3api" else name)


def members(shape: Any) -> set[str]:
    """The options of the aws program for the input of an operation; a switch has its opposite as well."""
    if shape is None:
        return set()
    names = {f"--{xform_name(name, '-')}" for name in shape.members}
    return names | {f"--no-{name[2:]}" for name in names}


def check_aws(words: tuple[str, ...]) -> None:
    name, operation = words[1], words[2]
    if operation in WITHOUT_OPERATION.get(name, ()):
        return
    if operation == "wait":
        waiters = botocore.session.get_session().get_waiter_model(name).waiter_names
        assert words[3] in {xform_name(waiter, "-") for waiter in waiters}
        return
    operations = {xform_name(found, "-"): found for found in service(name).operation_names}
    assert operation in operations, f"aws {name} {operation}"
    options = {word.partition("=")[0] for word in words[3:] if word.startswith("--")}
    known = members(service(name).operation_model(operations[operation]).input_shape) | GLOBAL_OPTIONS
    assert {RENAMED.get(option, option) for option in options} <= known, options - known


@pytest.mark.parametrize("command", of("aws"), ids=str)
def test_aws_has_the_operation_and_its_options(command: Command) -> None:
    check_aws(command.words)


def inline(start: str) -> list[tuple[str, ...]]:
    """Commands in the middle of a sentence, which may leave arguments out."""
    found: set[str] = set()
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = re.sub(r"^ *```.*?^ *```|<!--.*?-->", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        found |= {" ".join(code.split()) for code in re.findall(rf"(?<!`)`({start}[^`]*)`", text)}
    return sorted(command.words for text in found for command in split("", text) if command.words[0] in start)


@pytest.mark.parametrize("words", inline("python -m "), ids=" ".join)
def test_a_module_in_a_sentence_exists_and_knows_the_options(words: tuple[str, ...]) -> None:
    parser = parser_of(words[2])
    if parser is None:
        return
    commands = subparsers(parser)
    named = next(iter(words[3:]), "--help")
    chosen = parser if named == "COMMAND" or named.startswith("--") or not commands else commands[named]
    known = {option for action in chosen._actions for option in action.option_strings}
    assert {word for word in words[3:] if word.startswith("--")} <= known


@pytest.mark.parametrize("words", inline("aws "), ids=" ".join)
def test_an_aws_command_in_a_sentence_exists(words: tuple[str, ...]) -> None:
    check_aws(words)


def test_commands_are_found_in_loops_and_substitutions_and_comments_are_none() -> None:
    script = 'for x in $(cdktf list | awk "{print}"); do\n  A=1 make synth > log || true # note\ndone\nB=$(aws s3 ls)'
    assert [(command.variables, command.words) for command in split("page", script)] == [
        ((), ("cdktf", "list")),
        ((), ("awk", "{print}")),
        (("A",), ("make", "synth")),
        ((), ("true",)),
        ((), ("aws", "s3", "ls")),
    ]
