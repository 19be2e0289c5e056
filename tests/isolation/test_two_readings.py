"""Two readings of the same policies agree: the encoding with its solver, and the evaluator."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from isolation.encoding.condition_keys import Unsure, value_of
from isolation.encoding.policies import Encoding
from isolation.evaluator.decision import authorized
from isolation.evaluator.request import Request
from isolation.logic.formula import Atom, Formula, atoms, conjunction, negation
from isolation.logic.solver import Solver
from isolation.model.target import Target
from isolation.reach.counterexample import concrete_request
from tests.isolation.random_policies import WIDE_RESOURCES, questions

ROOT = Path(__file__).resolve().parents[2]
THOROUGH = settings(
    max_examples=700, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def pinned(formula: Formula, request: Request) -> Formula:
    """`formula` for exactly the values of `request`."""
    facts: list[Formula] = []
    for variable in sorted({atom.variable for atom in atoms(formula)}):
        name, _, slot = variable.partition("#")
        own = {
            "action": (request.action,),
            "resource": (request.resource,),
            "principal": (request.caller.arn,),
        }
        values = own.get(name) or request.context.get(name, ())
        number = int(slot or 0)
        if number >= len(values):
            facts.append(negation(Atom(variable, "present")))
            continue
        relation = ("cidr", f"{values[number]}/32") if name == "aws:sourceip" else ("equals", values[number])
        facts += [Atom(variable, "present"), Atom(variable, *relation)]
    return conjunction([formula, *facts])


@THOROUGH
@given(questions())
def test_encoding_and_evaluator_decide_alike(question: tuple[Target, Request]) -> None:
    target, request = question
    who = replace(request.caller, arn="") if request.caller.type == "foreign" else request.caller
    answer = authorized(target, request).allowed
    wide = Encoding(who, target, wide=True).authorized()
    narrow = Encoding(who, target, wide=False).authorized()
    solver = Solver()
    if answer:
        assert solver.model(pinned(wide, request)) is not None, "the proof would miss this request"
    if solver.model(pinned(narrow, request)) is not None:
        assert answer, "the counterexample would be none"
    if solver.model(pinned(wide, request)) is not None and not _unclear(target, request):
        assert answer


def _unclear(target: Target, request: Request) -> bool:
    """Whether wide and narrow readings may differ.

    They do for policy variables, NotPrincipal, values without a quantifier, wildcards before an ARN's last segment and
    keys that perhaps are missing.
    """
    policies = [*target.policy, *request.caller.identity, *(request.caller.boundary or ())]
    found = [condition for statement in policies for condition in statement.conditions]
    plain = any(condition.key == "aws:tagkeys" and not condition.quantifier for condition in found)
    variables = any("${" in value for condition in found for value in condition.values)
    wide = any(pattern in WIDE_RESOURCES for statement in policies for pattern in statement.resources)
    unsure = any(isinstance(value_of(condition.key, request.caller, target), Unsure) for condition in found)
    return plain or variables or wide or unsure or any(statement.not_principal for statement in policies)


@THOROUGH
@given(questions())
def test_a_witness_of_the_solver_is_authorized_by_the_evaluator(question: tuple[Target, Request]) -> None:
    target, request = question
    who = replace(request.caller, arn="") if request.caller.type == "foreign" else request.caller
    model = Solver().model(Encoding(who, target, wide=False).authorized())
    if model is not None:
        assert authorized(target, concrete_request(who, target, model)).allowed


def loaded_by(module: str) -> set[str]:
    """The modules of the prover that an import of `module` loads."""
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('isolation')))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


SHARED = {"isolation", "isolation.iam", "isolation.iam.language", "isolation.model"}
SHARED |= {"isolation.model.caller", "isolation.model.target"}
SHARED |= {"isolation.catalogue", "isolation.catalogue.resource_keys"}


def test_the_two_readings_share_parsed_policies_model_and_facts_alone() -> None:
    """What both used would confirm its own mistakes."""
    evaluator, encoding = loaded_by("isolation.evaluator.decision"), loaded_by("isolation.encoding.policies")
    assert evaluator & encoding == SHARED
