"""What a stack is to be: everything that its constructs need to know, decided before any of them exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from config.profiles import SignIn
from config.registry.tenants import ApiAuthorization, InterfaceEndpoint
from facts.instance_classes import InstanceClass
from tenancy.addressing import PlatformAddresses, SiloAddresses
from tenancy.containers import Confinement, Destination
from tenancy.images import EcrRepository
from tenancy.names.delivery import DeliveryNames
from tenancy.names.fargate import FargateTenantNames
from tenancy.names.platform import PlatformNames
from tenancy.names.silo import SiloNames
from tenancy.owner import Owner
from tenancy.protection import Backups, KeyAdministration, Protection, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalState:
    """State in a file.

    Attributes:
        path: absolute, or relative to the folder that holds the output folder.
    """

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """State as an object of an S3 bucket, with a lock object beside it.

    Attributes:
        bucket: name of the bucket.
        key: of the object.
        region: of the bucket.
    """

    bucket: str
    key: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """How Terraform's AWS provider is configured.

    Attributes:
        region: where everything is.
        account: whose credentials alone Terraform plans with; `None` takes any.
        default_tags: of every resource that takes tags.
        path_style_buckets: whether buckets are addressed by path: a bucket's own host name resolves at AWS only.
    """

    region: str
    account: str | None
    default_tags: Mapping[str, str]
    path_style_buckets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloSpecification:
    """What a silo tenant has.

    Attributes:
        addresses: of its VPC and its subnets.
        interface_endpoints: AWS services reached through an address in the subnets.
        api_authorization: `jwt` (tokens of the tenant's own user pool) or `iam` (signed requests).
        api_callers: names of the roles whose signed requests the API answers; none with `jwt`.
        api_readers: names of further roles, which change nothing; none with `jwt`.
        users_by_group: whether what a user may do depends on their groups.
        sign_in: of the tenant's users.
        requests_per_second: that its API takes in the long run.
        request_burst: requests that its API takes at once.
        largest_object_bytes: that its API takes.
        most_records: that its API keeps; `None` is any number.
        most_objects: that its API keeps; `None` is any number.
        most_object_bytes: that its objects have together; `None` is any number.
        reserved_concurrency: executions kept for the API's function; `None` keeps none.
        traced_functions: whether its functions send traces.
        alarm_topic_arn: SNS topic that its alarms are sent to; `None` has no alarms.
        monthly_budget: US dollars that the tenant may cost a month before the topic is told; `None` has no budget.
        dashboard: whether what has an alarm is on a dashboard.
        access_logs: whether its bucket keeps an access log.
        backups: of its bucket and its table; `None` makes none.
        keys: who administers the tenant's key.
        protection: of its data.
        retention: of its data and logs.
    """

    addresses: SiloAddresses
    interface_endpoints: tuple[InterfaceEndpoint, ...]
    api_authorization: ApiAuthorization
    api_callers: tuple[str, ...]
    api_readers: tuple[str, ...]
    users_by_group: bool
    sign_in: SignIn
    requests_per_second: int
    request_burst: int
    largest_object_bytes: int
    most_records: int | None
    most_objects: int | None
    most_object_bytes: int | None
    reserved_concurrency: int | None
    traced_functions: bool
    alarm_topic_arn: str | None
    monthly_budget: int | None
    dashboard: bool
    access_logs: bool
    backups: Backups | None
    keys: KeyAdministration
    protection: Protection
    retention: Retention


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceCollector:
    """The container that takes a task's traces.

    Attributes:
        image: container image, by digest.
        repository: where in ECR the image is; `None` where it is in another registry.
    """

    image: str
    repository: EcrRepository | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCertificate:
    """A certificate that is there already.

    Attributes:
        arn: in ACM, of the stacks' region.
    """

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A certificate that the platform's stack has issued, validated and renewed.

    Attributes:
        domain: that the certificate is for, and every host directly below it.
        hosted_zone_id: the public zone of the domain, where the validation's record is.
    """

    domain: str
    hosted_zone_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedThrough:
    """Certificates that the platform's stack has issued for a tenant's own hosts, one for each, validated and renewed.

    Attributes:
        hosted_zone_id: the public zone that the hosts are in, where the validations' records are.
    """

    hosted_zone_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSpecification:
    """What the Fargate tenants share, and the tenants.

    Attributes:
        names: physical names of what they share.
        addresses: of the VPC and its subnets.
        certificate: of the load balancer; `None` serves plain HTTP.
        private_endpoints: whether the VPC has endpoints for AWS's services, and tasks reach nothing else unasked.
        traced_functions: whether the platform's functions send traces.
        collector: beside each tenant's container, for its traces; `None` traces no task.
        other_registries: whether tasks may take images from registries other than the account's own.
        access_logs: whether the load balancer and the tenants' buckets keep access logs.
        domain: that tenants' hosts are directly below.
        web_acl: whether a WAF web ACL filters the load balancer's requests.
        requests_per_address: in five minutes that a web ACL lets through.
        database_backup_days: retention of automatic backups, 1 to 35.
        database_instance_class: of all its instances.
        database_instances: a writer and its readers in other availability zones.
        database_insights: whether enhanced monitoring and Performance Insights are on.
        alarm_topic_arn: SNS topic that the alarms are sent to; `None` has no alarms.
        dashboards: whether what has an alarm is on a dashboard: one for what is shared, and one for each tenant.
        backups: of the database; `None` makes none.
        keys: who administers the platform's key.
        protection: of the database and the load balancer.
        retention: of the platform's logs.
        tenants: in the order of their ids.
        erasures: ids of tenants that left and whose data in the database is dropped, in their order.
    """

    names: PlatformNames
    addresses: PlatformAddresses
    certificate: GivenCertificate | IssuedCertificate | None
    private_endpoints: bool
    traced_functions: bool
    collector: TraceCollector | None
    other_registries: bool
    access_logs: bool
    domain: str
    web_acl: bool
    requests_per_address: int
    database_backup_days: int
    database_instance_class: InstanceClass
    database_instances: int
    database_insights: bool
    alarm_topic_arn: str | None
    dashboards: bool
    backups: Backups | None
    keys: KeyAdministration
    protection: Protection
    retention: Retention
    tenants: tuple[FargateTenantPlan, ...]
    erasures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStackPlan:
    """What every stack has.

    Attributes:
        id: what `cdktf deploy` takes.
        provider: how its AWS provider is configured.
        state: where its state is kept.
        package_bucket: S3 bucket that its functions take their code from; `None` keeps it in the stack's folder.
    """

    id: str
    provider: ProviderSettings
    state: LocalState | BucketState
    package_bucket: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloPlan(BaseStackPlan):
    """The stack of one silo tenant.

    Attributes:
        kind: of stack.
        owner: the tenant.
        specification: what it has.
    """

    kind: ClassVar[str] = "silo"
    owner: Owner[SiloNames]
    specification: SiloSpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPlan(BaseStackPlan):
    """The stack that the Fargate tenants share. No tenant owns it.

    Attributes:
        kind: of stack.
        specification: what they share, and the tenants.
    """

    kind: ClassVar[str] = "platform"
    specification: PlatformSpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySpecification:
    """What rolls releases out on AWS.

    Attributes:
        names: physical names.
        image: that builds run in, by digest.
        deployer_role_arn: of the role that builds run as: whoever deploys.
        alarm_topic_arn: SNS topic that is told of a rollout that halts; `None` tells nobody.
        access_logs: whether the releases' bucket keeps an access log.
        keys: who administers the key.
        protection: of releases and records.
        retention: of logs, and of replaced versions.
    """

    names: DeliveryNames
    image: str
    deployer_role_arn: str
    alarm_topic_arn: str | None
    access_logs: bool
    keys: KeyAdministration
    protection: Protection
    retention: Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan(BaseStackPlan):
    """The stack that rolls releases out. No tenant owns it.

    Attributes:
        kind: of stack.
        specification: what it has.
    """

    kind: ClassVar[str] = "delivery"
    specification: DeliverySpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionPlan(BaseStackPlan):
    """A stack of the user's own (docs/your-own-stack.md).

    Attributes:
        kind: of stack.
        name: which of the user's stacks it is.
        tenant: whose it is; `None` where it is nobody's.
        specification: what it has, as the user's code says it: a frozen dataclass of values.
    """

    kind: ClassVar[str] = "extension"
    name: str
    tenant: str | None
    specification: object


StackPlan = SiloPlan | PlatformPlan | DeliveryPlan | ExtensionPlan
