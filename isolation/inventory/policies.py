"""Attaches every policy to what it belongs to: resource policies to resources, identity policies to roles and users."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from isolation.catalogue.arns import PARTITION
from isolation.catalogue.managed_policies import MANAGED_POLICIES
from isolation.iam.language import ParsedPolicy, ParsedStatement, statements_of
from isolation.iam.parsing import parse_policy, unknown_policy
from isolation.inventory.grants import (
    acl_statement,
    bus_arn,
    default_key_policy,
    event_permission_statement,
    function_url_statement,
    grant_statement,
    permission_statement,
)
from isolation.inventory.inventory import Inventory
from isolation.inventory.names import Names
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.json_blocks import as_blocks, as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_RESOURCE_POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    "aws_backup_vault_policy": ("backup_vault_name", "aws_backup_vault"),
    "aws_dynamodb_resource_policy": ("resource_arn", "aws_dynamodb_table"),
    "aws_ecr_repository_policy": ("repository", "aws_ecr_repository"),
    "aws_kms_key_policy": ("key_id", "aws_kms_key"),
    "aws_s3_bucket_policy": ("bucket", "aws_s3_bucket"),
    "aws_secretsmanager_secret_policy": ("secret_arn", "aws_secretsmanager_secret"),
    "aws_sns_topic_policy": ("arn", "aws_sns_topic"),
    "aws_sqs_queue_policy": ("queue_url", "aws_sqs_queue"),
}
"""By type of the policy: the argument that names the resource it belongs to, and that resource's type."""

_INLINE: Final = frozenset(
    {"aws_kms_key", "aws_s3_bucket", "aws_secretsmanager_secret", "aws_sns_topic", "aws_sqs_queue"}
)
"""Types whose resource policy may be an argument of their own."""


class Policies:
    """The policies of all stacks, by what they belong to. What belongs to something unknown is a gap."""

    def __init__(self, inventory: Inventory, names: Names) -> None:
        self._names = names
        self._gaps = inventory.gaps
        # AWS keeps one document per resource; what is added (permissions, grants, ACLs) applies in addition.
        self._documents: dict[str, list[ParsedPolicy]] = defaultdict(list)
        self._added: dict[str, list[ParsedPolicy]] = defaultdict(list)
        self._identity: dict[str, list[ParsedPolicy]] = defaultdict(list)
        for stack in inventory.stacks:
            for resource in stack.resources.values():
                self._read(stack, resource)

    def of_resource(self, stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedPolicy:
        """Return all statements of the resource policies of `resource`; of a role, its trust policy."""
        if resource.type == "aws_iam_role":
            trust = stack.text(resource.body.get("assume_role_policy"))
            return parse_policy(trust, f"{resource.address} trust", resource_policy=True)
        documents = self._documents[resource.address]
        found = list(self.documents_of(resource))
        if len(documents) > 1:
            # AWS keeps one of them, and it is not known which: their denials prove nothing.
            doubt = f"{resource.address}: {len(documents)} policies of which AWS keeps one"
            found = [replace(statement, doubts=(*statement.doubts, doubt)) for statement in found]
        return (
            *found,
            *statements_of(self._added[resource.address]),
            *statements_of(self._added[resource.type]),
        )

    def documents_of(self, resource: SynthesizedResource) -> ParsedPolicy:
        """Return the statements of the policy documents attached to `resource`, without what is added to them."""
        return statements_of(self._documents[resource.address])

    def of_replica(self, resource: SynthesizedResource, region: str) -> ParsedPolicy:
        """Return all statements of the policies of the replica of `resource` in `region`.

        A secret's has the policy of the secret, a table's has one of its own
        (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html).
        """
        address = resource.address
        if resource.type == "aws_dynamodb_table":
            return statements_of([*self._documents[f"{address} in {region}"], *self._added[address]])
        return statements_of([*self._documents[address], *self._added[address]])

    def of_every(self, type_: str) -> ParsedPolicy:
        """Return the statements that belong to every resource of `type_` in the account, declared or not."""
        return statements_of(self._added[type_])

    def of_bus(self, stack: SynthesizedStack, bus: object) -> ParsedPolicy:
        """Return all statements of the policies of the event bus that an argument names."""
        key = self._bus(stack, bus)
        return statements_of([*self._documents[key], *self._added[key]])

    def of_identity(self, stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedPolicy:
        """Return all statements of the identity policies of a role or user."""
        policies = list(self._identity[resource.address])
        policies += [
            parse_policy(stack.text(inline.get("policy")), resource.address, resource_policy=False)
            for inline in as_blocks(resource.body.get("inline_policy"))
        ]
        policies += [
            self.managed(stack, resource.address, arn)
            for arn in as_list(resource.body.get("managed_policy_arns"))
        ]
        return statements_of(policies)

    def managed(self, stack: SynthesizedStack, source: str, arn: object) -> ParsedPolicy:
        """Return the managed policy `arn`: one of the stacks', one of AWS's that is known, or an unknown one."""
        text = stack.text(arn)
        found = self._names.declared("aws_iam_policy", text)
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

    def _read(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        body, type_ = resource.body, resource.type
        if type_ == "aws_cloudwatch_event_bus_policy":
            self._documents[self._bus(stack, body.get("event_bus_name"))].append(_document(stack, resource))
        elif type_ == "aws_cloudwatch_event_permission":
            statement = event_permission_statement(stack, resource)
            self._added[self._bus(stack, body.get("event_bus_name"))].append((statement,))
        elif type_ in _RESOURCE_POLICIES:
            argument, on = _RESOURCE_POLICIES[type_]
            policy = _document(stack, resource)
            found = self._names.find(stack, on, body.get(argument))
            replica = self._names.replica(_text(stack, body.get(argument)))
            if replica is not None:
                self._documents[replica].append(policy)
            elif found is not None:
                self._documents[found.address].append(policy)
            else:
                self._perhaps_on(stack, resource, on, argument, policy)
        elif type_ in _INLINE and body.get("policy"):
            self._documents[resource.address].append(_document(stack, resource))
        elif type_ in {"aws_iam_role_policy", "aws_iam_user_policy"}:
            text = stack.text(body.get("policy"))
            self._give(stack, resource, parse_policy(text, resource.address, resource_policy=False))
        elif type_ in {"aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"}:
            self._give(stack, resource, self.managed(stack, resource.address, body.get("policy_arn")))
        else:
            self._read_added(stack, resource)

    def _read_added(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        """Read what grants access without a policy document, or in addition to one."""
        body, type_ = resource.body, resource.type
        if type_ == "aws_kms_key":
            self._added[resource.address].append(default_key_policy(stack, resource))
        elif type_ == "aws_lambda_permission":
            statement = permission_statement(stack, resource)
            self._add(stack, resource, "aws_lambda_function", "function_name", statement)
        elif type_ == "aws_lambda_function_url" and body.get("authorization_type") != "AWS_IAM":
            statement = function_url_statement(resource)
            self._add(stack, resource, "aws_lambda_function", "function_name", statement)
        elif type_ == "aws_kms_grant":
            self._add(stack, resource, "aws_kms_key", "key_id", grant_statement(stack, resource))
        elif type_ == "aws_s3_bucket_acl" and body.get("acl") != "private":
            self._add(stack, resource, "aws_s3_bucket", "bucket", acl_statement(resource))
        elif type_ == "aws_cloudwatch_log_resource_policy":
            # It belongs to the account, and so to every log group.
            text = stack.text(body.get("policy_document"))
            policy = parse_policy(text, resource.address, resource_policy=True)
            self._added["aws_cloudwatch_log_group"].append(policy)

    def _bus(self, stack: SynthesizedStack, bus: object) -> str:
        """Return the ARN of the event bus that an argument names; without one it is the default bus of the region."""
        text = stack.text(bus) if isinstance(bus, str) and bus else "default"
        found = self._names.declared("aws_cloudwatch_event_bus", text)
        return found[0].arn(found[1]) if found else bus_arn(stack, text)

    def _add(
        self,
        stack: SynthesizedStack,
        resource: SynthesizedResource,
        on: str,
        argument: str,
        statement: ParsedStatement,
    ) -> None:
        found = self._names.find(stack, on, resource.body.get(argument))
        if found is not None:
            self._added[found.address].append((statement,))
        else:
            self._perhaps_on(stack, resource, on, argument, (statement,))

    def _perhaps_on(
        self,
        stack: SynthesizedStack,
        resource: SynthesizedResource,
        on: str,
        argument: str,
        policy: ParsedPolicy,
    ) -> None:
        """Add a policy, in doubt, to each resource of type `on` that an argument of `resource` may name.

        No stack declares what it names: an identifier that AWS made up may be any resource's.
        """
        doubt = f"{resource.address}: which {on} it belongs to"
        text = _text(stack, resource.body.get(argument))
        for address, doubtful in self._possible(resource, on, text, policy, doubt):
            self._added[address].append(doubtful)

    def _give(self, stack: SynthesizedStack, resource: SynthesizedResource, policy: ParsedPolicy) -> None:
        """Give an identity policy to the role or user that `resource` names."""
        type_ = "aws_iam_role" if "role" in resource.type.removeprefix("aws_iam_") else "aws_iam_user"
        name = resource.body.get(type_.removeprefix("aws_iam_"))
        found = self._names.find(stack, type_, name)
        if found is not None:
            self._identity[found.address].append(policy)
            return
        doubt = f"{resource.address}: whose policy it is"
        for address, doubtful in self._possible(resource, type_, _text(stack, name), policy, doubt):
            self._identity[address].append(doubtful)

    def _possible(
        self, resource: SynthesizedResource, type_: str, text: str, policy: ParsedPolicy, doubt: str
    ) -> Iterator[tuple[str, ParsedPolicy]]:
        """Return the addresses of the resources of `type_` that `text` may name, each with the policy in `doubt`."""
        if OPAQUE in text:
            self._gaps.append((resource.owner, doubt))
        doubtful = tuple(replace(statement, doubts=(*statement.doubts, doubt)) for statement in policy)
        for found in self._names.possible(type_, text):
            yield found.address, doubtful


def _text(stack: SynthesizedStack, name: object) -> str:
    return stack.text(name) if isinstance(name, str) else OPAQUE


def _document(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedPolicy:
    return parse_policy(stack.text(resource.body.get("policy")), resource.address, resource_policy=True)
