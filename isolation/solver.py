"""The only place that speaks to z3: is a formula satisfiable, and by what?

The encoding is Zelkova's (Backes et al., "Semantic-based automated reasoning for AWS access policies using SMT", FMCAD
2018) with its string theory replaced: no atom compares two variables, so `automata` decides exactly which atoms of a
variable can hold together, and z3 decides the rest, addresses as 32-bit vectors included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, NamedTuple, assert_never

import z3  # type: ignore[import-untyped]  # the only untyped surface of the package

from isolation.automata import Language, TooManyStatesError, combinations
from isolation.formula import And, Atom, Formula, Not, Or, atoms

TIMEOUT_MILLISECONDS: Final = 20_000

Model = Mapping[str, str]
"""A value for each variable that the formula speaks of and that is present."""

_Row = tuple[bool, ...]


class SolverGaveUpError(Exception):
    """It was neither found that there is a model nor proved that there is none."""


class _Question(NamedTuple):
    """A formula without its texts: what is left of it once it is known which atoms can hold together.

    Attributes:
        formula: in it, the text of an atom is its number among the languages of its variable.
        possible: for each variable, which truth values its atoms can have together.
    """

    formula: Formula
    possible: tuple[tuple[str, tuple[_Row, ...]], ...]


class _Answer(NamedTuple):
    """A model of a question.

    Attributes:
        rows: truth values of the atoms, by variable.
        addresses: by variable.
        present: the variables that are there.
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
        asked: questions put.
        solved: questions that differed and reached z3.
    """

    asked: int = 0
    solved: int = 0
    _answers: dict[_Question, _Answer | None] = field(default_factory=dict)

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
            self.solved += 1
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


def _solve(question: _Question) -> _Answer | None:
    solver = z3.SolverFor("QF_BV")
    # Fixed, so that counterexamples are the same in every run.
    solver.set("random_seed", 0)
    solver.set("timeout", TIMEOUT_MILLISECONDS)
    solver.add(_term(question.formula))
    for variable, rows in question.possible:
        terms = [_match(variable, number) for number in range(len(rows[0]))]
        choices = [
            z3.And(*(term if value else z3.Not(term) for term, value in zip(terms, row, strict=True)))
            for row in rows
        ]
        solver.add(z3.Or(*choices))
    answer = solver.check()
    if answer == z3.unknown:
        raise SolverGaveUpError(str(solver.reason_unknown()))
    return None if answer == z3.unsat else _read(solver.model(), question)


def _read(model: Any, question: _Question) -> _Answer:  # noqa: ANN401 (z3 has no types)
    found = sorted(set(atoms(question.formula)))
    present = {atom.variable for atom in found if _true(model, _term(Atom(atom.variable, "present")))}
    rows = {
        variable: tuple(_true(model, _match(variable, number)) for number in range(len(possible[0])))
        for variable, possible in question.possible
    }
    addresses = {
        atom.variable: str(IPv4Address(model.eval(_address(atom.variable), model_completion=True).as_long()))
        for atom in found
        if atom.relation == "cidr" and atom.variable in present
    }
    return _Answer(rows, addresses, frozenset(present))


def _true(model: Any, term: Any) -> bool:  # noqa: ANN401 (z3 has no types)
    return bool(z3.is_true(model.eval(term, model_completion=True)))


def _match(variable: str, number: int) -> Any:  # noqa: ANN401 (z3 has no types)
    return _term(Atom(variable, "matches", str(number)))


def _term(formula: Formula) -> Any:  # noqa: ANN401 (z3 has no types)
    if isinstance(formula, bool):
        return z3.BoolVal(formula)
    if isinstance(formula, Atom):
        if formula.relation == "cidr":
            block = IPv4Network(formula.text, strict=False)
            mask, network = int(block.netmask), int(block.network_address)
            return _address(formula.variable) & z3.BitVecVal(mask, 32) == z3.BitVecVal(network, 32)
        return z3.Bool(f"{formula.variable} {formula.relation} {formula.text}")
    if isinstance(formula, Not):
        return z3.Not(_term(formula.operand))
    if isinstance(formula, And):
        return z3.And(*map(_term, formula.operands))
    if isinstance(formula, Or):
        return z3.Or(*map(_term, formula.operands))
    assert_never(formula)


def _address(name: str) -> Any:  # noqa: ANN401 (z3 has no types)
    return z3.BitVec(f"{name} as an address", 32)
