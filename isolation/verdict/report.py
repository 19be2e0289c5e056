"""The result of an analysis, as data. `isolation.rendering` makes it readable."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.model.caller import OUTSIDERS, PLATFORM
from isolation.verdict.finding import SEVERITY, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Companion:
    """Whether somebody entitled can do what others cannot.

    Attributes:
        owner: the tenant or the platform.
        kind: a kind of its resources.
        satisfiable: whether a request of somebody entitled is authorized.
        who: who makes it.
        action: what it does.
        resource: the ARN that it names.
    """

    owner: str
    kind: str
    satisfiable: bool
    who: str = ""
    action: str = ""
    resource: str = ""


@dataclass(slots=True)
class Report:
    """The result of an analysis.

    Attributes:
        stacks: ids of the stacks.
        tenants: every tenant, sorted.
        kinds: by owner, the kinds of resources it has.
        findings: by attacker, owner and kind; a missing cell is PROVED.
        companions: one for each owner and kind.
        gaps: what is not modelled, with its owner.
        trusted: who is trusted.
        asked: how many questions the solver was asked.
        solved: how many of them differed.
    """

    stacks: list[str]
    tenants: list[str]
    kinds: dict[str, list[str]]
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    companions: list[Companion] = field(default_factory=list)
    gaps: list[tuple[str, str]] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)
    asked: int = 0
    solved: int = 0

    @property
    def attackers(self) -> list[str]:
        """Return every attacker: the tenants, then the outsiders."""
        return [*self.tenants, *OUTSIDERS]

    @property
    def owners(self) -> list[str]:
        """Return everyone whose resources are protected."""
        return sorted(self.kinds, key=lambda owner: (owner == PLATFORM, owner))

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of all."""
        verdicts: list[Verdict] = [finding.verdict for finding in self.findings.values()]
        if self.gaps or any(not companion.satisfiable for companion in self.companions):
            verdicts.append("UNKNOWN")
        return max(verdicts, key=SEVERITY.__getitem__, default="PROVED")

    @property
    def worst(self) -> dict[tuple[str, str], Verdict]:
        """Return the worst verdict by attacker and owner, where it is not PROVED."""
        found: dict[tuple[str, str], Verdict] = {}
        for (attacker, owner, _), finding in self.findings.items():
            known = found.get((attacker, owner), "PROVED")
            found[attacker, owner] = max(known, finding.verdict, key=SEVERITY.__getitem__)
        return found

    def add(self, finding: Finding) -> None:
        """Store `finding` unless its cell already holds one that is as bad."""
        cell = (finding.attacker, finding.owner, finding.kind)
        known = self.findings.get(cell)
        if known is None or SEVERITY[finding.verdict] > SEVERITY[known.verdict]:
            self.findings[cell] = finding

    def merge(self, other: Report) -> None:
        """Take the worse of each answer of two analyses of the same stacks."""
        for finding in other.findings.values():
            self.add(finding)
        self.companions = [
            ours if not ours.satisfiable else theirs if not theirs.satisfiable else ours
            for ours, theirs in zip(self.companions, other.companions, strict=True)
        ]
        self.asked += other.asked
        self.solved += other.solved
