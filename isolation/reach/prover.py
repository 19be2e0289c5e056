"""Asks whether a caller can reach a target: the encoding, the solver, then the evaluator on what the solver found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from isolation.encoding.policies import Encoding
from isolation.evaluator.decision import authorized
from isolation.evaluator.request import Request
from isolation.logic.formula import Atom, Formula, conjunction
from isolation.logic.solver import Solver, SolverGaveUpError
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.reach.counterexample import concrete_request

Answer = Literal["no", "yes", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a principal can reach a target.

    Attributes:
        answer: `yes` comes with a request that the evaluator authorizes as well.
        request: the request.
        statements: sources of the statements that allow it.
        doubts: why the answer is `unknown`.
        undecided: it is so because of the solver, not of a policy.
    """

    answer: Answer
    request: Request | None = None
    statements: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    undecided: bool = False


NO: Final = Outcome("no")


class Prover:
    """Asks whether some request of a principal on a target is authorized."""

    def __init__(self) -> None:
        self.solver = Solver()

    def reach(
        self, caller: Caller, target: Target, actions: tuple[str, ...] = (), extra: Iterable[Formula] = ()
    ) -> Outcome:
        """Return whether `caller` can do any of `actions` on `target`, by a request of which `extra` is so as well.

        Without `actions`, whether it can do anything but what is harmless.
        """
        extra = tuple(extra)
        wide = Encoding(caller, target, wide=True, actions=actions).authorized()
        formula = conjunction([wide, *extra])
        if formula is False:
            return NO
        try:
            if self.solver.model(formula) is None:
                return NO
            request = self._certain(caller, target, actions, extra)
        except SolverGaveUpError as error:
            return Outcome("unknown", doubts=(f"the solver gave up: {error}",), undecided=True)
        if request is None:
            return Outcome("unknown", doubts=_doubts(caller, target))
        decision = authorized(target, request)
        if not decision.allowed:
            doubts = ("solver and evaluator disagree on this request",)
            return Outcome("unknown", request, doubts=doubts, undecided=True)
        return Outcome("yes", request, decision.statements)

    def witness(self, caller: Caller, target: Target) -> Request | None:
        """Return a request by which `caller` certainly reaches `target`, if there is one.

        It is half the work of `reach`, for whoever does not ask why there is none.
        """
        try:
            request = self._certain(caller, target)
        except SolverGaveUpError:
            return None
        return request if request is not None and authorized(target, request).allowed else None

    def possible(self, caller: Caller, target: Target, extra: Iterable[Formula] = ()) -> bool:
        """Return whether, as far as is known, `caller` may reach `target` under `extra` constraints."""
        formula = conjunction([Encoding(caller, target, wide=True).authorized(), *extra])
        try:
            return self.solver.model(formula) is not None
        except SolverGaveUpError:
            return True

    def _certain(
        self, caller: Caller, target: Target, actions: tuple[str, ...] = (), extra: Iterable[Formula] = ()
    ) -> Request | None:
        """Return a request that the encoding authorizes where every doubt is read against the caller, if any.

        Raises:
            SolverGaveUpError: a question is too hard.
        """
        formula = Encoding(caller, target, wide=False, actions=actions).authorized()
        model = self._preferred(conjunction([formula, *extra]), target)
        return None if model is None else concrete_request(caller, target, model)

    def _preferred(self, formula: Formula, target: Target) -> dict[str, str] | None:
        """Return a model whose action tells a reader something, if there is one; else any model."""
        if formula is False:
            return None
        wishes: list[Formula] = [Atom("action", "equals", action) for action in target.examples]
        for wish in (*wishes, True):
            model = self.solver.model(conjunction([formula, wish]))
            if model is not None:
                return dict(model)
        return None


def _doubts(caller: Caller, target: Target) -> tuple[str, ...]:
    policies = (caller.identity, caller.boundary or (), target.policy)
    found = {doubt for policy in policies for statement in policy for doubt in statement.doubts}
    return tuple(sorted(found)) or ("a condition key that is not modelled",)
