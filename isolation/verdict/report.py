"""The result of an analysis, as data. `isolation.rendering` makes it readable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from isolation.catalogue.findings import VACUOUS
from isolation.model.caller import OUTSIDERS, PLATFORM
from isolation.verdict.finding import SEVERITY, Finding, Verdict
from isolation.verdict.place import Place
from isolation.verdict.waivers import Waiver, Waivers


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
        address: of one of its resources, where none is satisfiable.
        waiver: what accepts that none is.
    """

    owner: str
    kind: str
    satisfiable: bool
    who: str = ""
    action: str = ""
    resource: str = ""
    address: str = ""
    waiver: Waiver | None = None


@dataclass(slots=True)
class Report:
    """The result of an analysis.

    Attributes:
        stacks: ids of the stacks.
        tenants: every tenant, sorted.
        kinds: by owner, the kinds of resources it has.
        findings: by attacker, owner and kind; a missing cell is PROVED.
        companions: one for each owner and kind.
        gaps: what is not modelled, with its owner, unless it is accepted.
        trusted: who is trusted.
        asked: how many questions the solver was asked.
        solved: how many of them differed.
        waivers: what is accepted.
        accepted: the findings that are accepted, whatever else is found in their cells.
        documents: the SHA-256 of each stack's document, by stack id; empty where they were not read from a folder.
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
    waivers: Waivers = field(default_factory=Waivers)
    accepted: list[Finding] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)

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
        verdicts += [finding.verdict for finding in self.vacuous()]
        verdicts += [finding.verdict for finding in self.accepted]
        if self.gaps:
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

    def vacuous(self) -> Iterator[Finding]:
        """Return a finding for each proof without a companion."""
        for companion in self.companions:
            if not companion.satisfiable:
                yield Finding(
                    "UNKNOWN" if companion.waiver is None else "ACCEPTED",
                    "",
                    companion.owner,
                    companion.kind,
                    who="nobody",
                    because=("nobody entitled can use it either; the proof is vacuous",),
                    type=VACUOUS,
                    place=Place(companion.address),
                    waiver=companion.waiver,
                    accepted=None if companion.waiver is None else "UNKNOWN",
                )

    def all_findings(self) -> list[Finding]:
        """Return every finding: of the cells, those that are accepted, and the proofs without a companion."""
        in_cells = [finding for _, finding in sorted(self.findings.items()) if finding.waiver is None]
        return [*in_cells, *self.accepted, *self.vacuous()]

    def add(self, finding: Finding) -> Finding:
        """Store `finding` unless its cell already holds one that is as bad, and return it as a waiver makes it."""
        if finding.waiver is None:
            waiver = self.waivers.of(finding.type.id, finding.place.address)
            if waiver is not None:
                finding = replace(finding, verdict="ACCEPTED", waiver=waiver, accepted=finding.verdict)
                self.accepted.append(finding)
        cell = (finding.attacker, finding.owner, finding.kind)
        known = self.findings.get(cell)
        if known is None or SEVERITY[finding.verdict] > SEVERITY[known.verdict]:
            self.findings[cell] = finding
        return finding

    def merge(self, other: Report) -> None:
        """Take the worse of each answer of two analyses of the same stacks."""
        for finding in other.findings.values():
            self.add(finding)
        self.accepted = list(dict.fromkeys([*self.accepted, *other.accepted]))
        self.companions = [
            ours if not ours.satisfiable else theirs if not theirs.satisfiable else ours
            for ours, theirs in zip(self.companions, other.companions, strict=True)
        ]
        self.asked += other.asked
        self.solved += other.solved
