"""What is watched of what the Fargate tenants share, and who is told: its alarms, its key, and its dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs import Construct
from constructs.common.alarms import AlarmProps
from constructs.common.customer_key import CustomerKey
from constructs.common.dashboard import Dashboard, DashboardProps
from constructs.common.key_notice import UNHEARD, KeyNotice, KeyNoticeProps
from constructs.platform.aurora_cluster import AuroraCluster
from constructs.platform.database_provisioner import DatabaseProvisioner
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.platform_alarms import PlatformAlarms, PlatformAlarmsProps
from constructs.platform.web_acl import WebAcl
from tenancy.plans import PlatformPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformWatchProps:
    """What is watched, and for whom.

    Attributes:
        plan: of the platform; says who hears of it, and whether there is a dashboard.
        key: the platform's.
        database: the shared cluster.
        load_balancer: that requests come to.
        web_acl: in front of it, where there is one.
        provisioner: that gives tenants their logins.
        backups: alarms that there are already, of its backups; they are shown as well.
    """

    plan: PlatformPlan
    key: CustomerKey
    database: AuroraCluster
    load_balancer: LoadBalancer
    web_acl: WebAcl | None
    provisioner: DatabaseProvisioner
    backups: Sequence[AlarmProps]


def watch_platform(scope: Construct, props: PlatformWatchProps) -> None:
    """Create the alarms of what is shared in `scope`, where the environment says who hears them."""
    plan, region = props.plan.specification, props.plan.provider.region
    shown = [*props.backups]
    if plan.alarm_topic_arn is not None:
        shown += _create_alarms(scope, props, plan.alarm_topic_arn)
    if plan.dashboards:
        title = "What the Fargate tenants share"
        dashboard = DashboardProps(name=plan.names.dashboard, title=title, region=region, alarms=shown)
        Dashboard(scope, "dashboard", dashboard)


def _create_alarms(scope: Construct, props: PlatformWatchProps, topic: str) -> list[AlarmProps]:
    plan = props.plan.specification
    watched = PlatformAlarmsProps(
        names=plan.names,
        topic_arn=topic,
        region=props.plan.provider.region,
        database=props.database,
        instance_class=plan.database_instance_class,
        reader=plan.database_instances > 1,
        load_balancer=props.load_balancer,
        web_acl=props.web_acl,
        provisioner=props.provisioner,
    )
    alarms = PlatformAlarms(scope, "alarms", watched)
    of_key = KeyNoticeProps(
        rule=plan.names.key_deletion_rule,
        alarm=plan.names.alarm(UNHEARD.section),
        key=props.key,
        topic_arn=topic,
    )
    notice = KeyNotice(scope, "key_notice", of_key)
    return [*alarms.created, notice.alarm]
