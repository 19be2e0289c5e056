"""What a user's own stacks need: read from `extensions/rights.py`, and compared with what is synthesized."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from deployer.place import Place
from deployer.table import ROWS
from extensions.rights import KINDS, rights
from policies.statements import Statement
from tenancy.extending import Site

WHERE: Final = "extensions/rights.py"
OURS: Final = re.compile(r"S\d+")
"""The statements' names in the policies that this package makes."""
SID: Final = re.compile(r"[A-Za-z0-9]+")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""


def patterns(suffix: str) -> tuple[str, ...]:
    """Return the patterns of the ids of the user's own stacks in the environment `suffix`."""
    return tuple(id_ for kind in KINDS for id_ in (f"{kind}-{suffix}", f"{kind}-*-{suffix}"))


def statements(place: Place) -> list[Statement]:
    """Return what the user's own stacks need in `place`, in the order of their types.

    Raises:
        ConfigurationError: a statement's name is none, is given twice, or is like those of the platform's.
    """
    found = rights(_site(place))
    listed = [(kind, statement) for kind in sorted(found) for statement in found[kind]]
    sids = [statement.sid for _, statement in listed]
    problems = [
        Problem(
            where=f"{WHERE}: {kind}",
            received=statement.sid,
            expected="a sid of letters and digits, none of another statement's, and none such as 'S1'",
        )
        for kind, statement in listed
        if not SID.fullmatch(statement.sid) or OURS.fullmatch(statement.sid) or sids.count(statement.sid) > 1
    ]
    if problems:
        raise ConfigurationError(problems)
    return [statement for _, statement in listed]


def expect_rights(outdir: Path, place: Place) -> None:
    """Refuse what is synthesized below `outdir` where nobody says what the deployment of a type of it needs.

    Raises:
        ConfigurationError: nothing is synthesized there, or a type is in neither `ROWS` nor `extensions/rights.py`.
    """
    known = {*ROWS, *rights(_site(place))}
    problems = [
        Problem(where=f"{stack}: {kind}", received="no rights", expected=f"statements in '{WHERE}'")
        for stack, kinds in _types(outdir)
        for kind in sorted(kinds - known)
    ]
    if problems:
        raise ConfigurationError(problems)


def _site(place: Place) -> Site:
    return Site(partition=place.partition, account=place.account, region=place.region, suffix=place.suffix)


def _types(outdir: Path) -> Iterator[tuple[str, set[str]]]:
    """Return the types of each stack's resources and data sources, by the stack's id."""
    files = sorted(outdir.glob("stacks/*/cdk.tf.json"))
    if not files:
        raise ConfigurationError(
            [Problem(where=f"--out {outdir}", received="no stack", expected="what `make synth` writes")]
        )
    for file in files:
        try:
            stack = json.loads(file.read_text())
            kinds = {*stack.get("resource", {}), *(f"data.{kind}" for kind in stack.get("data", {}))}
        except (AttributeError, TypeError, ValueError) as error:
            expected = "a stack as it was synthesized"
            raise ConfigurationError(
                [Problem(where=str(file), received=type(error).__name__, expected=expected)]
            ) from None
        yield file.parent.name, kinds
