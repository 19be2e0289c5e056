"""What an answer of the prover is called, where it is wrong, and what is left without what is accepted of it."""

from __future__ import annotations

from dataclasses import replace

from isolation.catalogue.findings import (
    ANYBODY,
    DEPUTY,
    ESCALATION,
    FOREIGN_ACCOUNT,
    NOT_MODELLED_IN_POLICY,
    OWN_PERMISSIONS,
    UNDECIDED,
    FindingType,
)
from isolation.iam.language import ParsedPolicy, ParsedStatement
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.reach.foothold import Foothold
from isolation.reach.prover import Outcome
from isolation.verdict.place import Place, place_of


def type_of(foothold: Foothold, outcome: Outcome) -> FindingType:
    """Return what kind of finding it is that `foothold` reaches something."""
    if outcome.answer != "yes" or not foothold.certain:
        return UNDECIDED if outcome.undecided else NOT_MODELLED_IN_POLICY
    if foothold.steps:
        return ESCALATION
    by_caller = {"service": DEPUTY, "foreign": FOREIGN_ACCOUNT, "anonymous": ANYBODY}
    return by_caller.get(foothold.caller.type, OWN_PERMISSIONS)


def place_of_outcome(outcome: Outcome, target: Target, accepted: frozenset[str]) -> Place | None:
    """Return what allows `outcome`, or the first doubt at no accepted address; `None` if there is no other.

    The evaluator names an identity statement before a resource policy that only delegates to it.
    """
    if outcome.statements or outcome.undecided:
        found = [place for place in map(place_of, outcome.statements) if "/" in place.address]
        return found[0] if found else Place(target.address)
    places = [place_of(doubt) for doubt in outcome.doubts]
    places = [place if "/" in place.address else Place(target.address) for place in places]
    return next((place for place in places if place.address not in accepted), None)


def without(caller: Caller, target: Target, outcome: Outcome, address: str) -> tuple[Caller, Target]:
    """Return caller and target without the permissions at `address` that `outcome` rests on."""

    def kept(policy: ParsedPolicy) -> ParsedPolicy:
        return tuple(statement for statement in policy if not _rests_on(statement, outcome, address))

    return replace(caller, identity=kept(caller.identity)), replace(target, policy=kept(target.policy))


def _rests_on(statement: ParsedStatement, outcome: Outcome, address: str) -> bool:
    """Whether `statement` is one at `address` that `outcome` rests on. Denials stay, in doubt or not."""
    if not statement.allows or place_of(statement.source).address != address:
        return False
    return bool(statement.doubts) if outcome.answer == "unknown" else statement.source in outcome.statements
