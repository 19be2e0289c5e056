"""A synthesized stack: its resources, and the ARNs and names that AWS will give them.

What AWS makes up at creation (key ids, security group ids) becomes a *fresh symbol*, `⟦stack/type.name⟧`: brackets
that no AWS identifier contains, around the resource's own address, so that it equals only itself and only wildcards
match it. What cannot be resolved becomes *opaque*, `⟪expression⟫`: a policy that contains it is not modelled
there, and the verdict can then no longer be PROVED.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from isolation.catalogue.arns import (
    ARNS,
    COMPUTED,
    ID_IS_ARN,
    ID_PREFIXES,
    MADE_UP_ATTRIBUTES,
    NAME_ATTRIBUTES,
    PARTITION,
    UNNAMED,
)
from isolation.synthesized.input_error import InputError
from isolation.synthesized.interpolation import REFERENCE, interpolated, opaque, referenced

MOST_REFERENCES: Final = 40
"""References that lead from one attribute to the next."""

LONGEST: Final = 1_000_000
"""Characters of an attribute with its references resolved; AWS's longest policy has 20,480."""


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
        """Where it is declared, for people: `stack/type.name`."""
        return f"{self.stack}/{self.type}.{self.name}"

    @property
    def symbol(self) -> str:
        """The fresh symbol for what AWS will make up for it; nothing else equals it."""
        return f"{ID_PREFIXES.get(self.type, '')}⟦{self.address}⟧"


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
        owner: the tenant whose its resources are by default; `None` is the platform.
    """

    id: str
    region: str
    account: str
    resources: Mapping[tuple[str, str], SynthesizedResource]
    data: frozenset[str]
    ordinals: Mapping[str, int] = field(repr=False)
    by_type: Mapping[str, list[SynthesizedResource]] = field(repr=False)
    owner: str | None
    _resolving: list[str] = field(default_factory=list, repr=False)
    """The references that are being resolved, each inside the one before it."""
    _arns: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)
    """Of `resources`, as far as they were asked for: policies name the same ones over and over."""
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """With every reference resolved, by how they are written."""

    def all(self, *types: str) -> Iterator[SynthesizedResource]:
        """Return the resources of `types` in the document's order."""
        for type_ in types:
            yield from self.by_type.get(type_, ())

    def arn(self, resource: SynthesizedResource) -> str:
        """Return the ARN that AWS will give `resource`."""
        key = (resource.type, resource.name)
        if self.resources.get(key) is not resource:
            return self._arn(resource)
        if key not in self._arns:
            self._arns[key] = self._arn(resource)
        return self._arns[key]

    def _arn(self, resource: SynthesizedResource) -> str:
        template, argument = ARNS[resource.type]
        name = self.name_of(resource, argument)
        bus = ""
        if resource.type == "aws_cloudwatch_event_rule":
            bus = self.text(resource.body.get("event_bus_name", "default"))
            bus = "" if bus == "default" else f"{bus}/"
        return self.filled(
            template,
            resource,
            name=name.lstrip("/") if resource.type == "aws_ssm_parameter" else name,
            fresh=resource.symbol,
            bus=bus,
            path=self.text(resource.body.get("path", "/")),
            random=self._random_suffix(resource),
        )

    def filled(self, template: str, resource: SynthesizedResource, **values: str) -> str:
        """Return a template of `isolation.catalogue.arns`, filled in for `resource` and with `values`."""
        # A cluster is named by its ARN or by its name.
        field = "name" if resource.type == "aws_ecs_cluster" else "cluster"
        cluster = self.text(resource.body.get(field, "")).rpartition("/")[2]
        return template.format(
            p=PARTITION, r=self.region, a=self.account, symbol=resource.symbol, cluster=cluster, **values
        )

    def name_of(self, resource: SynthesizedResource, argument: str | None = None) -> str:
        """Return the physical name of `resource`, or its fresh symbol where AWS makes it up."""
        if argument is None:
            argument = ARNS[resource.type][1] if resource.type in ARNS else ""
        if argument and isinstance(resource.body.get(argument), str):
            return self.text(resource.body[argument])
        prefix = resource.body.get(f"{argument}_prefix") if argument else None
        if isinstance(prefix, str):
            return f"{self.text(prefix)}{resource.symbol}"
        return f"{UNNAMED.get(resource.type, 'terraform-')}{resource.symbol}" if argument else resource.symbol

    def text(self, value: object) -> str:
        """Return `value` with every reference resolved."""
        raw = value if isinstance(value, str) else json.dumps(value)
        if self._resolving:
            # How deep references go is counted from where they begin.
            return interpolated(raw, self._expression)
        if raw not in self._texts:
            self._texts[raw] = interpolated(raw, self._expression)
        return self._texts[raw]

    def resource_at(self, reference: object) -> SynthesizedResource | None:
        """Return the resource that a lone reference such as `${aws_iam_role.x.name}` refers to."""
        found = referenced(reference)
        return self.resources.get(found) if found else None

    def _expression(self, expression: str) -> str:
        match = REFERENCE.fullmatch(expression)
        if match is None:
            return opaque(self.id, expression)
        data, type_, name, attribute = match.groups()
        if data:
            return self._data(type_, name, attribute, expression)
        resource = self.resources.get((type_, name))
        if resource is None:
            return opaque(self.id, expression)
        if expression in self._resolving or len(self._resolving) > MOST_REFERENCES:
            what = "a reference that leads back to itself, or to more than"
            raise InputError(
                f"{resource.address}.{attribute}",
                f"{what} {MOST_REFERENCES} others",
                "an attribute that ends",
            )
        self._resolving.append(expression)
        try:
            text = self._attribute(resource, attribute, expression)
        finally:
            self._resolving.pop()
        if len(text) > LONGEST:
            raise InputError(
                f"{resource.address}.{attribute}", f"{len(text)} characters", f"at most {LONGEST} characters"
            )
        return text

    def _data(self, type_: str, name: str, attribute: str, expression: str) -> str:
        known = {
            ("aws_caller_identity", "account_id"): self.account,
            ("aws_partition", "partition"): PARTITION,
            ("aws_region", "name"): self.region,
            ("aws_region", "region"): self.region,
            ("aws_region", "id"): self.region,
        }
        if f"{type_}.{name}" not in self.data:
            return opaque(self.id, expression)
        return known.get((type_, attribute)) or opaque(self.id, expression)

    def _attribute(self, resource: SynthesizedResource, attribute: str, expression: str) -> str:
        computed = self._computed(resource, attribute)
        if computed is not None:
            return computed
        if isinstance(resource.body.get(attribute), str):
            return self.text(resource.body[attribute])
        if attribute in MADE_UP_ATTRIBUTES:
            return f"⟦{resource.address}.{attribute}⟧"
        return resource.symbol if attribute == "id" else opaque(self.id, expression)

    def _computed(self, resource: SynthesizedResource, attribute: str) -> str | None:
        """Return an attribute that follows from the resource's name or ARN; `None` for any other."""
        type_ = resource.type
        if type_ not in ARNS:
            return None
        if (type_, attribute) == ("aws_kms_alias", "target_key_arn"):
            key = self.resource_at(resource.body.get("target_key_id"))
            return self.arn(key) if key is not None and key.type == "aws_kms_key" else None
        special = COMPUTED.get((type_, attribute))
        if special is not None:
            return self.filled(special, resource, arn=self.arn(resource), name=self.name_of(resource))
        if attribute == "arn" or (attribute == "id" and type_ in ID_IS_ARN):
            return self.arn(resource)
        return self.name_of(resource) if attribute in NAME_ATTRIBUTES else None

    def _random_suffix(self, resource: SynthesizedResource) -> str:
        """Return six characters, as Secrets Manager appends, in brackets that no real suffix has."""
        if resource.type != "aws_secretsmanager_secret":
            return ""
        return f"⟦{self.ordinals[resource.address]:04d}⟧"
