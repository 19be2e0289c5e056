"""Finds the targets that a statement can cover, without looking at the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache

from isolation.catalogue.kinds import KINDS
from isolation.iam.language import ParsedStatement
from isolation.iam.made_up import made_up, opened
from isolation.iam.patterns import glob_includes, glob_matches, globs_meet
from isolation.iam.prefix_index import PrefixIndex
from isolation.model.caller import Caller
from isolation.model.target import Target


class Index:
    """Finds the targets with an ARN that a pattern can match, without looking at the others."""

    def __init__(self, targets: list[Target]) -> None:
        self.targets = targets
        self._patterns: dict[str, PrefixIndex[int]] = defaultdict(PrefixIndex)
        for number, target in enumerate(targets):
            for pattern in target.patterns:
                self._patterns[target.kind].add(pattern, number, separated=target.separated)
        self._met: dict[tuple[str, str], list[list[Target]]] = {}
        self._aliases: dict[int, tuple[str, ...]] = {}
        """By the identity of a list in `_met`, which holds it as long as the index lives."""
        self._by_role: dict[str, list[int]] = defaultdict(list)
        self.open: list[int] = []
        """Targets whose policy names everybody, or everybody except some."""
        for number, target in enumerate(targets):
            self._index_policy(number, target)

    @cached_property
    def takeable(self) -> Index:
        """The index of the targets that yield credentials to whoever takes them over."""
        return Index([target for target in self.targets if target.roles])

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
        """Return the targets that `statement` of an identity policy may cover, by kind, pattern and form of request."""
        for kind in _kinds_of(statement.actions, negated=statement.not_action):
            if kind not in self._patterns:
                continue
            patterns = ("*",) if statement.not_resource else statement.resources
            for pattern in patterns:
                yield from self._meeting(kind, widened(pattern))

    def aliases_of(self, found: list[Target]) -> tuple[str, ...]:
        """Return all aliases of the targets in `found`, which is one of the lists of `met_by`, in order."""
        if id(found) not in self._aliases:
            self._aliases[id(found)] = tuple(sorted({alias for target in found for alias in target.aliases}))
        return self._aliases[id(found)]

    def _meeting(self, kind: str, pattern: str) -> list[list[Target]]:
        if (kind, pattern) not in self._met:
            found: dict[object, list[Target]] = defaultdict(list)
            for number in sorted(self._patterns[kind].meeting(pattern)):
                target = self.targets[number]
                found[target.context, target.actions, target.harmless].append(target)
            self._met[kind, pattern] = list(found.values())
        return self._met[kind, pattern]

    def naming(self, caller: Caller) -> list[Target]:
        """Return the targets whose policy names `caller` itself, or everybody."""
        numbers = {*self._by_role.get(_role_key(caller.arn), ()), *self.open}
        if made_up(caller.arn):
            may_be = _role_key(opened(caller.arn))
            for name, named in self._by_role.items():
                if not made_up(name) and glob_matches(may_be, name):
                    numbers.update(named)
        return [self.targets[number] for number in sorted(numbers)]


def _role_key(arn: str) -> str:
    """Return what the ARN of a role and those of its sessions have in common: account and name."""
    segments = arn.split(":", 5)
    if len(segments) < 6:  # noqa: PLR2004 (an ARN has six segments)
        return arn
    parts = segments[5].split("/")
    return f"{segments[4]}:{parts[1] if parts[0] == 'assumed-role' and len(parts) > 1 else parts[-1]}"


def widened(pattern: str) -> str:
    """Return `pattern` as wide as its policy variables can make it."""
    return "*" if "${" in pattern else pattern


@lru_cache(maxsize=1 << 14)
def _kinds_of(actions: tuple[str, ...], *, negated: bool) -> tuple[str, ...]:
    """Return the kinds that a statement on `actions` bears on, apart from harmless actions."""
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
