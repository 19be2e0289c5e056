"""What the prover said of the stacks: the report that `python -m isolation --json FILE` writes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.problems import ConfigurationError, Problem
from fleet.synthesized import stack_files

WORST_FIRST: Final = "VUAPO-"
"""The letters of the report's matrix: violated, unknown, accepted, proved, the owner itself, nothing to reach."""
MOST_BYTES: Final = 512 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFinding:
    """One thing that the prover found.

    Attributes:
        id: of its kind, as docs/isolation-findings.md lists them.
        title: of its kind.
        verdict: `VIOLATED`, `UNKNOWN` or `ACCEPTED`.
        attacker: who reaches it; empty where nobody in particular does.
        owner: whose resource it is.
        address: of the resource, with its stack.
    """

    id: str
    title: str
    verdict: str
    attacker: str
    owner: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationReport:
    """Who may reach what is another owner's.

    Attributes:
        verdict: the worst of all: `PROVED`, `ACCEPTED`, `UNKNOWN` or `VIOLATED`.
        owners: whose resources are protected: the columns of the matrix.
        attackers: the rows of the matrix: the tenants, and those outside.
        cells: by attacker, the worst letter of all kinds for each owner.
        kinds: by kind of resource, how often each letter stands in its matrix.
        findings: what was found, and what is not modelled.
    """

    verdict: str
    owners: tuple[str, ...]
    attackers: tuple[str, ...]
    cells: Mapping[str, str]
    kinds: Mapping[str, Mapping[str, int]]
    findings: tuple[ReportedFinding, ...]


def read_isolation_report(file: Path, outdir: Path) -> IsolationReport:
    """Return the report in `file`, of the very documents below `outdir` (`cdktf.out`).

    Raises:
        ConfigurationError: it cannot be read, is no such report, or is one of other documents.
        UnreadableStacksError: nothing was synthesized there.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _refusal(file, "more than 512 MiB", "a report")
        document = json.loads(file.read_bytes())
        found = _report(document)
        proved = {str(stack): str(digest) for stack, digest in document["documents"].items()}
    except OSError as error:
        raise _refusal(file, error.strerror or str(error), "the report of `make prove`") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        expected = "what `python -m isolation --json FILE` writes"
        raise _refusal(file, "something else", expected) from None
    there = {
        stack: hashlib.sha256(path.read_bytes()).hexdigest() for stack, path in stack_files(outdir).items()
    }
    if proved != there:
        different = sorted(stack for stack in {*proved, *there} if proved.get(stack) != there.get(stack))
        received = f"a report of other documents ({', '.join(different[:3])}{', ...' * (len(different) > 3)})"  # noqa: PLR2004 (shown)
        raise _refusal(file, received, f"one of {outdir}; run `make prove`")
    return found


def _refusal(file: Path, received: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=str(file), received=received, expected=expected)])


def _report(document: Mapping[str, Any]) -> IsolationReport:
    owners, attackers = (tuple(map(str, document[name])) for name in ("owners", "attackers"))
    verdicts: Mapping[str, Mapping[str, str]] = document["verdicts"]
    titles = {id_: str(kind["title"]) for id_, kind in document["kinds_of_findings"].items()}
    for rows in verdicts.values():
        if set(rows) != set(attackers) or any(len(row) != len(owners) for row in rows.values()):
            raise ValueError
    cells = {
        attacker: "".join(
            min(letters, key=WORST_FIRST.index)
            for letters in zip(*(rows[attacker] for rows in verdicts.values()), strict=True)
        )
        for attacker in attackers
    }
    return IsolationReport(
        verdict=str(document["verdict"]),
        owners=owners,
        attackers=attackers,
        cells=cells,
        kinds={kind: Counter("".join(rows.values())) for kind, rows in sorted(verdicts.items())},
        findings=(
            *(
                ReportedFinding(
                    id=str(one["id"]),
                    title=titles[one["id"]],
                    verdict=str(one["verdict"]),
                    attacker=str(one["attacker"]),
                    owner=str(one["owner"]),
                    address=str(one["address"]),
                )
                for one in document["findings"]
            ),
            *(
                ReportedFinding(
                    id="",
                    title=f"not modelled: {gap['what']}",
                    verdict="UNKNOWN",
                    attacker="",
                    owner=str(gap["owner"]),
                    address="",
                )
                for gap in document["not_modelled"]
            ),
        ),
    )
