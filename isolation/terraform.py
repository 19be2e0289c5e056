"""Reads synthesized Terraform JSON and resolves references to the ARNs and names that AWS will give.

What AWS makes up at creation (key ids, security group ids) becomes a *fresh symbol*, `⟦stack/type.name⟧`: brackets
that no AWS identifier contains, around the resource's own address, so that it equals itself alone and is matched by
wildcards alone. What cannot be resolved becomes *opaque*, `⟪expression⟫`: a policy that contains it is not modelled
there, and the verdict can then no longer be PROVED.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PARTITION: Final = "aws"
DEFAULT_REGION: Final = "us-east-1"
OPAQUE: Final = "⟪"
TENANT_TAGS: Final = ("tenant_id", "TenantId")
"""Tags that say whose a resource is; the resource's own come before the provider's default tags."""

# type -> (template of the ARN, argument that names the resource). `{name}` is that argument or a fresh symbol.
_ARNS: Final[Mapping[str, tuple[str, str]]] = {
    "aws_apigatewayv2_api": ("arn:{p}:apigateway:{r}::/apis/{name}", ""),
    "aws_cloudwatch_event_bus": ("arn:{p}:events:{r}:{a}:event-bus/{name}", "name"),
    "aws_cloudwatch_event_rule": ("arn:{p}:events:{r}:{a}:rule/{bus}{name}", "name"),
    "aws_cloudwatch_log_group": ("arn:{p}:logs:{r}:{a}:log-group:{name}", "name"),
    "aws_cognito_user_pool": ("arn:{p}:cognito-idp:{r}:{a}:userpool/{name}", ""),
    "aws_dynamodb_table": ("arn:{p}:dynamodb:{r}:{a}:table/{name}", "name"),
    "aws_ecr_repository": ("arn:{p}:ecr:{r}:{a}:repository/{name}", "name"),
    "aws_ecs_cluster": ("arn:{p}:ecs:{r}:{a}:cluster/{name}", "name"),
    "aws_ecs_service": ("arn:{p}:ecs:{r}:{a}:service/{cluster}/{name}", "name"),
    "aws_ecs_task_definition": ("arn:{p}:ecs:{r}:{a}:task-definition/{name}:1", "family"),
    "aws_flow_log": ("arn:{p}:ec2:{r}:{a}:vpc-flow-log/{name}", ""),
    "aws_iam_policy": ("arn:{p}:iam::{a}:policy{path}{name}", "name"),
    "aws_iam_role": ("arn:{p}:iam::{a}:role{path}{name}", "name"),
    "aws_iam_user": ("arn:{p}:iam::{a}:user{path}{name}", "name"),
    "aws_internet_gateway": ("arn:{p}:ec2:{r}:{a}:internet-gateway/{name}", ""),
    "aws_kms_alias": ("arn:{p}:kms:{r}:{a}:{name}", "name"),
    "aws_kms_key": ("arn:{p}:kms:{r}:{a}:key/{name}", ""),
    "aws_lambda_function": ("arn:{p}:lambda:{r}:{a}:function:{name}", "function_name"),
    "aws_lb": ("arn:{p}:elasticloadbalancing:{r}:{a}:loadbalancer/app/{name}/{fresh}", "name"),
    "aws_lb_listener": ("arn:{p}:elasticloadbalancing:{r}:{a}:listener/app/{name}", ""),
    "aws_lb_listener_rule": ("arn:{p}:elasticloadbalancing:{r}:{a}:listener-rule/app/{name}", ""),
    "aws_lb_target_group": ("arn:{p}:elasticloadbalancing:{r}:{a}:targetgroup/{name}/{fresh}", "name"),
    "aws_rds_cluster": ("arn:{p}:rds:{r}:{a}:cluster:{name}", "cluster_identifier"),
    "aws_rds_cluster_instance": ("arn:{p}:rds:{r}:{a}:db:{name}", "identifier"),
    "aws_route_table": ("arn:{p}:ec2:{r}:{a}:route-table/{name}", ""),
    "aws_s3_bucket": ("arn:{p}:s3:::{name}", "bucket"),
    "aws_secretsmanager_secret": ("arn:{p}:secretsmanager:{r}:{a}:secret:{name}-{random}", "name"),
    "aws_security_group": ("arn:{p}:ec2:{r}:{a}:security-group/{name}", ""),
    "aws_sns_topic": ("arn:{p}:sns:{r}:{a}:{name}", "name"),
    "aws_sqs_queue": ("arn:{p}:sqs:{r}:{a}:{name}", "name"),
    "aws_ssm_parameter": ("arn:{p}:ssm:{r}:{a}:parameter/{name}", "name"),
    "aws_subnet": ("arn:{p}:ec2:{r}:{a}:subnet/{name}", ""),
    "aws_vpc": ("arn:{p}:ec2:{r}:{a}:vpc/{name}", ""),
    "aws_vpc_endpoint": ("arn:{p}:ec2:{r}:{a}:vpc-endpoint/{name}", ""),
    "aws_wafv2_web_acl": ("arn:{p}:wafv2:{r}:{a}:regional/webacl/{name}/{fresh}", "name"),
}
_ID_IS_ARN: Final = frozenset({"aws_iam_policy", "aws_lb", "aws_secretsmanager_secret", "aws_sns_topic"})
_NAME_ATTRIBUTES: Final = frozenset(
    {"id", "name", "key_id", "bucket", "function_name", "family", "rest_api_id"}
)
_MADE_UP: Final = frozenset(
    {"prefix_list_id", "endpoint", "reader_endpoint", "unique_id", "dns_name", "zone_id"}
)
MANAGED_PASSWORD: Final = "arn:{p}:secretsmanager:{r}:{a}:secret:rds!{symbol}"  # noqa: S105 (an ARN)
_REFERENCE: Final = re.compile(
    r"(data\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+(?:\[\d+\]\.[a-z_]+)?)"
)


class InputError(Exception):
    """What is there cannot be read as synthesized stacks; the message is one line."""


@dataclass(frozen=True, slots=True)
class SynthesizedResource:
    """One resource of one stack.

    Attributes:
        stack: id of the stack.
        type: such as `aws_s3_bucket`.
        name: its name in the document.
        body: its arguments, unresolved.
        tags: default tags of the provider, overridden by its own.
        owner: the tenant whose it is; `None` is the platform.
    """

    stack: str
    type: str
    name: str
    body: Mapping[str, Any]
    tags: Mapping[str, str]
    owner: str | None

    @property
    def address(self) -> str:
        """Where it stands, for people: `stack/type.name`."""
        return f"{self.stack}/{self.type}.{self.name}"

    @property
    def symbol(self) -> str:
        """What AWS will make up for it, which nothing else equals."""
        return f"⟦{self.address}⟧"


@dataclass(frozen=True, slots=True)
class SynthesizedStack:
    """One root module.

    Attributes:
        id: name of its folder.
        region: of its provider.
        account: where it will be deployed; one account for all, which over-approximates: in one account either
            policy suffices, across accounts both are needed.
        resources: by type and name.
        data: addresses of its declared data sources, `type.name`.
        ordinals: number of each secret in the run, for its random suffix.
        by_type: the same resources, by type.
    """

    id: str
    region: str
    account: str
    resources: Mapping[tuple[str, str], SynthesizedResource]
    data: frozenset[str]
    ordinals: Mapping[str, int] = field(repr=False)
    by_type: Mapping[str, list[SynthesizedResource]] = field(repr=False)

    def all(self, *types: str) -> Iterator[SynthesizedResource]:
        """Return the resources of `types` in the document's order."""
        for type_ in types:
            yield from self.by_type.get(type_, ())

    def arn(self, resource: SynthesizedResource) -> str:
        """Return the ARN that AWS will give `resource`."""
        template, argument = _ARNS[resource.type]
        name = self.name_of(resource, argument)
        bus = ""
        if resource.type == "aws_cloudwatch_event_rule":
            bus = self.text(resource.body.get("event_bus_name", "default"))
            bus = "" if bus == "default" else f"{bus}/"
        cluster = self.text(resource.body.get("cluster", "")).rpartition("/")[2]
        path = self.text(resource.body.get("path", "/"))
        return template.format(
            p=PARTITION,
            r=self.region,
            a=self.account,
            name=name.lstrip("/") if resource.type == "aws_ssm_parameter" else name,
            fresh=resource.symbol,
            bus=bus,
            cluster=cluster,
            path=path,
            random=self._random_suffix(resource),
        )

    def name_of(self, resource: SynthesizedResource, argument: str | None = None) -> str:
        """Return the physical name of `resource`, or its fresh symbol where AWS makes it up."""
        if argument is None:
            argument = _ARNS[resource.type][1] if resource.type in _ARNS else ""
        if argument and isinstance(resource.body.get(argument), str):
            return self.text(resource.body[argument])
        prefix = resource.body.get(f"{argument}_prefix") if argument else None
        return f"{self.text(prefix)}{resource.symbol}" if isinstance(prefix, str) else resource.symbol

    def text(self, value: object) -> str:
        """Return `value` with every reference resolved, and with Terraform's `$${` read as `${`."""
        text = value if isinstance(value, str) else json.dumps(value)
        if "${" not in text and "%{" not in text:
            return text
        parts: list[str] = []
        position = 0
        while position < len(text):
            start = text.find("{", position)
            if start < 1 or text[start - 1] not in "$%":
                end = len(text) if start < 0 else start + 1
                parts.append(text[position:end])
                position = end
                continue
            sigil = text[start - 1]
            if start > 1 and text[start - 2] == sigil and start - 2 >= position:
                parts.append(text[position : start - 2] + sigil + "{")
                position = start + 1
                continue
            end = _closing(text, start)
            parts.append(text[position : start - 1] + self._expression(text[start + 1 : end].strip()))
            position = end + 1
        return "".join(parts)

    def resource_at(self, reference: object) -> SynthesizedResource | None:
        """Return the resource that a lone reference such as `${aws_iam_role.x.name}` speaks of."""
        match = (
            re.fullmatch(r"\$\{" + _REFERENCE.pattern + r"\}", reference)
            if isinstance(reference, str)
            else None
        )
        return self.resources.get((match[2], match[3])) if match and not match[1] else None

    def _expression(self, expression: str) -> str:
        match = _REFERENCE.fullmatch(expression)
        if match is None:
            return _opaque(self.id, expression)
        data, type_, name, attribute = match.groups()
        if data:
            return self._data(type_, name, attribute, expression)
        resource = self.resources.get((type_, name))
        if resource is None:
            return _opaque(self.id, expression)
        return self._attribute(resource, attribute, expression)

    def _data(self, type_: str, name: str, attribute: str, expression: str) -> str:
        known = {
            ("aws_caller_identity", "account_id"): self.account,
            ("aws_partition", "partition"): PARTITION,
            ("aws_region", "name"): self.region,
            ("aws_region", "region"): self.region,
            ("aws_region", "id"): self.region,
        }
        if f"{type_}.{name}" not in self.data:
            return _opaque(self.id, expression)
        return known.get((type_, attribute)) or _opaque(self.id, expression)

    def _attribute(self, resource: SynthesizedResource, attribute: str, expression: str) -> str:
        computed = self._computed(resource, attribute)
        if computed is not None:
            return computed
        if isinstance(resource.body.get(attribute), str):
            return self.text(resource.body[attribute])
        if attribute in _MADE_UP:
            return f"⟦{resource.address}.{attribute}⟧"
        return resource.symbol if attribute == "id" else _opaque(self.id, expression)

    def _computed(self, resource: SynthesizedResource, attribute: str) -> str | None:
        """Return an attribute that follows from the resource's name or ARN; `None` for any other."""
        type_ = resource.type
        special = {
            ("aws_apigatewayv2_api", "execution_arn"): "arn:{p}:execute-api:{r}:{a}:{symbol}",
            ("aws_dynamodb_table", "stream_arn"): "{arn}/stream/{symbol}",
            (
                "aws_lambda_function",
                "invoke_arn",
            ): "arn:{p}:apigateway:{r}:lambda:path/functions/{arn}/invocations",
            ("aws_rds_cluster", "master_user_secret[0].secret_arn"): MANAGED_PASSWORD,
            ("aws_sqs_queue", "id"): "https://sqs.{r}.amazonaws.com/{a}/{name}",
            ("aws_sqs_queue", "url"): "https://sqs.{r}.amazonaws.com/{a}/{name}",
        }.get((type_, attribute))
        if type_ not in _ARNS:
            return None
        if special is not None:
            return special.format(
                p=PARTITION,
                r=self.region,
                a=self.account,
                symbol=resource.symbol,
                arn=self.arn(resource),
                name=self.name_of(resource),
            )
        if attribute == "arn" or (attribute == "id" and type_ in _ID_IS_ARN):
            return self.arn(resource)
        return self.name_of(resource) if attribute in _NAME_ATTRIBUTES else None

    def _random_suffix(self, resource: SynthesizedResource) -> str:
        """Return six characters, as Secrets Manager appends, in brackets that no real suffix has."""
        if resource.type != "aws_secretsmanager_secret":
            return ""
        return f"⟦{self.ordinals[resource.address]:04d}⟧"


def managed_secret_arn(stack: SynthesizedStack, cluster: SynthesizedResource) -> str:
    """Return the ARN of the secret that RDS keeps the master password of `cluster` in."""
    return MANAGED_PASSWORD.format(p=PARTITION, r=stack.region, a=stack.account, symbol=cluster.symbol)


def _closing(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return position
    return len(text)


def _opaque(stack: str, expression: str) -> str:
    return f"{OPAQUE}{stack}: {expression}⟫"


def read_documents(outdir: Path) -> dict[str, dict[str, Any]]:
    """Read the document of every stack below `outdir`, by stack id.

    Raises:
        InputError: no such folder, no stack in it, or a document that is no JSON object.
    """
    folder = outdir / "stacks"
    if not folder.is_dir():
        raise InputError(f"{outdir}: no folder 'stacks' in it; expected what `cdktf synth` writes")
    documents: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*/cdk.tf.json")):
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{file}: {' '.join(str(error).split())}") from error
        if not isinstance(document, dict):
            raise InputError(f"{file}: received {type(document).__name__}, expected a JSON object")
        documents[file.parent.name] = document
    if not documents:
        raise InputError(f"{folder}: no */cdk.tf.json in it")
    return documents


def build_stacks(documents: Mapping[str, Mapping[str, Any]], account: str) -> list[SynthesizedStack]:
    """Make stacks of `documents`, all deployed to `account`.

    Raises:
        InputError: a document does not have the shape of Terraform's JSON.
    """
    ordinals: dict[str, int] = {}
    stacks = []
    for id_, document in sorted(documents.items()):
        try:
            stacks.append(_build(id_, document, account, ordinals))
        except (AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
            raise InputError(f"{id_}: not the shape of Terraform's JSON ({error!r})") from error
    return stacks


def _build(id_: str, document: Mapping[str, Any], account: str, ordinals: dict[str, int]) -> SynthesizedStack:
    providers = document.get("provider", {}).get("aws", [])
    provider = _single(providers)
    defaults = {
        str(key): str(value)
        for key, value in _single(_single(provider.get("default_tags")).get("tags")).items()
    }
    resources: dict[tuple[str, str], SynthesizedResource] = {}
    by_type: dict[str, list[SynthesizedResource]] = {}
    # A module's resources are not in the document: it stands as a resource of a type that is not modelled.
    declared = {
        **document.get("resource", {}),
        **({"module": document["module"]} if "module" in document else {}),
    }
    for type_, named in declared.items():
        for name, body in named.items():
            arguments = _single(body)
            own = arguments.get("tags")
            own = {str(key): str(value) for key, value in own.items()} if isinstance(own, dict) else {}
            resource = SynthesizedResource(
                id_, type_, name, arguments, {**defaults, **own}, _owner(own) or _owner(defaults)
            )
            resources[type_, name] = resource
            by_type.setdefault(type_, []).append(resource)
            if type_ == "aws_secretsmanager_secret":
                ordinals[resource.address] = len(ordinals)
    data = frozenset(f"{type_}.{name}" for type_, named in document.get("data", {}).items() for name in named)
    region = provider.get("region")
    region = region if isinstance(region, str) and "${" not in region else DEFAULT_REGION
    return SynthesizedStack(id_, region, account, resources, data, ordinals, by_type)


def _single(block: Any) -> Mapping[str, Any]:  # noqa: ANN401 (JSON)
    """Return the one block of a list of blocks, or the block itself."""
    if isinstance(block, list):
        block = block[0] if block else {}
    return block if isinstance(block, dict) else {}


def _owner(tags: Mapping[str, str]) -> str | None:
    return next((tags[tag] for tag in TENANT_TAGS if tags.get(tag)), None)
