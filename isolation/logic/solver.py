"""The only place that talks to z3: is a formula satisfiable, and by what?

The encoding is Zelkova's (Backes et al., "Semantic-based automated reasoning for AWS access policies using SMT", FMCAD
2018) with its string theory replaced: no atom compares two variables, so `automata` decides exactly which atoms of a
variable can hold together, and z3 decides the rest, addresses as 32-bit vectors included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, NamedTuple, assert_never

import z3  # type: ignore[import-untyped]  # the only untyped surface of the package

from isolation.logic.automata import Language, TooManyStatesError, combinations
from isolation.logic.formula import And, Atom, Formula, Not, Or, atoms

MOST_STEPS: Final = 20_000_000
"""Of z3's resource units, which count its work on one question. Unlike seconds they are the same on every machine, so
that no verdict depends on its speed (`rlimit` in https://microsoft.github.io/z3guide/programming/Parameters/)."""

Model = Mapping[str, str]
"""A value for each variable of the formula that is present."""

_Row = tuple[bool, ...]


class SolverGaveUpError(Exception):
    """The solver neither found a model nor proved that there is none."""


class _Question(NamedTuple):
    """A formula without its texts: what remains once it is known which atoms can hold together.

    Attributes:
        formula: the text of each atom is replaced by its number among the languages of its variable.
        possible: for each variable, which truth values its atoms can have together.
    """

    formula: Formula
    possible: tuple[tuple[str, tuple[_Row, ...]], ...]


class _Answer(NamedTuple):
    """A model of a question.

    Attributes:
        rows: truth values of the atoms, by variable.
        addresses: the value of each variable that is an address.
        present: the variables that have a value.
    """

    rows: Mapping[str, _Row]
    addresses: Mapping[str, str]
    present: frozenset[str]


@dataclass(slots=True)
class Solver:
    """Answers questions, each once.

    Formulas about different tenants are mostly the same question: they have the same shape, and the same of their
    atoms can hold together. That is all that satisfiability depends on.

    Attributes:
        asked: how many questions were asked.
    """

    asked: int = 0
    _answers: dict[_Question, _Answer | None] = field(default_factory=dict)

    @property
    def solved(self) -> int:
        """Return how many of the questions differed."""
        return len(self._answers)

    def take(self, other: Solver) -> None:
        """Take over the questions that `other` was asked, with their answers."""
        self.asked += other.asked
        self._answers |= other._answers

    def model(self, formula: Formula) -> Model | None:
        """Return a model of `formula`, or `None` if there is none.

        Raises:
            SolverGaveUpError: the question is too hard.
        """
        self.asked += 1
        if isinstance(formula, bool):
            return {} if formula else None
        languages: dict[str, dict[Language, int]] = {}
        abstract = _abstracted(formula, languages)
        try:
            texts = {variable: combinations(tuple(found)) for variable, found in languages.items()}
        except TooManyStatesError as error:
            raise SolverGaveUpError("too many patterns at once") from error
        rows = tuple((variable, tuple(sorted(found))) for variable, found in sorted(texts.items()))
        question = _Question(abstract, rows)
        if question not in self._answers:
            self._answers[question] = _solve(question)
        answer = self._answers[question]
        if answer is None:
            return None
        found = {
            variable: texts[variable][row]
            for variable, row in answer.rows.items()
            if variable in answer.present
        }
        return {**dict.fromkeys(sorted(answer.present), "any"), **found, **answer.addresses}


def _abstracted(formula: Formula, languages: dict[str, dict[Language, int]]) -> Formula:
    """Return `formula` with the texts of its atoms numbered, by variable and in order of occurrence."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Atom):
        if formula.relation in {"present", "cidr"}:
            return formula
        numbers = languages.setdefault(formula.variable, {})
        number = numbers.setdefault(Language(formula.relation, formula.text), len(numbers))
        return Atom(formula.variable, "matches", str(number))
    if isinstance(formula, Not):
        return Not(_abstracted(formula.operand, languages))
    return type(formula)(tuple(_abstracted(operand, languages) for operand in formula.operands))


@lru_cache(maxsize=1 << 12)
def _solve(question: _Question) -> _Answer | None:
    """Return a model of `question`, the same each time: whoever proves many stacks in a process asks much again."""
    terms = _Terms()
    solver = z3.SolverFor("QF_BV", ctx=terms.context)
    solver.set("random_seed", 0)
    solver.set("rlimit", MOST_STEPS)
    solver.add(terms.of(question.formula))
    for variable, rows in question.possible:
        matches = [terms.match(variable, number) for number in range(len(rows[0]))]
        solver.add(
            terms.any(
                terms.all(term if value else z3.Not(term) for term, value in zip(matches, row, strict=True))
                for row in rows
            )
        )
    answer = solver.check()
    if answer == z3.unknown:
        raise SolverGaveUpError(f"more than {MOST_STEPS} steps")
    return None if answer == z3.unsat else _read(terms, solver.model(), question)


def _read(terms: _Terms, model: Any, question: _Question) -> _Answer:  # noqa: ANN401 (z3 has no types)
    def true(term: Any) -> bool:  # noqa: ANN401 (z3 has no types)
        return bool(z3.is_true(model.eval(term, model_completion=True)))

    found = sorted(set(atoms(question.formula)))
    present = {atom.variable for atom in found if true(terms.of(Atom(atom.variable, "present")))}
    rows = {
        variable: tuple(true(terms.match(variable, number)) for number in range(len(possible[0])))
        for variable, possible in question.possible
    }
    addresses = {
        atom.variable: str(
            IPv4Address(model.eval(terms.address(atom.variable), model_completion=True).as_long())
        )
        for atom in found
        if atom.relation == "cidr" and atom.variable in present
    }
    return _Answer(rows, addresses, frozenset(present))


class _Terms:
    """Makes z3's terms, in a context of their own, so that what was solved before leaves no trace in a model."""

    def __init__(self) -> None:
        self.context = z3.Context()

    def of(self, formula: Formula) -> Any:  # noqa: ANN401 (z3 has no types)
        if isinstance(formula, bool):
            return z3.BoolVal(formula, self.context)
        if isinstance(formula, Atom):
            return self._atom(formula)
        if isinstance(formula, Not):
            return z3.Not(self.of(formula.operand))
        if isinstance(formula, And):
            return self.all(map(self.of, formula.operands))
        if isinstance(formula, Or):
            return self.any(map(self.of, formula.operands))
        assert_never(formula)

    def _atom(self, atom: Atom) -> Any:  # noqa: ANN401 (z3 has no types)
        if atom.relation == "cidr":
            block = IPv4Network(atom.text, strict=False)
            mask = z3.BitVecVal(int(block.netmask), 32, self.context)
            return self.address(atom.variable) & mask == z3.BitVecVal(
                int(block.network_address), 32, self.context
            )
        return z3.Bool(f"{atom.variable} {atom.relation} {atom.text}", self.context)

    def match(self, variable: str, number: int) -> Any:  # noqa: ANN401 (z3 has no types)
        return self.of(Atom(variable, "matches", str(number)))

    def address(self, name: str) -> Any:  # noqa: ANN401 (z3 has no types)
        return z3.BitVec(f"{name} as an address", 32, self.context)

    def all(self, terms: Iterable[Any]) -> Any:  # noqa: ANN401 (z3 has no types)
        return z3.And(z3.BoolVal(True, self.context), *terms)  # noqa: FBT003 (z3)

    def any(self, terms: Iterable[Any]) -> Any:  # noqa: ANN401 (z3 has no types)
        return z3.Or(z3.BoolVal(False, self.context), *terms)  # noqa: FBT003 (z3)
