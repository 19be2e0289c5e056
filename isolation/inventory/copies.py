"""Makes the targets that no stack declares: what AWS keeps of an owner's data elsewhere, and what bears its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from isolation.catalogue.arns import ARNS, PARTITION
from isolation.catalogue.copies import (
    ACCESS_POINTS,
    ACCOUNT_SERVICES,
    CONTRIBUTORS,
    FINAL_SNAPSHOT,
    HOSTED_ZONE,
    INSIGHTS,
    INTERFACES,
    MULTI_REGION_ACCESS_POINTS,
    OF_SERVICES,
    OF_THE_ACCOUNT,
    ON_ACCESS_POINTS,
    ON_OBJECTS,
    SNAPSHOTS,
)
from isolation.catalogue.kinds import KINDS
from isolation.iam.language import ParsedPolicy, ParsedStatement
from isolation.inventory.log_groups import log_groups_of
from isolation.inventory.names import Names
from isolation.inventory.policies import Policies
from isolation.inventory.replicas import replicas_of
from isolation.model.target import Target
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


def copies_of(
    stack: SynthesizedStack,
    resource: SynthesizedResource,
    own: list[Target],
    names: Names,
    policies: Policies,
) -> Iterator[Target]:
    """Return the targets that exist because `resource` does, beside its `own`.

    Args:
        stack: the stack that declares it.
        resource: any resource, of whatever type.
        own: its targets.
        names: of all resources.
        policies: of all stacks.
    """
    for region, tagged in replicas_of(stack, resource):
        yield _replica(stack, own[0], region, policies.of_replica(resource, region), tagged=tagged)
    for name in log_groups_of(stack, resource):
        template, _ = ARNS["aws_cloudwatch_log_group"]
        arn = stack.filled(template, resource, name=name)
        # One that is declared has a target, and whose it is `edges` judges.
        if names.declared("aws_cloudwatch_log_group", arn) is None:
            yield _target(stack, resource, "logs", arn, policy=policies.of_every("aws_cloudwatch_log_group"))
    if resource.type in _COPIES:
        yield from _COPIES[resource.type](stack, resource, own)


def of_the_account(stack: SynthesizedStack, owner: str | None, address: str) -> Target:
    """Return what services of the whole account hold of `owner`, who has `address` in `stack`."""
    kind = KINDS["account"]
    return Target(
        kind="account",
        owner=owner,
        address=address,
        account=stack.account,
        arn=OF_THE_ACCOUNT,
        patterns=(
            OF_THE_ACCOUNT,
            *(f"arn:{PARTITION}:{service}:*:{stack.account}:*" for service in ACCOUNT_SERVICES),
        ),
        actions=kind.actions,
        harmless=kind.harmless,
        examples=kind.examples,
    )


def _target(
    stack: SynthesizedStack,
    resource: SynthesizedResource,
    kind: str,
    *arns: str,
    policy: ParsedPolicy = (),
    actions: tuple[str, ...] = (),
) -> Target:
    """Return a target of `kind` at `arns` that has no tags of its own."""
    known = KINDS[kind]
    patterns = tuple(form.format(arn=arn) for arn in arns for form in known.patterns if "{arn}" in form)
    return Target(
        kind=kind,
        owner=resource.owner,
        address=resource.address,
        account=stack.account,
        arn=arns[0],
        patterns=patterns,
        actions=actions or known.actions,
        harmless=known.harmless,
        examples=known.examples,
        policy=policy,
        separated=known.separated,
    )


def _replica(
    stack: SynthesizedStack, own: Target, region: str, policy: ParsedPolicy, *, tagged: bool
) -> Target:
    """Return the same data in `region`: its ARN differs in the region alone."""
    here, there = f":{stack.region}:", f":{region}:"
    return replace(
        own,
        arn=own.arn.replace(here, there, 1),
        patterns=tuple(pattern.replace(here, there, 1) for pattern in own.patterns),
        policy=policy,
        tags=own.tags if tagged else {},
    )


def _of_cluster(
    stack: SynthesizedStack, resource: SynthesizedResource, own: list[Target]
) -> Iterator[Target]:
    templates = [*SNAPSHOTS]
    final = resource.body.get("final_snapshot_identifier")
    if isinstance(final, str):
        templates.append(FINAL_SNAPSHOT)
    arns = _filled(stack, resource, *templates, snapshot=stack.text(final or ""))
    examples = (
        "rds:copydbclustersnapshot",
        "rds:modifydbclustersnapshotattribute",
        "rds:restoredbclusterfromsnapshot",
    )
    yield replace(_target(stack, resource, "database", *arns), tags=own[0].tags, examples=examples)


def _of_instance(stack: SynthesizedStack, resource: SynthesizedResource, _: list[Target]) -> Iterator[Target]:
    if resource.body.get("performance_insights_enabled"):
        yield _target(stack, resource, "database", *_filled(stack, resource, *INSIGHTS))


def _of_table(stack: SynthesizedStack, resource: SynthesizedResource, _: list[Target]) -> Iterator[Target]:
    for insights in stack.all("aws_dynamodb_contributor_insights"):
        if stack.text(insights.body.get("table_name", "")) == stack.name_of(resource):
            yield _target(stack, resource, "monitoring", *_filled(stack, resource, CONTRIBUTORS))


def _of_bucket(stack: SynthesizedStack, resource: SynthesizedResource, own: list[Target]) -> Iterator[Target]:
    """Return the access points that somebody makes to the bucket, and the objects behind them.

    Whoever makes one chooses its name and its policy; the bucket's policy applies as well.
    """
    arn, policy = own[0].arn, own[0].policy
    points = [
        form.format(p=PARTITION, r=stack.region, a=stack.account)
        for form in (ACCESS_POINTS, *MULTI_REGION_ACCESS_POINTS)
    ]
    whole = tuple(_everywhere(found) for found in policy if found.allows or _covers(found, arn, f"{arn}/*"))
    objects = tuple(_everywhere(found) for found in policy if found.allows or _covers(found, f"{arn}/*"))
    target = replace(_target(stack, resource, "bucket", points[0]), examples=("s3:listbucket",))
    yield replace(target, patterns=tuple(points), policy=whole, harmless=(*ON_ACCESS_POINTS, *ON_OBJECTS))
    behind = tuple(f"{point}/object/*" for point in points)
    yield replace(
        target, patterns=behind, policy=objects, harmless=ON_ACCESS_POINTS, examples=own[0].examples
    )


def _everywhere(statement: ParsedStatement) -> ParsedStatement:
    return replace(statement, resources=("*",), not_resource=False)


def _covers(denial: ParsedStatement, *arns: str) -> bool:
    """Whether a denial certainly covers `arns` of a bucket."""
    return not denial.not_resource and ("*" in denial.resources or set(arns) <= set(denial.resources))


def _of_parameter(
    stack: SynthesizedStack, resource: SynthesizedResource, own: list[Target]
) -> Iterator[Target]:
    """Return the paths above a parameter: whoever reads one reads what is below.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
    """
    start, _, path = own[0].arn.partition(":parameter/")
    parts = path.split("/")
    above = ["/".join(parts[:length]) for length in range(len(parts))]
    arns = tuple(f"{start}:parameter/{one}" for one in above)
    target = _target(stack, resource, "parameter", *arns, actions=("ssm:getparametersbypath",))
    yield replace(target, tags=own[0].tags, examples=("ssm:getparametersbypath",))


def _of_record(stack: SynthesizedStack, resource: SynthesizedResource, _: list[Target]) -> Iterator[Target]:
    zone = HOSTED_ZONE.format(p=PARTITION, zone=stack.text(resource.body.get("zone_id", "")))
    yield _target(stack, resource, "dns", zone)


def _of_subnet(stack: SynthesizedStack, resource: SynthesizedResource, _: list[Target]) -> Iterator[Target]:
    """Return the network interfaces in a subnet."""
    examples = ("ec2:createtrafficmirrorsession", "ec2:modifynetworkinterfaceattribute")
    target = _target(stack, resource, "network", *_filled(stack, resource, *INTERFACES))
    yield replace(target, examples=examples)


def _of_service(stack: SynthesizedStack, resource: SynthesizedResource, _: list[Target]) -> Iterator[Target]:
    target = _target(stack, resource, "task", *_filled(stack, resource, *OF_SERVICES))
    yield replace(target, examples=("ecs:stopservicedeployment", "ecs:updatetaskset"))


def _filled(
    stack: SynthesizedStack, resource: SynthesizedResource, *templates: str, **more: str
) -> tuple[str, ...]:
    name, address = stack.name_of(resource), resource.address
    return tuple(stack.filled(text, resource, name=name, address=address, **more) for text in templates)


_Copies = Callable[[SynthesizedStack, SynthesizedResource, list[Target]], Iterator[Target]]
_COPIES: Final[Mapping[str, _Copies]] = {
    "aws_dynamodb_table": _of_table,
    "aws_ecs_service": _of_service,
    "aws_rds_cluster": _of_cluster,
    "aws_rds_cluster_instance": _of_instance,
    "aws_route53_record": _of_record,
    "aws_s3_bucket": _of_bucket,
    "aws_ssm_parameter": _of_parameter,
    "aws_subnet": _of_subnet,
}
