"""What the Fargate tenants share."""

from __future__ import annotations

from dataclasses import dataclass

from facts.instance_classes import InstanceClass
from tenancy.addressing import PlatformAddresses
from tenancy.containers import TraceCollector
from tenancy.names.platform import PlatformNames
from tenancy.protection import Backups, KeyAdministration, Protection, Retention
from tenancy.specifications.certificates import GivenCertificate, IssuedCertificate
from tenancy.specifications.fargate_tenant import FargateTenantPlan


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
