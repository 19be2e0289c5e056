"""Which packets pass the security groups: questions about addresses; the solver answers those about IPv4."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from isolation.catalogue.network import WITH_PORTS
from isolation.logic.formula import Atom, Formula, conjunction, disjunction, negation
from isolation.logic.solver import Model, Solver, SolverGaveUpError
from isolation.network.layout import Layout
from isolation.network.places import Workload
from isolation.network.rules import EVERYWHERE, EVERYWHERE_V6, Rule

_LOCAL_V6: Final = IPv6Network("fc00::/7")
"""Addresses that are not routed on the internet."""


class Packets:
    """Finds packets between workloads, each told as a story for people."""

    def __init__(self, layout: Layout, solver: Solver) -> None:
        self._layout = layout
        self._solver = solver

    def admitted(self, start: Workload, end: Workload) -> tuple[str, bool]:
        """Return a packet from `start` that a rule lets out and a rule lets in, and whether it is certain."""
        doubtful = ""
        for group in sorted(end.groups):
            for inward in self._layout.inward(group):
                for own in sorted(start.groups):
                    for outward in self._layout.outward(own):
                        story, certain = self._through(outward, inward, start, end)
                        if story and certain:
                            return story, True
                        doubtful = doubtful or story
        return doubtful, False

    def outgoing(self, workload: Workload) -> str:
        """Return that a rule lets `workload` send; empty if none does."""
        for group in sorted(workload.groups):
            for rule in self._layout.outward(group):
                return f"{workload.address} sends by {rule.address}"
        return ""

    def routed(
        self, start: IPv4Network | None, end: IPv4Network | None, to: IPv4Network | None
    ) -> tuple[str, bool]:
        """Return a packet from one VPC into another by a route to `to`, and whether it is certain; empty for none."""
        formula = conjunction(
            [_within("source", start), _within("destination", end), _within("destination", to)]
        )
        model, certain = self._model(formula)
        if model is None:
            return "", False
        return f"a packet from {model.get('source', 'any')} to {model.get('destination', 'any')}", certain

    def from_outside(self, rule: Rule, vpc: IPv4Network | None) -> tuple[str, bool]:
        """Return an IPv4 address outside of `vpc` that `rule` admits, and whether it is certain; empty for none."""
        outside = disjunction(_within("source", block) for block in rule.blocks)
        inside = negation(_within("source", vpc)) if vpc else True
        model, certain = self._model(conjunction([outside, inside, Atom("source", "present")]))
        return ("", False) if model is None else (model.get("source", "somebody"), certain)

    def from_outside_v6(self, rule: Rule) -> str:
        """Return an IPv6 block of the internet that `rule` admits; empty if there is none."""
        return next((str(block) for block in rule.blocks_v6 if not block.subnet_of(_LOCAL_V6)), "")

    def _model(self, formula: Formula) -> tuple[Model | None, bool]:
        """Return a model of `formula`, and whether it is certain: where the solver gives up, there may be one."""
        try:
            return self._solver.model(formula), True
        except SolverGaveUpError:
            return {}, False

    def _through(self, outward: Rule, inward: Rule, start: Workload, end: Workload) -> tuple[str, bool]:
        protocols = {outward.protocol, inward.protocol} - {"-1"}
        first, last = max(inward.ports[0], outward.ports[0]), min(inward.ports[1], outward.ports[1])
        if len(protocols) > 1 or first > last:
            return "", False
        certain = not outward.doubt and not inward.doubt
        protocol = next(iter(protocols), "")
        port = f"{protocol} {first}" if protocol in WITH_PORTS else protocol or "any port"
        formula = conjunction(
            [
                disjunction(_within("source", block) for block in start.blocks),
                disjunction(_within("destination", block) for block in end.blocks),
                _peer("destination", outward, end.groups),
                _peer("source", inward, start.groups),
            ]
        )
        model, solved = self._model(formula)
        certain &= solved
        if model is not None:
            source, destination = model.get("source", "any"), model.get("destination", "any")
        elif _peer_v6(outward, end) and _peer_v6(inward, start):
            source, destination = str(start.blocks_v6[0]), str(end.blocks_v6[0])
            # Where an address is not known, only a rule for all of them certainly meets it.
            for rule, other in ((outward, end), (inward, start)):
                named = bool(rule.peers & other.groups) or EVERYWHERE_V6 in rule.blocks_v6
                certain &= named or EVERYWHERE_V6 not in other.blocks_v6
        else:
            return "", False
        return (
            f"{port} from {source} ({start.address}) to {destination} ({end.address}), "
            f"out by {outward.address}, in by {inward.address}"
        ), certain


def _peer(variable: str, rule: Rule, groups: frozenset[str]) -> Formula:
    """Return where the other end of a packet is one that `rule` admits. What is not known admits all."""
    if rule.peers & groups or rule.doubt:
        return True
    return disjunction(_within(variable, block) for block in rule.blocks)


def _peer_v6(rule: Rule, other: Workload) -> bool:
    """Whether `rule` may admit an IPv6 address of `other`."""
    if not other.blocks_v6:
        return False
    return bool(rule.peers & other.groups or rule.doubt) or _overlap(rule.blocks_v6, other.blocks_v6)


def _overlap(ours: Iterable[IPv6Network], theirs: Iterable[IPv6Network]) -> bool:
    known = list(theirs)
    return any(mine.overlaps(other) for mine in ours for other in known)


def _within(variable: str, block: IPv4Network | None) -> Formula:
    return conjunction([Atom(variable, "present"), Atom(variable, "cidr", str(block or EVERYWHERE))])
