"""Conditions as formulas: for which values of a request's condition keys they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from isolation.catalogue.condition_keys import MULTIVALUED
from isolation.encoding.comparison import compared, matches
from isolation.encoding.condition_keys import Fixed, Free, Unsure, value_of
from isolation.encoding.variables import substituted
from isolation.iam.language import ParsedCondition
from isolation.logic.formula import Atom, Formula, conjunction, disjunction, negation
from isolation.model.caller import Caller
from isolation.model.target import Target

_RELATIONS: Final = {
    "StringEquals": "equals",
    "StringEqualsIgnoreCase": "iequals",
    "StringLike": "like",
    "ArnEquals": "arn",
    "ArnLike": "arn",
    "Bool": "iequals",
    "IpAddress": "cidr",
}


class DoubtError(Exception):
    """The narrow reading of a statement in doubt: it does not apply."""


def condition_formula(
    condition: ParsedCondition, caller: Caller, target: Target, *, slots: int, wide: bool, proving: bool
) -> Formula:
    """Return where `condition` holds.

    Args:
        condition: of a statement.
        caller: who makes the request.
        target: what the request is on.
        slots: how many values of a key with several the formula tells apart.
        wide: whether a condition in doubt holds.
        proving: whether the formula is for a proof, which relies on no default, or for a counterexample.

    Raises:
        DoubtError: the condition is in doubt, and `wide` is false.
    """
    value = value_of(condition.key, caller, target)
    texts = [substituted(text, caller, target) for text in condition.values]
    doubtful = any(text.doubtful for text in texts) or (isinstance(value, Free) and bool(value.doubt))
    doubtful |= condition.key in MULTIVALUED and not condition.quantifier and condition.operator != "Null"
    if doubtful:
        if not wide:
            raise DoubtError
        return True
    patterns = [text.text for text in texts if text.text is not None]
    if not isinstance(value, Free):
        return _set_by_aws(condition, value, patterns, wide=wide, proving=proving)
    return _chosen(condition, value, patterns, slots, may=wide != condition.negated)


def _chosen(
    condition: ParsedCondition, value: Free, patterns: list[str], slots: int, *, may: bool
) -> Formula:
    """Return where a condition on a key holds whose value the attacker chooses."""
    values = [value]
    if condition.key in MULTIVALUED:
        values = [replace(value, variable=f"{value.variable}#{number}") for number in range(slots)]
    present = [value.required or Atom(one.variable, "present") for one in values]
    if condition.operator == "Null":
        missing = negation(disjunction(present))
        return disjunction(missing if text == "true" else negation(missing) for text in patterns)
    relation = _RELATIONS[condition.operator.replace("Not", "", 1)]
    holds = [disjunction(compared(one, relation, pattern, may=may) for pattern in patterns) for one in values]
    if condition.negated:
        holds = [negation(match) for match in holds]
    if condition.quantifier == "ForAnyValue":
        return disjunction(conjunction(pair) for pair in zip(present, holds, strict=True))
    if condition.quantifier == "ForAllValues" or condition.negated or condition.if_exists:
        return conjunction(
            disjunction([negation(is_there), match]) for is_there, match in zip(present, holds, strict=True)
        )
    return conjunction([present[0], holds[0]])


def _set_by_aws(
    condition: ParsedCondition, value: Fixed | Unsure, patterns: list[str], *, wide: bool, proving: bool
) -> bool:
    """Whether a condition holds on a key that AWS sets, or perhaps leaves out."""
    may = wide != condition.negated
    if isinstance(value, Fixed):
        return _fixed(condition, value, patterns, may=may)
    missing = _fixed(condition, Fixed(), patterns, may=may)
    if value.by_default_missing and not proving:
        return missing
    both = (missing, _fixed(condition, Fixed(value.values), patterns, may=may))
    return any(both) if wide else all(both)


def _fixed(condition: ParsedCondition, value: Fixed, patterns: list[str], *, may: bool) -> bool:
    if condition.operator == "Null":
        return any((not value.values) == (text == "true") for text in patterns)
    if not value.values:
        if condition.quantifier:
            return condition.quantifier == "ForAllValues"
        return condition.negated or condition.if_exists
    relation = _RELATIONS[condition.operator.replace("Not", "", 1)]
    matched = any(matches(relation, pattern, value.values[0], may=may) for pattern in patterns)
    return matched != condition.negated
