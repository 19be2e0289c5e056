"""What an attacker can become: the roles that it can assume, pass or take over, and the rights that it can give itself.

The steps are those of Gietzen's catalogue of IAM privilege escalation (Rhino Security Labs, 2018) as far as they start
from rights that a workload's role could hold. Each step is a question to the prover, so conditions count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from isolation.iam.patterns import globs_meet
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.reach.asking import Asking
from isolation.reach.candidates import candidates
from isolation.reach.changes import changed, may_change
from isolation.reach.foothold import Foothold
from isolation.reach.index import Index
from isolation.reach.prover import Outcome, Prover
from isolation.reach.sessions import choosable_tags, created, federated, with_tags


class Closure:
    """Finds everybody that an attacker can act as.

    Attributes:
        prover: answers whether a step can be taken.
        index: of the targets.
        roles: every role and user of the stacks, by ARN.
        asking: what the policies of all of these ask of a caller.
    """

    def __init__(self, prover: Prover, index: Index, roles: Mapping[str, Caller]) -> None:
        self.prover = prover
        self.index = index
        self.roles = roles
        self.asking = Asking(index.targets, roles.values())

    def footholds(self, initial: Iterable[Foothold]) -> list[Foothold]:
        """Return everybody that an attacker who starts from `initial` can act as."""
        found: list[Foothold] = []
        changing: list[bool] = []
        seen: set[tuple[object, ...]] = set()
        waiting = list(initial)
        while waiting:
            foothold = waiting.pop(0)
            key = _key(foothold.caller)
            if key in seen:
                continue
            seen.add(key)
            found.append(foothold)
            changing.append(may_change(foothold.caller))
            # What one of them may change of another counts whichever of the two was found first.
            for other, changes in zip(found, changing, strict=True):
                if changing[-1]:
                    waiting += changed(self.prover, self.asking, foothold, other)
                if changes and other is not foothold:
                    waiting += changed(self.prover, self.asking, other, foothold)
            waiting += created(self.prover, self.asking, foothold)
            waiting += federated(self.prover, self.asking, foothold)
            waiting += self._taken(foothold)
        return found

    def _taken(self, foothold: Foothold) -> Iterator[Foothold]:
        """Return the footholds that an attacker gains by taking over roles, or what runs as them."""
        who = foothold.caller
        if who.type not in {"role", "foreign"}:
            return
        if who.administrator and who.type == "role":
            # It may do what any administrator may; only the resources' own policies remain between it and the data.
            return
        for target in candidates(self.prover, self.index.takeable, who):
            actions = tuple(
                action for action in target.takeover if any(globs_meet(action, own) for own in target.actions)
            )
            # A role that assumes or passes itself gains new session tags, or a function of its own choice.
            if not actions or (who.arn in target.roles and target.kind != "role"):
                continue
            outcome = self.prover.reach(who, target, actions)
            if outcome.answer == "no":
                continue
            for arn in target.roles:
                if arn in self.roles:
                    yield from self._as_role(foothold, target, outcome, self.roles[arn], actions[0])

    def _as_role(
        self, foothold: Foothold, target: Target, outcome: Outcome, role: Caller, otherwise: str
    ) -> Iterator[Foothold]:
        who = foothold.caller
        action = outcome.request.action if outcome.request else otherwise
        gained = replace(role, functions=None)
        text = f"{who.name} does {action} on {target.address}, to act as {gained.name}"
        yield from foothold.step(outcome, text, gained)
        if target.kind != "role":
            return
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html: they override the role's tags.
        chosen = choosable_tags(
            self.prover, self.asking, who, target, ("sts:assumerole*", "sts:tagsession"), role.tags
        )
        if chosen:
            yield from foothold.step(outcome, text, with_tags(gained, chosen))
        trusting = self.prover.reach(who, target, ("iam:updateassumerolepolicy",))
        text = f"{who.name} lets itself tag sessions of {target.address}, to act as {gained.name}"
        yield from foothold.step(trusting, text, replace(gained, tags=None))
        if who.chosen:
            # Transitive tags of a session follow it into the next
            # (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining).
            handed_on = replace(foothold, certain=False)
            yield from handed_on.step(outcome, text, with_tags(gained, who.chosen))


def _key(who: Caller) -> tuple[object, ...]:
    return (
        who.name,
        who.arn,
        None if who.tags is None else tuple(sorted(who.tags.items())),
        who.chosen,
        who.boundary is None,
        who.administrator,
        who.functions is None,
        len(who.identity),
    )
