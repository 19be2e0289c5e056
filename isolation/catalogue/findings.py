"""What the prover may find: each kind of finding has an id for ever, and docs/isolation-findings.md explains it.

An id is never used again for something else: waivers and other people's tools keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class FindingType:
    """One kind of finding.

    Attributes:
        id: its name in reports and waivers.
        severity: how bad it is where it is VIOLATED; what is UNKNOWN is `medium` or `low`.
        title: one line.
        explanation: what it means.
        mend: what to do about it.
    """

    id: str
    severity: Severity
    title: str
    explanation: str
    mend: str


OWN_PERMISSIONS: Final = FindingType(
    "ISO-101",
    "high",
    "A tenant's permissions reach another owner's resource",
    "A role or user of one tenant may, with its own permissions, do something to a resource of another tenant "
    "or of the platform. The finding shows the request, and the statements that allow it.",
    "Name the tenant's own ARNs in the statement, or require `aws:ResourceTag` to equal `aws:PrincipalTag`; "
    "in a resource policy, name the owner's roles or require their tag.",
)
ESCALATION: Final = FindingType(
    "ISO-102",
    "high",
    "A tenant escalates until it reaches another owner's resource",
    "A tenant's role can become more than it is: it assumes or passes a role, changes code that runs as one, "
    "tags itself, changes a policy or drops its boundary. What it becomes reaches somebody else's resource. "
    "The finding lists the steps.",
    "Take away the first step: narrow the trust policy, `iam:PassRole`, the tagging or the update that it "
    "rests on.",
)
FOREIGN_ACCOUNT: Final = FindingType(
    "ISO-103",
    "critical",
    "Another AWS account reaches a resource",
    "A resource policy lets somebody in an account that is not the stacks' do something. Whoever owns an "
    "account chooses the tags, names and permissions there, so a condition on these keeps nobody out.",
    "Name the account or its roles as principal, or require `aws:PrincipalAccount` or `aws:PrincipalOrgID`.",
)
ANYBODY: Final = FindingType(
    "ISO-104",
    "critical",
    "Anybody reaches a resource, without credentials",
    "A resource policy names everybody, and its conditions hold for a caller without credentials too.",
    "Name principals instead of `*`, or require a key that only the owner's callers carry.",
)
DEPUTY: Final = FindingType(
    "ISO-105",
    "high",
    "An AWS service reaches a resource for somebody else",
    "A resource policy lets an AWS service in, whoever it acts for: another account or another tenant can "
    "make the service do it (the confused deputy).",
    "Require `aws:SourceArn`, or at least `aws:SourceAccount`, of the resource that the service acts for.",
)
ROUTE: Final = FindingType(
    "ISO-201",
    "high",
    "A route leads into another owner's network",
    "A route table sends packets from one tenant's VPC into another's, or somewhere that is not known.",
    "Remove the route, or lead it where no tenant's workloads are.",
)
SECURITY_GROUP: Final = FindingType(
    "ISO-202",
    "high",
    "A security group admits another tenant or the internet",
    "In a VPC that tenants share, a rule lets another tenant's workload in, a workload is a member of another "
    "tenant's group, or one with a public address admits the internet.",
    "Name the owner's own security groups in the rule, and give each workload groups of its own.",
)
ENDPOINT: Final = FindingType(
    "ISO-203",
    "medium",
    "A VPC endpoint lets other owners' credentials through",
    "From a tenant's network, stolen credentials of somebody else reach that owner's resources through the "
    "endpoint, whose policy does not ask whose they are. An endpoint without a policy lets everything "
    "through.",
    "Give the endpoint a policy that requires `aws:PrincipalTag/TenantId` to be the owner's.",
)
FRONT_DOOR: Final = FindingType(
    "ISO-204",
    "high",
    "An API lets others in than its owner's users",
    "A route of an API has no authorizer, or one that takes tokens from elsewhere than the owner's user pool.",
    "Give the route a JWT authorizer whose issuer and audience are the owner's user pool and its client.",
)
INTERCEPTED_HOST: Final = FindingType(
    "ISO-205",
    "high",
    "A rule of the load balancer takes another tenant's hosts",
    "A listener rule sends hosts that another tenant's rule names to a tenant's own targets, because it comes first "
    "or because it is not known which comes first.",
    "Let each rule name its own tenant's hosts alone, without wildcards that others' hosts match.",
)
MOVED: Final = FindingType(
    "ISO-106",
    "high",
    "An argument moves data or code between owners",
    "A resource of one owner names another owner's resource in an argument that sends data there, takes data from "
    "there, or runs its code: replication, a destination of logs, a source of a copy, an image, a secret in an "
    "environment. No policy needs to allow more than the owner's own service does.",
    "Name a resource of the same owner.",
)
NOT_MODELLED_IN_POLICY: Final = FindingType(
    "ISO-301",
    "medium",
    "A policy holds something that is not modelled",
    "The request is possible if what is not modelled (an operator, a condition key, an expression, an id that "
    "AWS makes up) turns out as wide as it may be. The finding names it.",
    "Write the statement with what is modelled: literals, plain references, and the operators for texts, ARNs "
    "and addresses.",
)
NOT_MODELLED: Final = FindingType(
    "ISO-302",
    "medium",
    "A stack holds something that is not modelled",
    "A resource type, an argument or an expression is in no list of what is read or harmless, so nothing is "
    "proved of its owner.",
    "Leave it out, write it so that it is read, or add it to `isolation/catalogue/` with a reason.",
)
PLACE_NOT_KNOWN: Final = FindingType(
    "ISO-303",
    "medium",
    "Where a workload is in the network is not known",
    "A workload's subnets or security groups are not plain references to resources of its stack.",
    "Refer to subnets and security groups that the same stack declares.",
)
VACUOUS: Final = FindingType(
    "ISO-304",
    "low",
    "Nobody can use a resource, so its proof is vacuous",
    "Nobody entitled (the owner's roles, a service for the owner, an administrator) can do anything to "
    "resources of this kind: that others cannot either says nothing.",
    "Look for a denial or a condition that shuts everybody out.",
)
UNDECIDED: Final = FindingType(
    "ISO-305",
    "medium",
    "The solver gave no answer that holds",
    "The solver gave up, or the evaluator does not authorize the request that the solver found.",
    "Simplify the policies that bear on the request, and report it as a defect of the prover.",
)

FINDING_TYPES: Final[Mapping[str, FindingType]] = {
    type_.id: type_
    for type_ in (
        OWN_PERMISSIONS,
        ESCALATION,
        FOREIGN_ACCOUNT,
        ANYBODY,
        DEPUTY,
        MOVED,
        ROUTE,
        SECURITY_GROUP,
        ENDPOINT,
        FRONT_DOOR,
        INTERCEPTED_HOST,
        NOT_MODELLED_IN_POLICY,
        NOT_MODELLED,
        PLACE_NOT_KNOWN,
        VACUOUS,
        UNDECIDED,
    )
}
"""By id."""
