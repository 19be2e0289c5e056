"""What the network lets through: routes between VPCs, security groups in a shared VPC, endpoint policies, front doors.

The claim is in layers, each of which must hold by itself. No route leads from one tenant's VPC into another's, whatever
the security groups say. In a VPC that tenants share, no security group admits another tenant. An endpoint in a tenant's
network lets nobody but that tenant's principals at another tenant's data, whatever IAM says of them. Network ACLs only
take away and are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Final

from isolation.attackers import anonymous, foreign_account
from isolation.formula import Atom, Formula, conjunction, disjunction, negation
from isolation.iam import ANYONE, ParsedStatement, parse_policy
from isolation.inventory import Inventory
from isolation.model import ANONYMOUS, FOREIGN, Caller, Target
from isolation.reach import Index, Prover
from isolation.terraform import OPAQUE, TENANT_TAGS, SynthesizedResource, SynthesizedStack

EVERYWHERE: Final = IPv4Network("0.0.0.0/0")
_WORKLOADS: Final = {
    "aws_lambda_function": "vpc_config",
    "aws_ecs_service": "network_configuration",
}
_TRANSITS: Final = (
    "vpc_peering_connection_id",
    "vpc_endpoint_id",
    "transit_gateway_id",
    "core_network_arn",
    "network_interface_id",
    "local_gateway_id",
    "carrier_gateway_id",
)


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """One way from an attacker to a tenant through the network.

    Attributes:
        attacker: the tenant, or one of `OUTSIDERS`, that it starts from.
        owner: whom it leads to; `None` for anybody.
        certain: it is there, rather than not to be excluded.
        story: what goes where, through what.
        kind: the kind of target it counts as.
    """

    attacker: str
    owner: str | None
    certain: bool
    story: tuple[str, ...]
    kind: str = "network"


@dataclass(frozen=True, slots=True)
class _Workload:
    owner: str
    address: str
    vpc: str
    groups: frozenset[str]
    subnets: tuple[str, ...]
    blocks: tuple[IPv4Network, ...]
    public: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    address: str
    group: str
    ingress: bool
    protocol: str
    ports: tuple[int, int]
    blocks: tuple[IPv4Network, ...]
    peers: frozenset[str]
    doubt: str = ""


class Network:
    """The networks of all stacks."""

    def __init__(self, inventory: Inventory, prover: Prover, index: Index) -> None:
        self._inventory = inventory
        self._prover = prover
        self._index = index
        self._workloads: list[_Workload] = []
        self._rules: dict[tuple[str, bool], list[_Rule]] = {}
        self._group_owner: dict[str, tuple[str | None, str]] = {}
        self._vpcs: dict[str, tuple[SynthesizedResource, IPv4Network | None]] = {}
        self._doubts: list[NetworkPath] = []
        for stack in inventory.stacks:
            self._read(stack)

    def contacts(self) -> Iterator[NetworkPath]:
        """Return every way through the network that must not be."""
        yield from self._doubts
        for stack in self._inventory.stacks:
            yield from self._routes(stack)
            yield from self._endpoints(stack)
            yield from self._front_doors(stack)
        yield from self._shared()

    def companions(self) -> dict[str, str]:
        """Return, by tenant, a packet that its own workloads can exchange: the proof is not of an empty network."""
        found: dict[str, str] = {}
        for workload in self._workloads:
            if workload.owner not in found:
                story = self._admitted(workload, workload) or self._outgoing(workload)
                if story:
                    found[workload.owner] = story
        return found

    # Reading

    def _read(self, stack: SynthesizedStack) -> None:
        for vpc in stack.all("aws_vpc"):
            self._vpcs[stack.name_of(vpc)] = (vpc, _block(stack.text(vpc.body.get("cidr_block", ""))))
        for security_group in stack.all("aws_security_group"):
            self._group_owner[stack.name_of(security_group)] = (security_group.owner, security_group.address)
            for direction in ("ingress", "egress"):
                for body in _blocks(security_group.body.get(direction)):
                    name = stack.name_of(security_group)
                    self._add_rule(stack, security_group, body, name, ingress=direction == "ingress")
        for rule in stack.all("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"):
            ingress = "ingress" in rule.type
            self._add_rule(
                stack, rule, rule.body, stack.text(rule.body.get("security_group_id", "")), ingress=ingress
            )
        for rule in stack.all("aws_security_group_rule"):
            group = stack.text(rule.body.get("security_group_id", ""))
            self._add_rule(stack, rule, rule.body, group, ingress=rule.body.get("type") == "ingress")
        for resource in stack.all(*_WORKLOADS):
            self._add_workload(stack, resource)

    def _add_rule(
        self,
        stack: SynthesizedStack,
        source: SynthesizedResource,
        body: Mapping[str, Any],
        group: str,
        *,
        ingress: bool,
    ) -> None:
        texts = [body.get("cidr_ipv4"), *_list(body.get("cidr_blocks"))]
        blocks = [_block(stack.text(text)) for text in texts if text is not None]
        peers = [body.get("referenced_security_group_id"), body.get("source_security_group_id")]
        peers += _list(body.get("security_groups"))
        named = frozenset(stack.text(peer) for peer in peers if peer is not None)
        if body.get("self"):
            named |= {group}
        prefixes = [
            stack.text(text)
            for text in (body.get("prefix_list_id"), *_list(body.get("prefix_list_ids")))
            if text
        ]
        # The prefix list of a gateway endpoint holds addresses of AWS; any other, and IPv6, may hold anybody's.
        unread = any(not text.endswith(".prefix_list_id⟧") for text in prefixes)
        unread |= bool(body.get("cidr_ipv6") or body.get("ipv6_cidr_blocks"))
        unread |= None in blocks or any(
            OPAQUE in name or name not in self._own_groups(stack) for name in named
        )
        rule = _Rule(
            address=source.address,
            group=group,
            ingress=ingress,
            protocol=str(body.get("ip_protocol", body.get("protocol", "-1"))),
            ports=(int(body.get("from_port", 0) or 0), int(body.get("to_port", 65535) or 65535)),
            blocks=tuple(block or EVERYWHERE for block in blocks) if None not in blocks else (EVERYWHERE,),
            peers=named,
            doubt=f"{source.address}: whom it admits is not known" if unread else "",
        )
        self._rules.setdefault((group, ingress), []).append(rule)

    def _own_groups(self, stack: SynthesizedStack) -> set[str]:
        return {stack.name_of(group) for group in stack.all("aws_security_group")}

    def _add_workload(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        blocks = _blocks(resource.body.get(_WORKLOADS[resource.type]))
        if resource.owner is None or not blocks:
            return
        body = blocks[0]
        names = _list(body.get("subnet_ids")) + _list(body.get("subnets"))
        found = [subnet for subnet in (stack.resource_at(name) for name in names) if subnet is not None]
        groups = [
            stack.text(group)
            for group in _list(body.get("security_group_ids")) + _list(body.get("security_groups"))
        ]
        if len(found) < len(names) or any(group not in self._group_owner for group in groups):
            story = (f"{resource.address}: where in the network it stands is not known",)
            self._doubts.append(NetworkPath(resource.owner, None, certain=False, story=story))
        ranges = [_block(stack.text(subnet.body.get("cidr_block", ""))) or EVERYWHERE for subnet in found]
        public = bool(body.get("assign_public_ip")) or any(
            subnet.body.get("map_public_ip_on_launch") for subnet in found
        )
        self._workloads.append(
            _Workload(
                owner=resource.owner,
                address=resource.address,
                vpc=stack.text(found[0].body.get("vpc_id", "")) if found else "",
                groups=frozenset(groups),
                subnets=tuple(stack.name_of(subnet) for subnet in found),
                blocks=tuple(ranges),
                public=public,
            )
        )

    # Routes between VPCs

    def _routes(self, stack: SynthesizedStack) -> Iterator[NetworkPath]:
        for table, source, body in self._all_routes(stack):
            transits = [name for name in _TRANSITS if body.get(name)]
            gateway = body.get("gateway_id")
            known = stack.resource_at(gateway)
            if gateway and gateway != "local" and (known is None or known.type != "aws_internet_gateway"):
                transits.append("gateway_id")
            if not transits:
                continue
            vpc = stack.text(table.body.get("vpc_id", "")) if table else ""
            start = self._owners_in(vpc) or {table.owner if table else source.owner}
            ends = self._behind(stack, vpc, body.get("vpc_peering_connection_id"), _destination(stack, body))
            via = f"{source.address} routes {_destination(stack, body) or 'an unknown destination'} by {transits[0]}"
            for attacker in sorted(owner for owner in start if owner):
                if ends is None:
                    yield NetworkPath(
                        attacker, None, certain=False, story=(via, "where that leads is not known")
                    )
                    continue
                for end in ends:
                    # A tenant's own VPC is closed to routes. In a shared one the security groups decide.
                    for owner in sorted(other for other in {end.owner} if other and other != attacker):
                        packet = self._packet(vpc, end, _destination(stack, body))
                        if packet:
                            yield NetworkPath(attacker, owner, certain=True, story=(via, packet))
                    yield from self._by_route(attacker, vpc, end, via)

    def _by_route(self, attacker: str, vpc: str, end: SynthesizedResource, via: str) -> Iterator[NetworkPath]:
        inside = [
            workload for workload in self._workloads if workload.owner == attacker and workload.vpc == vpc
        ]
        for workload in self._workloads:
            if workload.vpc == _symbol(end) and workload.owner not in {attacker, end.owner}:
                for start in inside:
                    story = self._admitted(start, workload)
                    if story:
                        yield NetworkPath(attacker, workload.owner, certain=True, story=(via, story))

    def _all_routes(
        self, stack: SynthesizedStack
    ) -> Iterator[tuple[SynthesizedResource | None, SynthesizedResource, Mapping[str, Any]]]:
        for route in stack.all("aws_route"):
            yield stack.resource_at(route.body.get("route_table_id")), route, route.body
        for table in stack.all("aws_route_table"):
            for body in _blocks(table.body.get("route")):
                yield table, table, body

    def _owners_in(self, vpc: str) -> set[str | None]:
        """Return who has something in `vpc`: its owner, and the owners of the workloads there."""
        known = self._vpcs.get(vpc)
        owners = {workload.owner for workload in self._workloads if workload.vpc == vpc}
        return {*owners, known[0].owner} if known else set(owners)

    def _behind(
        self, stack: SynthesizedStack, vpc: str, peering: object, destination: IPv4Network | None
    ) -> list[SynthesizedResource] | None:
        """Return the VPCs behind a peering connection; `None` if that is not known."""
        connection = stack.resource_at(peering)
        if connection is None or destination is None:
            return None
        sides = [stack.text(connection.body.get(name, "")) for name in ("vpc_id", "peer_vpc_id")]
        others = [side for side in sides if side != vpc]
        if len(others) != 1:
            return None
        if others[0] in self._vpcs:
            return [self._vpcs[others[0]][0]]
        # A VPC by its id alone may be any whose addresses the route leads to.
        found = [
            resource
            for resource, block in self._vpcs.values()
            if block is None or block.overlaps(destination)
        ]
        return [resource for resource in found if _symbol(resource) != vpc] or None

    def _packet(self, vpc: str, end: SynthesizedResource, destination: IPv4Network | None) -> str:
        source, target = self._vpcs.get(vpc), self._vpcs.get(_symbol(end))
        wanted = [
            _within("source", source[1] if source else None),
            _within("destination", target[1] if target else None),
        ]
        model = self._prover.solver.model(conjunction([*wanted, _within("destination", destination)]))
        if model is None:
            return ""
        return f"a packet from {model['source']} to {model['destination']} in {end.address}"

    # Security groups in a shared VPC

    def _shared(self) -> Iterator[NetworkPath]:
        by_vpc: dict[str, list[_Workload]] = {}
        for workload in self._workloads:
            by_vpc.setdefault(workload.vpc, []).append(workload)
            yield from self._memberships(workload)
            yield from self._from_the_internet(workload)
        for together in by_vpc.values():
            for start in together:
                for end in together:
                    if start.owner != end.owner:
                        yield from self._between(start, end)

    def _memberships(self, workload: _Workload) -> Iterator[NetworkPath]:
        for group in sorted(workload.groups):
            owner, address = self._group_owner.get(group, (None, ""))
            if owner is not None and owner != workload.owner:
                story = (f"{workload.address} is a member of {address}, a security group of {owner}",)
                yield NetworkPath(workload.owner, owner, certain=True, story=story)

    def _between(self, start: _Workload, end: _Workload) -> Iterator[NetworkPath]:
        story = self._admitted(start, end)
        if story:
            rules = [
                rule for group in end.groups for rule in self._rules.get((group, True), []) if rule.doubt
            ]
            certain = not any(rule.address in story for rule in rules)
            yield NetworkPath(start.owner, end.owner, certain=certain, story=(story,))

    def _admitted(self, start: _Workload, end: _Workload) -> str:
        """Return a packet from `start` that a rule lets out and a rule lets in; empty if there is none."""
        for group in sorted(end.groups):
            for inward in self._rules.get((group, True), []):
                for own in sorted(start.groups):
                    for outward in self._rules.get((own, False), []):
                        story = self._through(outward, inward, start, end)
                        if story:
                            return story
        return ""

    def _through(self, outward: _Rule, inward: _Rule, start: _Workload, end: _Workload) -> str:
        protocols = {outward.protocol, inward.protocol} - {"-1"}
        first = max(inward.ports[0], outward.ports[0]) if outward.protocol != "-1" else inward.ports[0]
        last = min(inward.ports[1], outward.ports[1]) if outward.protocol != "-1" else inward.ports[1]
        if len(protocols) > 1 or (inward.protocol != "-1" and first > last):
            return ""
        formula = conjunction(
            [
                disjunction(_within("source", block) for block in start.blocks),
                disjunction(_within("destination", block) for block in end.blocks),
                _peer("destination", outward, end.groups),
                _peer("source", inward, start.groups),
            ]
        )
        model = self._prover.solver.model(formula)
        if model is None:
            return ""
        port = f"{next(iter(protocols), 'any protocol')} {first}" if inward.protocol != "-1" else "any port"
        return (
            f"{port} from {model.get('source', 'any')} ({start.address}) to {model.get('destination', 'any')} "
            f"({end.address}), out by {outward.address}, in by {inward.address}"
        )

    def _outgoing(self, workload: _Workload) -> str:
        for group in sorted(workload.groups):
            for rule in self._rules.get((group, False), []):
                return f"{workload.address} sends by {rule.address}"
        return ""

    def _from_the_internet(self, workload: _Workload) -> Iterator[NetworkPath]:
        known = self._vpcs.get(workload.vpc)
        if not workload.public or known is None or known[1] is None:
            return
        for group in sorted(workload.groups):
            for rule in self._rules.get((group, True), []):
                outside = disjunction(_within("source", block) for block in rule.blocks)
                formula = conjunction(
                    [outside, negation(_within("source", known[1])), Atom("source", "present")]
                )
                model = self._prover.solver.model(formula)
                if model is not None:
                    packet = (
                        f"{model['source']} on the internet to {workload.address}, which has a public address"
                    )
                    story = (packet, f"in by {rule.address}")
                    yield NetworkPath(ANONYMOUS, workload.owner, certain=not rule.doubt, story=story)

    # Endpoint policies

    def _endpoints(self, stack: SynthesizedStack) -> Iterator[NetworkPath]:
        for endpoint in stack.all("aws_vpc_endpoint"):
            service = stack.text(endpoint.body.get("service_name", ""))
            if endpoint.owner is None:
                continue
            if not service.startswith("com.amazonaws."):
                story = (f"{endpoint.address}: what stands behind the service {service} is not known",)
                yield NetworkPath(endpoint.owner, None, certain=False, story=story)
                continue
            yield from self._through_endpoint(stack, endpoint, service.rpartition(".")[2])

    def _through_endpoint(
        self, stack: SynthesizedStack, endpoint: SynthesizedResource, service: str
    ) -> Iterator[NetworkPath]:
        text = endpoint.body.get("policy")
        full = ParsedStatement(
            f"{endpoint.address} without a policy", "Allow", ("*",), ("*",), principals=(ANYONE,)
        )
        policy = parse_policy(stack.text(text), endpoint.address, resource_policy=True) if text else (full,)
        for statement in policy:
            if not statement.allows:
                continue
            # As an identity statement would, it finds what it may speak of.
            for found in self._index.met_by(statement):
                others = [target for target in found if target.owner not in {None, endpoint.owner}]
                others = [
                    target
                    for target in others
                    if any(own.startswith(f"{service}:") for own in target.actions)
                ]
                if others:
                    yield from self._used_by_others(endpoint, policy, others)

    def _used_by_others(
        self, endpoint: SynthesizedResource, policy: tuple[ParsedStatement, ...], targets: list[Target]
    ) -> Iterator[NetworkPath]:
        owner = endpoint.owner or ""
        not_own = [negation(Atom(f"aws:principaltag/{tag.lower()}", "equals", owner)) for tag in TENANT_TAGS]
        strangers: list[tuple[Caller, list[Formula]]] = [
            (_somebody(self._inventory.account), not_own),
            (foreign_account("0" * 12), []),
            (anonymous(), []),
        ]
        anything = _behind_endpoint(targets[0], policy, ("*",))
        if not any(self._prover.possible(who, anything, extra) for who, extra in strangers):
            return
        for target in targets:
            behind = _behind_endpoint(target, policy, target.patterns)
            own_role = next((role for role in self._inventory.identities if role.owner == target.owner), None)
            users = [*([own_role] if own_role else []), foreign_account("0" * 12), anonymous()]
            for who in users:
                outcome = self._prover.reach(_all_powerful(who), behind)
                if outcome.answer != "no":
                    request = outcome.request
                    what = (
                        f"{request.action} on {request.resource}"
                        if request
                        else f"a request on {target.address}"
                    )
                    story = (
                        f"from the network of {owner}, with the credentials of {who.name}: {what}",
                        f"passes {endpoint.address} by {', '.join(outcome.statements or outcome.doubts)}",
                    )
                    yield NetworkPath(owner, target.owner, certain=outcome.answer == "yes", story=story)
                    break

    # Front doors: HTTP APIs

    def _front_doors(self, stack: SynthesizedStack) -> Iterator[NetworkPath]:
        """Return the routes of HTTP APIs that somebody else can pass.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
        """
        for route in stack.all("aws_apigatewayv2_route"):
            kind = route.body.get("authorization_type", "NONE")
            if kind == "NONE":
                story = (f"{route.address}: anybody may call it, it has no authorizer",)
                yield NetworkPath(ANONYMOUS, route.owner, certain=True, story=story, kind="api")
            elif kind == "JWT":
                yield from self._tokens(stack, route)
            elif kind != "AWS_IAM":
                story = (f"{route.address}: authorization {kind} is not modelled",)
                yield NetworkPath(FOREIGN, route.owner, certain=False, story=story, kind="api")

    def _tokens(self, stack: SynthesizedStack, route: SynthesizedResource) -> Iterator[NetworkPath]:
        authorizer = stack.resource_at(route.body.get("authorizer_id"))
        settings = _blocks(authorizer.body.get("jwt_configuration")) if authorizer else []
        issuer = stack.text(settings[0].get("issuer", "")) if settings else ""
        pools = {f"https://⟦{pool.address}.endpoint⟧": pool for pool in stack.all("aws_cognito_user_pool")}
        pool = pools.get(issuer)
        if pool is None or not settings or not settings[0].get("audience"):
            story = (f"{route.address}: whose tokens it takes is not known (issuer {issuer or 'none'})",)
            yield NetworkPath(FOREIGN, route.owner, certain=False, story=story, kind="api")
        elif pool.owner != route.owner:
            story = (f"{route.address} takes tokens of {pool.address}",)
            yield NetworkPath(pool.owner or FOREIGN, route.owner, certain=True, story=story, kind="api")


def _behind_endpoint(
    target: Target, policy: tuple[ParsedStatement, ...], patterns: tuple[str, ...]
) -> Target:
    """Return `target` as an endpoint's policy alone protects it."""
    return Target(
        kind=target.kind,
        owner=target.owner,
        address=target.address,
        account=target.account,
        arn=target.arn,
        patterns=patterns,
        actions=target.actions,
        harmless=target.harmless,
        examples=target.examples,
        policy=policy,
        policy_required=True,
    )


def _somebody(account: str) -> Caller:
    return Caller(
        type="role", name="another tenant's role", owner=None, arn=f"arn:aws:iam::{account}:role/⟦any⟧",
        account=account, administrator=True,
    )  # fmt: skip


def _all_powerful(caller: Caller) -> Caller:
    if caller.type != "role":
        return caller
    return Caller(
        type="role", name=caller.name, owner=caller.owner, arn=caller.arn, account=caller.account,
        tags=caller.tags, administrator=True, functions=caller.functions,
    )  # fmt: skip


def _peer(variable: str, rule: _Rule, groups: frozenset[str]) -> Formula:
    """Return where the other end of a packet is one that `rule` admits. What is not known admits all."""
    if rule.peers & groups or rule.doubt:
        return True
    return disjunction(_within(variable, block) for block in rule.blocks)


def _within(variable: str, block: IPv4Network | None) -> Formula:
    return conjunction([Atom(variable, "present"), Atom(variable, "cidr", str(block or EVERYWHERE))])


def _symbol(resource: SynthesizedResource) -> str:
    return resource.symbol


def _destination(stack: SynthesizedStack, body: Mapping[str, Any]) -> IPv4Network | None:
    return _block(stack.text(body.get("destination_cidr_block") or body.get("cidr_block") or ""))


def _block(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None


def _list(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    return value if isinstance(value, list) else [] if value is None else [value]


def _blocks(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 (JSON)
    return [block for block in _list(value) if isinstance(block, dict)]
