"""Which packets pass the security groups: questions about addresses, answered by the solver."""

from __future__ import annotations

from ipaddress import IPv4Network

from isolation.logic.formula import Atom, Formula, conjunction, disjunction, negation
from isolation.logic.solver import Solver
from isolation.network.layout import EVERYWHERE, Layout, Rule, Workload


class Packets:
    """Finds packets between workloads, each told as a story for people."""

    def __init__(self, layout: Layout, solver: Solver) -> None:
        self._layout = layout
        self._solver = solver

    def admitted(self, start: Workload, end: Workload) -> str:
        """Return a packet from `start` that a rule lets out and a rule lets in; empty if there is none."""
        for group in sorted(end.groups):
            for inward in self._layout.inward(group):
                for own in sorted(start.groups):
                    for outward in self._layout.outward(own):
                        story = self._through(outward, inward, start, end)
                        if story:
                            return story
        return ""

    def outgoing(self, workload: Workload) -> str:
        """Return that a rule lets `workload` send; empty if none does."""
        for group in sorted(workload.groups):
            for rule in self._layout.outward(group):
                return f"{workload.address} sends by {rule.address}"
        return ""

    def routed(self, start: IPv4Network | None, end: IPv4Network | None, to: IPv4Network | None) -> str:
        """Return the addresses of a packet from one VPC into another by a route to `to`; empty if there is none."""
        formula = conjunction(
            [_within("source", start), _within("destination", end), _within("destination", to)]
        )
        model = self._solver.model(formula)
        return "" if model is None else f"a packet from {model['source']} to {model['destination']}"

    def from_outside(self, rule: Rule, vpc: IPv4Network) -> str:
        """Return an address outside of `vpc` that `rule` admits; empty if there is none."""
        outside = disjunction(_within("source", block) for block in rule.blocks)
        formula = conjunction([outside, negation(_within("source", vpc)), Atom("source", "present")])
        model = self._solver.model(formula)
        return "" if model is None else model["source"]

    def _through(self, outward: Rule, inward: Rule, start: Workload, end: Workload) -> str:
        protocols = {outward.protocol, inward.protocol} - {"-1"}
        first = max(inward.ports[0], outward.ports[0]) if outward.protocol != "-1" else inward.ports[0]
        last = min(inward.ports[1], outward.ports[1]) if outward.protocol != "-1" else inward.ports[1]
        if len(protocols) > 1 or (inward.protocol != "-1" and first > last):
            return ""
        formula = conjunction(
            [
                disjunction(_within("source", block) for block in start.blocks),
                disjunction(_within("destination", block) for block in end.blocks),
                _peer("destination", outward, end.groups),
                _peer("source", inward, start.groups),
            ]
        )
        model = self._solver.model(formula)
        if model is None:
            return ""
        port = f"{next(iter(protocols), 'any protocol')} {first}" if inward.protocol != "-1" else "any port"
        return (
            f"{port} from {model.get('source', 'any')} ({start.address}) to {model.get('destination', 'any')} "
            f"({end.address}), out by {outward.address}, in by {inward.address}"
        )


def _peer(variable: str, rule: Rule, groups: frozenset[str]) -> Formula:
    """Return where the other end of a packet is one that `rule` admits. What is not known admits all."""
    if rule.peers & groups or rule.doubt:
        return True
    return disjunction(_within(variable, block) for block in rule.blocks)


def _within(variable: str, block: IPv4Network | None) -> Formula:
    return conjunction([Atom(variable, "present"), Atom(variable, "cidr", str(block or EVERYWHERE))])
