"""Policies as formulas: when is a request authorized?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Service control policies,
session policies and S3 Block Public Access only take away; they are not read, which over-approximates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from isolation.attackers import MULTIVALUED, Fixed, Free, context
from isolation.formula import Atom, Formula, atoms, conjunction, disjunction, negation
from isolation.iam import VARIABLE, ParsedCondition, ParsedPolicy, ParsedStatement, PrincipalPattern
from isolation.model import Caller, Target
from isolation.patterns import (
    arn_includes,
    arn_matches,
    arns_meet,
    glob_includes,
    glob_matches,
    globs_meet,
    has_wildcard,
)

_Test = Callable[[str, str], bool]
_RELATIONS: Final = {
    "StringEquals": "equals",
    "StringEqualsIgnoreCase": "iequals",
    "StringLike": "like",
    "ArnEquals": "arn",
    "ArnLike": "arn",
    "Bool": "iequals",
    "IpAddress": "cidr",
}


@dataclass(slots=True)
class Encoding:
    """The formulas of one caller's requests on one target.

    Attributes:
        caller: who asks.
        target: for what.
        wide: read doubts in the attacker's favour (nothing can be missed), or against (a model is a real violation).
        actions: patterns that the action is limited to; the target's own where empty.
    """

    caller: Caller
    target: Target
    wide: bool
    actions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Take the target's own actions where none are given."""
        self.actions = self.actions or self.target.actions

    def authorized(self) -> Formula:
        """Return the formula of the requests that AWS authorizes, in the reading of `wide`."""
        who, what = self.caller, self.target
        allowed = self._granted()
        if allowed is False:
            return False
        denials = [
            negation(self._applies(statement, named=whom))
            for policy, whom in self._policies()
            for statement in policy
            if not statement.allows
        ]
        domain = [
            disjunction(Atom("action", "like", pattern) for pattern in self.actions),
            *(
                negation(Atom("action", "like", pattern))
                for pattern in what.harmless
                if _meets(pattern, self.actions)
            ),
            Atom("action", "present"),
        ]
        formula = conjunction([*domain, allowed, *denials])
        return formula if formula is False else conjunction([formula, *self._domains(formula, who)])

    def _policies(self) -> list[tuple[ParsedPolicy, bool]]:
        """Return the policies that may deny, each with whether it names principals."""
        own = [(self.caller.identity, False), (self.caller.boundary or (), False)]
        return [*([] if self.caller.administrator else own), (self.target.policy, True)]

    def _granted(self) -> Formula:
        who, what = self.caller, self.target
        named = [statement for statement in what.policy if statement.allows]
        direct = disjunction(self._applies(statement, named=True) for statement in named)
        if who.type in {"anonymous", "service"} or direct is True:
            return direct
        if who.type == "foreign":
            # Across accounts both policies must allow; a foreign account's owner writes the other one.
            return disjunction([direct, self._delegated(named)])
        identity = self._identity()
        if not what.policy_required:
            return disjunction([direct, identity])
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
        return disjunction([direct, conjunction([identity, self._delegated(named)])])

    def _delegated(self, statements: Iterable[ParsedStatement]) -> Formula:
        """Return where the resource policy names the principal's account, which leaves it to identity policies."""
        return disjunction(self._applies(statement, named=True, delegating=True) for statement in statements)

    def _identity(self) -> Formula:
        """Return where the identity policies allow and the boundary does not cap them."""
        who = self.caller
        if who.administrator:
            return True
        granted = disjunction(self._applies(statement) for statement in who.identity if statement.allows)
        if who.boundary is None or granted is False:
            return granted
        return conjunction(
            [
                granted,
                disjunction(self._applies(statement) for statement in who.boundary if statement.allows),
            ]
        )

    def _applies(
        self, statement: ParsedStatement, *, named: bool = False, delegating: bool = False
    ) -> Formula:
        """Return where `statement` applies: as wide as it may where that helps the attacker, else as narrow."""
        wide = statement.allows == self.wide
        if statement.doubts and not wide:
            return False
        try:
            parts = [self._action(statement)]
            if named:
                parts.append(self._principal(statement, wide=wide, delegating=delegating))
            if False in parts:
                return False
            parts.append(self._resource(statement, wide=wide))
            parts += [self._condition(condition, wide=wide) for condition in statement.conditions]
        except _DoubtError:
            return False
        return conjunction(parts)

    # What the statement speaks of

    def _action(self, statement: ParsedStatement) -> Formula:
        found = _action(statement.actions, self.actions)
        return negation(found) if statement.not_action else found

    def _resource(self, statement: ParsedStatement, *, wide: bool) -> Formula:
        value = Free("resource", domain=self.target.patterns)
        found: list[Formula] = []
        for pattern in statement.resources:
            text = self._substituted(pattern)
            if text.doubtful:
                if not wide:
                    raise _DoubtError
                if statement.not_resource:
                    continue
            if text.text is not None:
                found.append(_compared(value, "arn", text.text))
        return negation(disjunction(found)) if statement.not_resource else disjunction(found)

    def _principal(self, statement: ParsedStatement, *, wide: bool, delegating: bool) -> Formula:
        patterns = statement.principals or ()
        if delegating:
            named = any(pattern.kind == "account" and self._in_account(pattern.name) for pattern in patterns)
            return named and not statement.not_principal
        # Whoever is certainly meant, or whoever may be: a session of a role stands for one session only, and a
        # denial spares a role only where its account and its session are spared as well.
        may = wide != statement.not_principal
        account_too = may if statement.not_principal else not statement.allows
        found = disjunction(self._is(pattern, account_too=account_too, may=may) for pattern in patterns)
        return negation(found) if statement.not_principal else found

    def _in_account(self, account: str) -> bool:
        return bool(self.caller.account) and self.caller.account == account

    def _is(self, pattern: PrincipalPattern, *, account_too: bool, may: bool) -> Formula:
        """Return where the principal is meant by `pattern`, or by its account if `account_too`."""
        who = self.caller
        if pattern.kind == "any":
            return True
        if pattern.kind == "service":
            return who.type == "service" and who.service == pattern.name
        if pattern.kind == "account":
            return account_too and self._in_account(pattern.name)
        if who.type == "role":
            return pattern.name == who.arn or (may and _is_session_of(pattern.name, who.arn))
        if who.type == "foreign" and f"::{who.account}:" in pattern.name:
            return may if ":sts:" in pattern.name else Atom("principal", "equals", pattern.name)
        return False

    # Conditions

    def _condition(self, condition: ParsedCondition, *, wide: bool) -> Formula:
        value = context(condition.key, self.caller, self.target)
        texts = [self._substituted(text) for text in condition.values]
        doubtful = any(text.doubtful for text in texts) or (isinstance(value, Free) and bool(value.doubt))
        doubtful |= condition.key in MULTIVALUED and not condition.quantifier and condition.operator != "Null"
        if doubtful:
            if not wide:
                raise _DoubtError
            return True
        patterns = [text.text for text in texts if text.text is not None]
        if isinstance(value, Fixed):
            return _fixed_condition(condition, value, patterns)
        slots = [value]
        if condition.key in MULTIVALUED:
            slots = [
                replace(value, variable=f"{value.variable}#{number}")
                for number in range(self._slots(condition.key))
            ]
        present = [value.required or Atom(slot.variable, "present") for slot in slots]
        if condition.operator == "Null":
            missing = negation(disjunction(present))
            return disjunction(missing if text == "true" else negation(missing) for text in patterns)
        relation = _RELATIONS[condition.operator.replace("Not", "", 1)]
        holds = [disjunction(_compared(slot, relation, pattern) for pattern in patterns) for slot in slots]
        if condition.negated:
            holds = [negation(match) for match in holds]
        if condition.quantifier == "ForAnyValue":
            return disjunction(conjunction(pair) for pair in zip(present, holds, strict=True))
        if condition.quantifier == "ForAllValues" or condition.negated or condition.if_exists:
            return conjunction(
                disjunction([negation(is_there), match])
                for is_there, match in zip(present, holds, strict=True)
            )
        return conjunction([present[0], holds[0]])

    def _slots(self, key: str) -> int:
        """Return how many values of `key` any formula can tell apart: one for each condition on it."""
        policies = [policy for policy, _ in self._policies()]
        conditions = (
            condition for policy in policies for statement in policy for condition in statement.conditions
        )
        return sum(condition.key == key for condition in conditions)

    def _domains(self, formula: Formula, who: Caller) -> Iterable[Formula]:
        """Return what limits each variable of `formula`."""
        for variable in sorted({atom.variable for atom in atoms(formula)}):
            key = variable.partition("#")[0]
            if key == "action":
                continue
            if key == "resource":
                value: Fixed | Free = Free("resource", domain=self.target.patterns, required=True)
            else:
                value = context("aws:principalarn" if key == "principal" else key, who, self.target)
            if isinstance(value, Fixed):
                continue
            if value.required:
                yield Atom(variable, "present")
            limits = [
                *(Atom(variable, "equals", text) for text in value.literals),
                *(Atom(variable, "arn", text) for text in value.domain),
            ]
            if limits:
                yield disjunction(limits)

    def _substituted(self, text: str) -> _Text:
        """Return `text` with its policy variables replaced, as far as their values are known."""
        if "${" not in text:
            return _Text(text)
        parts: list[str] = []
        position = 0
        for match in VARIABLE.finditer(text):
            parts.append(text[position : match.start()])
            position = match.end()
            name, _, default = match[1].partition(",")
            value = context(name.strip().lower(), self.caller, self.target)
            if not isinstance(value, Fixed) or name.strip() in {"*", "?", "$"}:
                return _Text("*", doubtful=True)
            found = (*value.values, default.strip(" '"))[0]
            if has_wildcard(found):
                return _Text("*", doubtful=True)
            if not found:
                return _Text(None)
            parts.append(found)
        return _Text("".join(parts) + text[position:])


@lru_cache(maxsize=1 << 14)
def _action(patterns: tuple[str, ...], domain: tuple[str, ...]) -> Formula:
    """Return where an action of `domain` matches one of `patterns`."""
    return disjunction(
        all(glob_includes(pattern, own) for own in domain) or Atom("action", "like", pattern)
        for pattern in patterns
        if _meets(pattern, domain)
    )


def _meets(pattern: str, domain: tuple[str, ...]) -> bool:
    return any(globs_meet(pattern, own) for own in domain)


@dataclass(frozen=True, slots=True)
class _Text:
    """A pattern without policy variables; without a text, one that matches nothing."""

    text: str | None
    doubtful: bool = False


class _DoubtError(Exception):
    """The narrow reading of a statement in doubt: it does not apply."""


def _is_session_of(session: str, role: str) -> bool:
    """Whether the ARN `session` is of a session of `role`: the path is not in it."""
    ours, theirs = session.split(":"), role.split(":")
    if ours[2] != "sts" or ours[4] != theirs[4] or not ours[5].startswith("assumed-role/"):
        return False
    return ours[5].split("/")[1] == theirs[5].rpartition("/")[2]


def _compared(value: Free, relation: str, pattern: str) -> Formula:
    """Return where a value that is present matches `pattern`, decided where its domain decides it."""
    if value.strange and not has_wildcard(pattern):
        return False
    if relation == "cidr":
        return Atom(value.variable, relation, pattern)
    if value.literals:
        return disjunction(
            _matches(relation, pattern, text)
            and (len(value.literals) == 1 or Atom(value.variable, "equals", text))
            for text in value.literals
        )
    if value.domain and relation in _ALGEBRA:
        meets, includes = _ALGEBRA[relation]
        if not any(meets(pattern, domain) for domain in value.domain):
            return False
        if includes is not None and all(includes(pattern, domain) for domain in value.domain):
            return True
    return Atom(value.variable, relation, pattern)


def _equals_in(literal: str, domain: str) -> bool:
    return arn_matches(domain, literal)


_ALGEBRA: Final[Mapping[str, tuple[_Test, _Test | None]]] = {
    "arn": (arns_meet, arn_includes),
    "like": (globs_meet, glob_includes),
    "equals": (_equals_in, None),
}
"""Whether a pattern meets, and whether it includes, a domain. A domain is a pattern of ARNs."""


def _matches(relation: str, pattern: str, text: str) -> bool:
    if relation == "equals":
        return pattern == text
    if relation == "iequals":
        return pattern.lower() == text.lower()
    return arn_matches(pattern, text) if relation == "arn" else glob_matches(pattern, text)


def _fixed_condition(condition: ParsedCondition, value: Fixed, patterns: list[str]) -> bool:
    if condition.operator == "Null":
        return any((not value.values) == (text == "true") for text in patterns)
    if not value.values:
        if condition.quantifier:
            return condition.quantifier == "ForAllValues"
        return condition.negated or condition.if_exists
    relation = _RELATIONS[condition.operator.replace("Not", "", 1)]
    matched = any(_matches(relation, pattern, value.values[0]) for pattern in patterns)
    return matched != condition.negated
