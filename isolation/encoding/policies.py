"""Policies as formulas: when is a request authorized?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Service control policies,
session policies and S3 Block Public Access only take permissions away; they are not read, which over-approximates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from isolation.catalogue.condition_keys import MULTIVALUED
from isolation.encoding.comparison import compared
from isolation.encoding.condition_keys import Fixed, Free, Unsure, value_of
from isolation.encoding.conditions import DoubtError, condition_formula
from isolation.encoding.variables import substituted
from isolation.iam.language import ParsedCondition, ParsedPolicy, ParsedStatement, PrincipalPattern
from isolation.iam.made_up import guesses, opened
from isolation.iam.patterns import glob_includes, glob_matches, globs_meet
from isolation.iam.resource_patterns import Reading, comparisons
from isolation.logic.formula import Atom, Formula, atoms, conjunction, disjunction, negation
from isolation.model.caller import Caller
from isolation.model.target import Target


@dataclass(slots=True)
class Encoding:
    """The formulas of one caller's requests on one target.

    Attributes:
        caller: who makes the requests.
        target: what they are on.
        wide: whether doubts are read in the attacker's favour, so that no request is missed, or against it, so that
            every model is a real violation.
        actions: patterns that limit the action; the target's own if empty.
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
            *(
                negation(compared(Free("resource", domain=what.patterns), "arn", pattern, may=False))
                for pattern in what.own.get(who.owner or "", ())
            ),
        ]
        formula = conjunction([*domain, allowed, *denials])
        return formula if formula is False else conjunction([formula, *self._domains(formula, who)])

    def _policies(self) -> list[tuple[ParsedPolicy, bool]]:
        """Return the policies that may deny, and whether each names principals."""
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
        """Return where the resource policy names the caller's account and so leaves it to identity policies."""
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
        except DoubtError:
            return False
        return conjunction(parts)

    # What the statement covers

    def _action(self, statement: ParsedStatement) -> Formula:
        found = _action(statement.actions, self.actions)
        return negation(found) if statement.not_action else found

    def _resource(self, statement: ParsedStatement, *, wide: bool) -> Formula:
        value = Free("resource", domain=self.target.patterns)
        # What an Allow covers, it certainly covers for a counterexample and possibly for a proof; what it excepts, and
        # what a Deny covers, the other way round.
        reading: Reading = "widest" if wide != statement.not_resource else "narrowest"
        if statement.allows and not wide and not statement.not_resource:
            reading = "documented"
        found: list[Formula] = []
        for pattern in statement.resources:
            text = substituted(pattern, self.caller, self.target)
            if text.doubtful:
                if not wide:
                    raise DoubtError
                if statement.not_resource:
                    continue
            if text.text is not None:
                found += [
                    conjunction(
                        compared(value, relation, own, may=reading == "widest") for relation, own in group
                    )
                    for group in comparisons(text.text, reading)
                ]
        return negation(disjunction(found)) if statement.not_resource else disjunction(found)

    def _principal(self, statement: ParsedStatement, *, wide: bool, delegating: bool) -> Formula:
        patterns = statement.principals or ()
        if delegating:
            named = any(pattern.kind == "account" and self._in_account(pattern.name) for pattern in patterns)
            return named and not statement.not_principal
        # Whoever is certainly meant, or whoever may be: the ARN of a session is one session of a role only, and a
        # denial spares a role only where its account and its session are spared as well.
        may = wide != statement.not_principal
        account_too = may if statement.not_principal else not statement.allows
        found = disjunction(self._is(pattern, account_too=account_too, may=may) for pattern in patterns)
        return negation(found) if statement.not_principal else found

    def _in_account(self, account: str) -> bool:
        return bool(self.caller.account) and self.caller.account == account

    def _is(self, pattern: PrincipalPattern, *, account_too: bool, may: bool) -> Formula:
        """Return where the caller is meant by `pattern`, or by its account if `account_too`."""
        who = self.caller
        if pattern.kind == "any":
            return True
        if pattern.kind == "service":
            return who.type == "service" and who.service == pattern.name
        if pattern.kind == "account":
            return account_too and self._in_account(pattern.name)
        if who.type == "role":
            guessed = guesses(pattern.name, who.arn) and glob_matches(opened(who.arn), pattern.name)
            return pattern.name == who.arn or (may and (guessed or _is_session_of(pattern.name, who.arn)))
        if who.type == "foreign" and f"::{who.account}:" in pattern.name:
            return may if ":sts:" in pattern.name else Atom("principal", "equals", pattern.name)
        return False

    def _condition(self, condition: ParsedCondition, *, wide: bool) -> Formula:
        slots = self._slots(condition.key) if condition.key in MULTIVALUED else 1
        return condition_formula(
            condition, self.caller, self.target, slots=slots, wide=wide, proving=self.wide
        )

    def _slots(self, key: str) -> int:
        """Return how many values of `key` a formula can tell apart: one for each condition on it."""
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
                value: Fixed | Free | Unsure = Free("resource", domain=self.target.patterns, required=True)
            else:
                value = value_of("aws:principalarn" if key == "principal" else key, who, self.target)
            if not isinstance(value, Free):
                continue
            relation = "parts" if key == "resource" and self.target.separated else "arn"
            if value.required:
                yield Atom(variable, "present")
            limits = [
                *(Atom(variable, "equals", text) for text in value.literals),
                *(Atom(variable, relation, text) for text in value.domain),
            ]
            if limits:
                yield disjunction(limits)


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


def _is_session_of(session: str, role: str) -> bool:
    """Whether the ARN `session` is of a session of `role`: the path is not in it."""
    ours, theirs = session.split(":"), role.split(":")
    if ours[2] != "sts" or ours[4] != theirs[4] or not ours[5].startswith("assumed-role/"):
        return False
    return ours[5].split("/")[1] == theirs[5].rpartition("/")[2]
