"""Which principals can reach which targets: narrows the pairs by index, then asks the solver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from isolation.catalogue import KINDS
from isolation.encoding import Encoding
from isolation.evaluator import Request, authorized
from isolation.formula import Atom, Formula, conjunction
from isolation.iam import ParsedStatement
from isolation.model import Caller, Target
from isolation.patterns import PrefixIndex, glob_includes, globs_meet
from isolation.solver import Solver, SolverGaveUpError

Answer = Literal["no", "yes", "unknown"]
MANY: Final = 4
"""A pattern that meets more targets than this is first tried against all of them at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a principal can reach a target.

    Attributes:
        answer: `yes` comes with a request that the evaluator authorizes as well.
        request: the request.
        statements: sources of the statements that allow it.
        doubts: what stands between `unknown` and a clear answer.
    """

    answer: Answer
    request: Request | None = None
    statements: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


NO: Final = Outcome("no")


class Prover:
    """Asks whether some request of a principal on a target is authorized."""

    def __init__(self) -> None:
        self.solver = Solver()

    def reach(self, caller: Caller, target: Target, actions: tuple[str, ...] = ()) -> Outcome:
        """Return whether `caller` can do any of `actions` (by default, anything but the harmless) on `target`."""
        formula = Encoding(caller, target, wide=True, actions=actions).authorized()
        if formula is False:
            return NO
        try:
            if self.solver.model(formula) is None:
                return NO
            certain = Encoding(caller, target, wide=False, actions=actions).authorized()
            model = self._preferred(certain, target)
        except SolverGaveUpError as error:
            return Outcome("unknown", doubts=(f"the solver gave up: {error}",))
        if model is None:
            return Outcome("unknown", doubts=_doubts(caller, target))
        request = Request.of(caller, target, model)
        decision = authorized(target, request)
        if not decision.allowed:
            return Outcome("unknown", request, doubts=("solver and evaluator disagree on this request",))
        return Outcome("yes", request, decision.statements)

    def possible(self, caller: Caller, target: Target, extra: Iterable[Formula] = ()) -> bool:
        """Return whether, as far as is known, `caller` may reach `target` under `extra` constraints."""
        formula = conjunction([Encoding(caller, target, wide=True).authorized(), *extra])
        try:
            return self.solver.model(formula) is not None
        except SolverGaveUpError:
            return True

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


@lru_cache(maxsize=1 << 14)
def kinds_of(actions: tuple[str, ...], *, negated: bool) -> tuple[str, ...]:
    """Return the kinds that a statement on `actions` bears on, harmless actions aside."""
    found = []
    for name, kind in KINDS.items():
        if negated:
            effective = True
        else:
            effective = any(
                globs_meet(action, domain)
                and not any(glob_includes(harmless, action) for harmless in kind.harmless)
                for action in actions
                for domain in kind.actions
            )
        if effective:
            found.append(name)
    return tuple(found)


class Index:
    """Finds the targets that a pattern can meet, without looking at the others."""

    def __init__(self, targets: list[Target]) -> None:
        self.targets = targets
        self._patterns: dict[str, PrefixIndex[int]] = defaultdict(PrefixIndex)
        for number, target in enumerate(targets):
            for pattern in target.patterns:
                self._patterns[target.kind].add(pattern, number)
        self._met: dict[tuple[str, str], list[Target]] = {}
        self._by_role: dict[str, list[int]] = defaultdict(list)
        self.open: list[int] = []
        """Targets whose policy names everybody, or everybody but some."""
        for number, target in enumerate(targets):
            self._index_policy(number, target)

    def _index_policy(self, number: int, target: Target) -> None:
        wide = False
        for statement in target.policy:
            if statement.allows:
                wide |= statement.not_principal
                for pattern in statement.principals or ():
                    if pattern.kind == "any":
                        wide = True
                    elif pattern.kind == "arn":
                        self._by_role[_role_key(pattern.name)].append(number)
        if wide:
            self.open.append(number)

    def met_by(self, statement: ParsedStatement) -> Iterator[list[Target]]:
        """Return, by kind and pattern, the targets that `statement` of an identity policy may speak of."""
        for kind in kinds_of(statement.actions, negated=statement.not_action):
            if kind not in self._patterns:
                continue
            patterns = ("*",) if statement.not_resource else statement.resources
            for pattern in patterns:
                found = self._meeting(kind, _widened(pattern))
                if found:
                    yield found

    def _meeting(self, kind: str, pattern: str) -> list[Target]:
        if (kind, pattern) not in self._met:
            numbers = sorted(self._patterns[kind].meeting(pattern))
            self._met[kind, pattern] = [self.targets[number] for number in numbers]
        return self._met[kind, pattern]

    def naming(self, caller: Caller) -> list[Target]:
        """Return the targets whose policy names `caller` itself, or everybody."""
        numbers = {*self._by_role.get(_role_key(caller.arn), ()), *self.open}
        return [self.targets[number] for number in sorted(numbers)]


def _role_key(arn: str) -> str:
    """Return what the ARN of a role and those of its sessions have in common: account and name."""
    segments = arn.split(":", 5)
    if len(segments) < 6:  # noqa: PLR2004 (an ARN has six segments)
        return arn
    parts = segments[5].split("/")
    return f"{segments[4]}:{parts[1] if parts[0] == 'assumed-role' and len(parts) > 1 else parts[-1]}"


def candidates(prover: Prover, index: Index, caller: Caller) -> Iterator[Target]:
    """Return the targets that `caller` may reach, as far as patterns tell; each once."""
    seen: set[int] = set()
    if caller.administrator:
        yield from index.targets
        return
    groups = [
        found
        for statement in caller.identity
        if statement.allows
        for found in index.met_by(statement)
        if len(found) <= MANY or _possible_at_all(prover, caller, statement, found)
    ]
    groups.append(index.naming(caller))
    for group in groups:
        for target in group:
            if id(target) not in seen:
                seen.add(id(target))
                yield target


def _possible_at_all(prover: Prover, caller: Caller, statement: ParsedStatement, found: list[Target]) -> bool:
    """Whether `caller` may do anything at all to targets of one kind, whatever their own policies say.

    Leaving out the targets' policies leaves out only their denials, and what they grant is found by name.
    """
    like, kind = found[0], KINDS[found[0].kind]
    # What a request must carry in any case, as on an event bus that all rules share.
    shared = set(like.context).intersection(*(target.context for target in found))
    anything = replace(
        like,
        owner=None,
        patterns=("*",)
        if statement.not_resource
        else tuple(_widened(pattern) for pattern in statement.resources),
        actions=kind.actions,
        harmless=kind.harmless,
        policy=(),
        policy_required=False,
        tags=None,
        context=tuple(sorted(shared)),
    )
    return prover.possible(caller, anything)


def _widened(pattern: str) -> str:
    return "*" if "${" in pattern else pattern
