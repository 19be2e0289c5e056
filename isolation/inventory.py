"""Finds the principals and the targets in the stacks, and hangs every policy on what it belongs to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from isolation.catalogue import INERT, KIND_OF, KINDS, MANAGED_POLICIES, MODELLED
from isolation.iam import (
    ANYONE,
    ParsedCondition,
    ParsedPolicy,
    ParsedStatement,
    PrincipalPattern,
    Unsupported,
    parse_policy,
    parse_principal,
    statements_of,
    unknown_policy,
)
from isolation.model import Caller, Target
from isolation.terraform import OPAQUE, PARTITION, SynthesizedResource, SynthesizedStack, managed_secret_arn

# type of the policy -> (argument that names what it hangs on, type of that, may others stand beside it)
_POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    "aws_cloudwatch_event_bus_policy": ("event_bus_name", "aws_cloudwatch_event_bus"),
    "aws_dynamodb_resource_policy": ("resource_arn", "aws_dynamodb_table"),
    "aws_ecr_repository_policy": ("repository", "aws_ecr_repository"),
    "aws_kms_key_policy": ("key_id", "aws_kms_key"),
    "aws_s3_bucket_policy": ("bucket", "aws_s3_bucket"),
    "aws_secretsmanager_secret_policy": ("secret_arn", "aws_secretsmanager_secret"),
    "aws_sns_topic_policy": ("arn", "aws_sns_topic"),
    "aws_sqs_queue_policy": ("queue_url", "aws_sqs_queue"),
}
_INLINE: Final = frozenset(
    {"aws_kms_key", "aws_s3_bucket", "aws_secretsmanager_secret", "aws_sns_topic", "aws_sqs_queue"}
)


@dataclass(slots=True)
class Inventory:
    """All that acts and all that is acted upon.

    Attributes:
        account: the account of the stacks.
        stacks: what it was made from.
        identities: roles and users, tenants' and the platform's.
        targets: what must not be reached.
        gaps: what is not modelled, by the tenants whose it is; `None` is the platform.
        trusted: who is trusted, one line each.
    """

    account: str
    stacks: list[SynthesizedStack]
    identities: list[Caller] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    gaps: list[tuple[str | None, str]] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)

    @property
    def tenants(self) -> list[str]:
        """Return every tenant, sorted."""
        owners = {resource.owner for stack in self.stacks for resource in stack.resources.values()}
        return sorted(owner for owner in owners if owner is not None)


def take_inventory(stacks: list[SynthesizedStack], account: str) -> Inventory:
    """Read principals, targets and their policies out of `stacks`."""
    return _Reader(Inventory(account, stacks)).read()


class _Reader:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._stacks = inventory.stacks
        # What a policy names its resource by (name, ARN or URL) -> the resource; across stacks, as AWS does it.
        self._named: dict[tuple[str, str], tuple[SynthesizedStack, SynthesizedResource]] = {}
        self._policies: dict[str, list[ParsedPolicy]] = defaultdict(list)
        self._added: dict[str, list[ParsedPolicy]] = defaultdict(list)
        self._identity: dict[str, list[ParsedPolicy]] = defaultdict(list)
        self._functions: dict[str, list[str]] = defaultdict(list)

    def read(self) -> Inventory:
        self._name_all()
        for stack, resource in self._all():
            self._read_policies(stack, resource)
            self._note_gaps(resource)
        for stack, resource in self._all():
            if resource.type in {"aws_iam_role", "aws_iam_user"}:
                self._inventory.identities.append(self._principal(stack, resource))
            if resource.type in KIND_OF:
                self._inventory.targets += self._targets(stack, resource)
        self._inventory.targets.sort(key=lambda target: (target.kind, target.address, target.patterns))
        self._inventory.identities.sort(key=lambda principal: principal.name)
        self._inventory.gaps.sort(key=lambda gap: (gap[0] or "", gap[1]))
        return self._inventory

    def _all(self) -> Iterator[tuple[SynthesizedStack, SynthesizedResource]]:
        for stack in self._stacks:
            for resource in stack.resources.values():
                yield stack, resource

    def _name_all(self) -> None:
        for stack, resource in self._all():
            if resource.type == "aws_lambda_function":
                self._functions[stack.text(resource.body.get("role"))].append(stack.arn(resource))
            if resource.type in KIND_OF or resource.type in {"aws_iam_policy", "aws_cloudwatch_event_bus"}:
                arn = stack.arn(resource)
                names = [arn, stack.name_of(resource)]
                if resource.type == "aws_sqs_queue":
                    names.append(f"https://sqs.{stack.region}.amazonaws.com/{stack.account}/{names[1]}")
                for name in names:
                    self._named[resource.type, name] = (stack, resource)

    def _find(self, stack: SynthesizedStack, type_: str, value: object) -> SynthesizedResource | None:
        text = stack.text(value) if isinstance(value, str) else ""
        found = self._named.get((type_, text)) or self._named.get((type_, text.removesuffix(":$LATEST")))
        return found[1] if found else None

    def _note_gaps(self, resource: SynthesizedResource) -> None:
        owner = resource.owner
        if resource.type not in KIND_OF and resource.type not in MODELLED and resource.type not in INERT:
            self._inventory.gaps.append((owner, f"{resource.address}: resource type {resource.type}"))
        if any("${" in value for value in resource.tags.values()):
            self._inventory.gaps.append((owner, f"{resource.address}: a tag that is known at deployment"))
        if resource.type == "aws_s3_bucket" and {"acl", "grant"} & set(resource.body):
            self._inventory.gaps.append((owner, f"{resource.address}: access control list"))
        self._inventory.gaps.extend(
            (owner, f"{resource.address}: argument {argument}")
            for argument in ("count", "for_each", "dynamic", "provider")
            if argument in resource.body and not (argument == "provider" and resource.body[argument] == "aws")
        )

    # Policies

    def _read_policies(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:  # noqa: C901 (a table)
        body, type_ = resource.body, resource.type
        if type_ in _POLICIES:
            argument, on = _POLICIES[type_]
            self._hang(stack, resource, on, body.get(argument), self._resource_policy(stack, resource))
        elif type_ in _INLINE and body.get("policy"):
            self._policies[resource.address].append(self._resource_policy(stack, resource))
        elif type_ == "aws_kms_key" and not body.get("policy"):
            self._added[resource.address].append(_default_key_policy(resource, stack))
        elif type_ == "aws_lambda_permission":
            policy = (_permission(stack, resource),)
            self._hang(stack, resource, "aws_lambda_function", body.get("function_name"), policy, added=True)
        elif type_ == "aws_lambda_function_url" and body.get("authorization_type") != "AWS_IAM":
            policy = (
                ParsedStatement(
                    resource.address, "Allow", ("lambda:invokefunctionurl",), ("*",), principals=(ANYONE,)
                ),
            )
            self._hang(stack, resource, "aws_lambda_function", body.get("function_name"), policy, added=True)
        elif type_ == "aws_kms_grant":
            self._hang(
                stack, resource, "aws_kms_key", body.get("key_id"), (_grant(stack, resource),), added=True
            )
        elif type_ == "aws_s3_bucket_acl" and body.get("acl") != "private":
            self._hang(stack, resource, "aws_s3_bucket", body.get("bucket"), (_acl(resource),), added=True)
        elif type_ == "aws_cloudwatch_log_resource_policy":
            text = stack.text(body.get("policy_document"))
            self._added["aws_cloudwatch_log_group"].append(
                parse_policy(text, resource.address, resource_policy=True)
            )
        elif type_ in {"aws_iam_role_policy", "aws_iam_user_policy"}:
            self._give(stack, resource, stack.text(body.get("policy")))
        elif type_ in {"aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"}:
            self._attach(stack, resource, body.get("policy_arn"))

    def _resource_policy(self, stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedPolicy:
        return parse_policy(stack.text(resource.body.get("policy")), resource.address, resource_policy=True)

    def _hang(  # noqa: PLR0917 (one step of one loop)
        self,
        stack: SynthesizedStack,
        resource: SynthesizedResource,
        on: str,
        name: object,
        policy: ParsedPolicy,
        added: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        target = self._find(stack, on, name)
        if target is not None:
            (self._added if added else self._policies)[target.address].append(policy)
        elif OPAQUE in stack.text(name) or not isinstance(name, str):
            self._inventory.gaps.append((resource.owner, f"{resource.address}: which {on} it belongs to"))

    def _holder(self, stack: SynthesizedStack, resource: SynthesizedResource) -> SynthesizedResource | None:
        type_ = "aws_iam_role" if "role" in resource.type.removeprefix("aws_iam_") else "aws_iam_user"
        name = resource.body.get("role" if type_ == "aws_iam_role" else "user")
        found = self._find(stack, type_, name)
        if found is None and OPAQUE in stack.text(name):
            self._inventory.gaps.append((resource.owner, f"{resource.address}: whose policy it is"))
        return found

    def _give(self, stack: SynthesizedStack, resource: SynthesizedResource, text: str) -> None:
        holder = self._holder(stack, resource)
        if holder is not None:
            self._identity[holder.address].append(parse_policy(text, resource.address, resource_policy=False))

    def _attach(self, stack: SynthesizedStack, resource: SynthesizedResource, arn: object) -> None:
        holder = self._holder(stack, resource)
        if holder is not None:
            self._identity[holder.address].append(self._managed(stack, resource.address, arn))

    def _managed(self, stack: SynthesizedStack, source: str, arn: object) -> ParsedPolicy:
        """Return the managed policy `arn`: one of the stacks', one of AWS's that is known, or an unknown one."""
        text = stack.text(arn)
        found = self._named.get(("aws_iam_policy", text))
        if found is not None:
            owner, resource = found
            return parse_policy(
                owner.text(resource.body.get("policy")), resource.address, resource_policy=False
            )
        name = text.rpartition("/")[2]
        if text.startswith(f"arn:{PARTITION}:iam::aws:policy/") and name in MANAGED_POLICIES:
            actions = tuple(action.lower() for action in MANAGED_POLICIES[name])
            return (ParsedStatement(f"{source}#{name}", "Allow", actions, ("*",)),)
        return unknown_policy(source, f"{source}: the managed policy {text}", resource_policy=False)

    # Principals

    def _principal(self, stack: SynthesizedStack, resource: SynthesizedResource) -> Caller:
        body = resource.body
        policies = list(self._identity[resource.address])
        policies += [
            parse_policy(stack.text(inline.get("policy")), resource.address, resource_policy=False)
            for inline in _blocks(body.get("inline_policy"))
        ]
        policies += [
            self._managed(stack, resource.address, arn) for arn in _list(body.get("managed_policy_arns"))
        ]
        boundary = body.get("permissions_boundary")
        arn = stack.arn(resource)
        return Caller(
            type="role",
            name=resource.address,
            owner=resource.owner,
            arn=arn,
            account=stack.account,
            tags=dict(resource.tags),
            identity=statements_of(policies),
            boundary=None if boundary is None else self._managed(stack, resource.address, boundary),
            functions=tuple(sorted(self._functions[arn])),
        )

    # Targets

    def _targets(self, stack: SynthesizedStack, resource: SynthesizedResource) -> list[Target]:
        kind = KIND_OF[resource.type]
        known = KINDS[kind]
        arn = stack.arn(resource)
        target = Target(
            kind=kind,
            owner=resource.owner,
            address=resource.address,
            account=stack.account,
            arn=arn,
            patterns=tuple(
                pattern.format(
                    arn=arn, execution_arn=_execution_arn(stack, resource), tasks=_tasks(stack, resource)
                )
                for pattern in known.patterns
            ),
            actions=known.actions,
            harmless=known.harmless,
            examples=known.examples,
            policy=self._policy_of(stack, resource),
            policy_required=known.policy_required,
            tags=dict(resource.tags),
            roles=_roles(stack, resource),
            takeover=known.takeover,
        )
        if kind == "key":
            return [target, *self._aliases(stack, resource, target)]
        if kind == "role":
            # The trust policy decides who assumes a role; who may change it is a matter of identity policies alone.
            manage = replace(target, actions=("iam:*",), policy=(), policy_required=False)
            return [replace(target, actions=("sts:*",)), manage]
        if kind == "events":
            return [target, self._events_for(stack, resource, target)]
        if kind == "database" and resource.body.get("manage_master_user_password"):
            password = managed_secret_arn(stack, resource)
            secret = KINDS["secret"]
            own = replace(
                target, kind="secret", arn=password, patterns=(password,), policy=(), actions=secret.actions
            )
            return [target, replace(own, harmless=secret.harmless, examples=secret.examples)]
        return [target]

    def _aliases(self, stack: SynthesizedStack, key: SynthesizedResource, target: Target) -> Iterator[Target]:
        """Return the key's aliases: who moves one makes others use another key. Key policies do not speak of them."""
        for alias in stack.all("aws_kms_alias"):
            if stack.resource_at(alias.body.get("target_key_id")) is key:
                arn = stack.arn(alias)
                actions = ("kms:createalias", "kms:deletealias", "kms:updatealias")
                yield replace(
                    target,
                    arn=arn,
                    patterns=(arn,),
                    actions=actions,
                    policy=(),
                    policy_required=False,
                    examples=(),
                )

    def _policy_of(self, stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedPolicy:
        if resource.type == "aws_iam_role":
            trust = stack.text(resource.body.get("assume_role_policy"))
            return parse_policy(trust, f"{resource.address} trust", resource_policy=True)
        policies = self._policies[resource.address]
        found = list(statements_of(policies))
        if len(policies) > 1:
            # AWS keeps one of them, and which is not known: their denials prove nothing.
            doubt = f"{resource.address}: {len(policies)} policies of which AWS keeps one"
            found = [replace(statement, doubts=(*statement.doubts, doubt)) for statement in found]
        return (
            *found,
            *statements_of(self._added[resource.address]),
            *statements_of(self._added[resource.type]),
        )

    def _events_for(self, stack: SynthesizedStack, rule: SynthesizedResource, target: Target) -> Target:
        """Return the target of sending an event that the rule would take up."""
        bus = stack.text(rule.body.get("event_bus_name", "default"))
        arn = (
            bus
            if bus.startswith("arn:")
            else f"arn:{PARTITION}:events:{stack.region}:{stack.account}:event-bus/{bus}"
        )
        found = self._named.get(("aws_cloudwatch_event_bus", bus))
        policy = statements_of(self._policies[found[1].address]) if found else ()
        return replace(
            target,
            patterns=(arn,),
            actions=("events:putevents",),
            harmless=(),
            policy=policy,
            context=tuple(_event_pattern(stack.text(rule.body.get("event_pattern", "{}")))),
        )


def _default_key_policy(resource: SynthesizedResource, stack: SynthesizedStack) -> ParsedPolicy:
    """Return what AWS gives a key without a policy (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)."""
    root = (PrincipalPattern("account", stack.account),)
    return (
        ParsedStatement(f"{resource.address} default policy", "Allow", ("kms:*",), ("*",), principals=root),
    )


def _permission(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedStatement:
    """Return a permission as a statement (https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html)."""
    body = resource.body
    doubts = [
        f"{resource.address}: argument {name}"
        for name in ("event_source_token", "function_url_auth_type")
        if name in body
    ]
    text = stack.text(body.get("principal", ""))
    principal = ANYONE
    try:
        principal = parse_principal(
            "Service" if text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS", text
        )
    except Unsupported as doubt:
        doubts.append(f"{resource.address}: {doubt}")
    conditions = []
    for argument, operator, key in (
        ("source_arn", "ArnLike", "aws:sourcearn"),
        ("source_account", "StringEquals", "aws:sourceaccount"),
        ("principal_org_id", "StringEquals", "aws:principalorgid"),
    ):
        value = stack.text(body[argument]) if argument in body else ""
        if OPAQUE in value:
            doubts.append(f"{resource.address}: argument {argument}")
        elif value:
            conditions.append(ParsedCondition(operator, "", False, key, (value,)))  # noqa: FBT003 (a field)
    return ParsedStatement(
        source=resource.address,
        effect="Allow",
        actions=(stack.text(body.get("action", "*")).lower(),),
        resources=("*",),
        principals=(principal,),
        conditions=tuple(conditions),
        doubts=tuple(doubts),
    )


def _grant(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedStatement:
    """Return a grant without its constraints (https://docs.aws.amazon.com/kms/latest/developerguide/grants.html)."""
    doubts = (f"{resource.address}: constraints",) if "constraints" in resource.body else ()
    try:
        principal = parse_principal("AWS", stack.text(resource.body.get("grantee_principal", "")))
    except Unsupported as doubt:
        principal, doubts = ANYONE, (f"{resource.address}: {doubt}",)
    actions = tuple(f"kms:{operation}".lower() for operation in _list(resource.body.get("operations")))
    return ParsedStatement(resource.address, "Allow", actions, ("*",), principals=(principal,), doubts=doubts)


def _acl(resource: SynthesizedResource) -> ParsedStatement:
    """Return a canned ACL as a statement (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html)."""
    public = resource.body.get("acl") in {"public-read", "public-read-write", "authenticated-read"}
    doubts = () if public else (f"{resource.address}: access control list",)
    actions = ("s3:getobject", "s3:listbucket", "s3:putobject")
    return ParsedStatement(resource.address, "Allow", actions, ("*",), principals=(ANYONE,), doubts=doubts)


def _execution_arn(stack: SynthesizedStack, resource: SynthesizedResource) -> str:
    return f"arn:{PARTITION}:execute-api:{stack.region}:{stack.account}:{resource.symbol}"


def _tasks(stack: SynthesizedStack, resource: SynthesizedResource) -> str:
    """Return the ARNs of the tasks of a service, which run in its cluster under ids of their own."""
    cluster = stack.text(resource.body.get("cluster", "")).rpartition("/")[2]
    return f"arn:{PARTITION}:ecs:{stack.region}:{stack.account}:task/{cluster}/{resource.symbol}"


def _roles(stack: SynthesizedStack, resource: SynthesizedResource) -> tuple[str, ...]:
    if resource.type in {"aws_iam_role", "aws_iam_user"}:
        return (stack.arn(resource),)
    if resource.type == "aws_ecs_service":
        definition = stack.resource_at(resource.body.get("task_definition"))
        return _roles(stack, definition) if definition else ()
    names = {
        "aws_lambda_function": ("role",),
        "aws_ecs_task_definition": ("task_role_arn", "execution_role_arn"),
    }
    return tuple(
        stack.text(resource.body[name])
        for name in names.get(resource.type, ())
        if isinstance(resource.body.get(name), str)
    )


def _event_pattern(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return what an event must be to match: source and detail-type, where they are lists of literals."""
    try:
        pattern = json.loads(text)
    except ValueError:
        return
    for name, key in (("source", "events:source"), ("detail-type", "events:detail-type")):
        values = pattern.get(name) if isinstance(pattern, dict) else None
        if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
            yield key, tuple(values)


def _list(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    return value if isinstance(value, list) else [] if value is None else [value]


def _blocks(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 (JSON)
    return [block for block in _list(value) if isinstance(block, dict)]
