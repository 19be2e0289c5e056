"""What a tenant has on the shared platform."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.containers import Confinement, Destination
from tenancy.images import EcrRepository
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import Owner
from tenancy.protection import Backups, KeyAdministration, Protection, Retention
from tenancy.specifications.certificates import GivenCertificate, IssuedThrough


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLimits:
    """What a tenant may take of the shared database.

    Attributes:
        connections: that its role may hold at once on each instance.
        statement_timeout: seconds after which its statements are cancelled; `None` never.
        idle_in_transaction_timeout: seconds after which its sessions that are idle in a transaction are ended; `None`
            never.
        idle_session_timeout: seconds after which its idle sessions are ended; `None` never.
    """

    connections: int
    statement_timeout: int | None
    idle_in_transaction_timeout: int | None
    idle_session_timeout: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateTenantPlan:
    """One tenant on the shared platform.

    Attributes:
        owner: the tenant.
        host: where it answers; names below it are the tenant's as well.
        custom_hosts: where it answers as well.
        custom_certificate: for them; `None` where there are none.
        listener_priority: of its rule on the load balancer.
        image: container image.
        repository: where in ECR the image is; `None` where it is in another registry.
        confinement: of the container; `None` runs it as its image says.
        egress: what its tasks reach besides the platform's database and endpoints, where that is all that they reach.
        minimum_tasks: that always run.
        maximum_tasks: that scaling stops at.
        requests_per_task: requests a minute that scaling keeps the mean of the tasks at.
        large_bodies: whether bodies that the web ACL inspects in part only reach it.
        web_acl_counts: whether the web ACL's managed rules count its requests instead of blocking them.
        database: what it may take of the shared database.
        monthly_budget: US dollars that the tenant may cost a month before somebody is told; `None` has no budget here.
        returning: whether it gets what an earlier tenant of its id left in the database.
        backups: of its bucket; `None` makes none.
        keys: who administers the tenant's key.
        protection: of its data.
        retention: of its data and logs.
    """

    owner: Owner[FargateTenantNames]
    host: str
    custom_hosts: tuple[str, ...]
    custom_certificate: GivenCertificate | IssuedThrough | None
    listener_priority: int
    image: str
    repository: EcrRepository | None
    confinement: Confinement | None
    egress: tuple[Destination, ...]
    minimum_tasks: int
    maximum_tasks: int
    requests_per_task: int
    large_bodies: bool
    web_acl_counts: bool
    database: DatabaseLimits
    monthly_budget: int | None
    returning: bool
    backups: Backups | None
    keys: KeyAdministration
    protection: Protection
    retention: Retention
