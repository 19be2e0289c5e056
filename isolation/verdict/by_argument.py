"""Attacks by what a request names in an argument, which AWS does not authorize: only what the request is on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from isolation.catalogue.rights import (
    NAMES_A_QUEUE,
    NAMES_A_TASK_DEFINITION,
    NAMES_ADDRESSES,
    NAMES_HOSTS,
    NAMES_PRIORITIES,
    TASK_DEFINITION_KEY,
)
from isolation.model.caller import PLATFORM
from isolation.model.target import Target
from isolation.network.hosts import ListenerRule, rules_by_listener, takeable
from isolation.network.network import Network
from isolation.reach.foothold import Foothold
from isolation.reach.prover import Outcome
from isolation.reach.rights import allows_some
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack
from isolation.synthesized.strict_json import loads
from isolation.verdict.case import Case, finding_of
from isolation.verdict.finding import Finding
from isolation.verdict.outcomes import place_of_outcome, without
from isolation.verdict.place import Place

_RIGHTS = (*NAMES_A_QUEUE, *NAMES_A_TASK_DEFINITION, *NAMES_HOSTS, *NAMES_PRIORITIES, *NAMES_ADDRESSES)


def attack_by_arguments(case: Case, attackers: Mapping[str, list[Foothold]], network: Network) -> None:
    """Attack with the rights whose danger is in an argument.

    Args:
        case: the analysis.
        attackers: whom each tenant can act as.
        network: what a load balancer reaches.
    """
    own: dict[str, list[Target]] = {}
    for target in case.inventory.targets:
        if target.owner is not None and target.kind in {"balancer", "queue", "task"}:
            own.setdefault(target.owner, []).append(target)
    arguments = _Arguments(case, network)
    for tenant, footholds in attackers.items():
        targets = own.get(tenant, [])
        granting = [statement for target in targets for statement in target.policy]
        for foothold in footholds:
            who = foothold.caller
            # Whoever has every permission needs no argument.
            if (
                who.type == "role"
                and not who.administrator
                and allows_some((*who.identity, *granting), _RIGHTS)
            ):
                arguments.attack(tenant, foothold, targets)


@dataclass(frozen=True, slots=True)
class _Reached:
    """What a request reaches by an argument.

    Attributes:
        target: another owner's.
        text: how, for people.
        certain: it does, rather than may.
    """

    target: Target
    text: str
    certain: bool = True


class _Arguments:
    """What the rights of one foothold reach by their arguments."""

    def __init__(self, case: Case, network: Network) -> None:
        self._case = case
        self._network = network
        self._resources = {
            resource.address: (stack, resource)
            for stack in case.inventory.stacks
            for resource in stack.all("aws_sqs_queue", "aws_lb_target_group")
        }
        self._rules: dict[str, list[tuple[ListenerRule, list[ListenerRule]]]] = defaultdict(list)
        for rules in rules_by_listener(case.inventory.stacks).values():
            for rule in rules:
                self._rules[rule.address].append((rule, rules))
        self._queues = [target for target in case.inventory.targets if target.kind == "queue"]
        self._definitions = [target for target in case.inventory.targets if ":task-definition/" in target.arn]

    def attack(self, tenant: str, foothold: Foothold, targets: list[Target]) -> None:
        """Attack as `tenant` from `foothold`, by requests on `targets`, which are its own."""
        for target in targets:
            if target.kind == "queue":
                self._move_messages(tenant, foothold, target, NAMES_A_QUEUE[1:])
            elif target.kind == "task" and ":cluster/" not in target.arn:
                self._run(tenant, foothold, target, NAMES_A_TASK_DEFINITION)
            elif ":listener-rule/" in target.arn:
                self._take_requests(tenant, foothold, target)
            elif ":targetgroup/" in target.arn:
                self._send_requests(tenant, foothold, target)
        for region in sorted({queue.arn.rpartition(":")[0] for queue in self._queues}):
            new = _new(self._queues[0], f"{region}:*", tenant, targets)
            self._move_messages(tenant, foothold, new, NAMES_A_QUEUE[:1])
        if self._definitions:
            account = self._case.inventory.account
            new = _new(self._definitions[0], f"arn:aws:ecs:*:{account}:service/*", tenant, targets)
            self._run(tenant, foothold, new, NAMES_A_TASK_DEFINITION[:1])

    def _move_messages(
        self, tenant: str, foothold: Foothold, source: Target, actions: tuple[str, ...]
    ) -> None:
        """Attack every queue that takes dead letters from `source`."""
        reached = []
        for queue in self._queues:
            taken = _takes_dead_letters(*self._resources[queue.address], source)
            if queue.owner != tenant and taken is not False and _alike(source, queue):
                text = f"its redrive_policy may name {queue.address}, which takes messages from any queue"
                reached.append(_Reached(queue, text, certain=taken is True))
        self._attempt(tenant, foothold, source, actions, reached)

    def _run(self, tenant: str, foothold: Foothold, service: Target, actions: tuple[str, ...]) -> None:
        """Attack every task definition that `service` may be told to run."""
        others = [one for one in self._definitions if one.owner != tenant]
        every = tuple(pattern for one in others for pattern in one.patterns)
        named = replace(service, context=((TASK_DEFINITION_KEY, every),))
        if not others or self._case.prover.reach(foothold.caller, named, actions).answer == "no":
            return
        for one in others:
            named = replace(service, context=((TASK_DEFINITION_KEY, one.patterns),))
            text = f"its taskDefinition may be {one.address}, with the roles that it names"
            self._attempt(tenant, foothold, named, actions, [_Reached(one, text)])

    def _take_requests(self, tenant: str, foothold: Foothold, target: Target) -> None:
        """Attack the rules whose requests the rule `target` takes once it is changed."""
        move = self._case.prover.reach(foothold.caller, target, NAMES_PRIORITIES)
        for actions, hosts in ((NAMES_HOSTS, True), (NAMES_PRIORITIES, False)):
            reached = []
            for own, rules in self._rules.get(target.address, ()):
                for other, certain in takeable(rules, own, hosts=hosts, place=move.answer != "no"):
                    text = f"it then comes before {other.address} and takes requests for its host"
                    sure = certain and move.answer != "unknown"
                    reached.append(_Reached(replace(target, owner=other.owner), text, certain=sure))
            self._attempt(tenant, foothold, target, actions, reached)

    def _send_requests(self, tenant: str, foothold: Foothold, group: Target) -> None:
        """Attack whatever load balancers reach in the network of the target group `group`."""
        stack, resource = self._resources[group.address]
        reached = []
        for path in self._network.behind_balancers(stack.text(resource.body.get("vpc_id", ""))):
            if path.owner != tenant:
                owner = None if path.owner == PLATFORM else path.owner
                text = f"it may have an address to which a load balancer sends: {path.story[0]}"
                there = replace(group, kind=path.kind, owner=owner)
                reached.append(_Reached(there, text, certain=path.certain))
        self._attempt(tenant, foothold, group, NAMES_ADDRESSES, reached)

    def _attempt(
        self,
        tenant: str,
        foothold: Foothold,
        named: Target,
        actions: tuple[str, ...],
        reached: list[_Reached],
    ) -> None:
        """Ask whether one of `actions` can be done on `named`, and report all that it reaches then."""
        accepted: frozenset[str] = frozenset()
        while reached:
            outcome = self._case.prover.reach(foothold.caller, named, actions)
            place = place_of_outcome(outcome, named, accepted)
            if outcome.answer == "no" or place is None:
                return
            found = [self._report(tenant, foothold, outcome, place, one) for one in reached]
            if all(finding.verdict != "ACCEPTED" for finding in found):
                return
            # What is accepted is left out, and asked again: it must not hide what is not.
            caller, left = without(foothold.caller, named, outcome, place.address)
            if (caller, left) == (foothold.caller, named) and place.address in accepted:
                return
            foothold, named, accepted = replace(foothold, caller=caller), left, accepted | {place.address}

    def _report(
        self, tenant: str, foothold: Foothold, outcome: Outcome, place: Place, reached: _Reached
    ) -> Finding:
        foothold = replace(foothold, certain=foothold.certain and reached.certain)
        target = reached.target
        finding = finding_of(tenant, target.owner or PLATFORM, foothold, target, outcome)
        because = (*finding.because, reached.text)
        return self._case.report.add(replace(finding, because=because, place=place))


def _new(like: Target, pattern: str, tenant: str, targets: Iterable[Target]) -> Target:
    """Return a resource like `like` that `tenant` creates, under a name that none of `targets` has yet."""
    taken = tuple(target.arn for target in targets if target.kind == like.kind)
    return replace(
        like,
        owner=tenant,
        address=pattern,
        arn=pattern,
        patterns=(pattern,),
        policy=(),
        tags={},
        own={tenant: taken},
    )


def _alike(source: Target, queue: Target) -> bool:
    """Whether messages can be moved from one to the other: in one region, both first-in-first-out or neither."""
    here, there = source.arn.rpartition(":"), queue.arn.rpartition(":")
    return here[0] == there[0] and (here[2] == "*" or here[2].endswith(".fifo") == there[2].endswith(".fifo"))


def _takes_dead_letters(stack: SynthesizedStack, queue: SynthesizedResource, source: Target) -> bool | None:
    """Return whether `queue` takes messages that were moved from `source`; `None` if that is not known."""
    written = queue.body.get("redrive_allow_policy")
    if not written:
        return True
    try:
        policy = loads(stack.text(written))
    except ValueError:
        return None
    if not isinstance(policy, Mapping):
        return None
    permission = policy.get("redrivePermission")
    if permission == "denyAll":
        return False
    if permission == "byQueue":
        sources = policy.get("sourceQueueArns")
        return source.arn in sources if isinstance(sources, list) else None
    return True if permission == "allowAll" else None
