"""What is watched of one Fargate tenant, and who is told: its alarms, its key, its costs, and its dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs import Construct
from constructs.common.alarms import AlarmProps
from constructs.common.budget import TenantBudget, TenantBudgetProps
from constructs.common.customer_key import CustomerKey
from constructs.common.dashboard import Dashboard, DashboardProps
from constructs.common.key_notice import UNHEARD, KeyNotice, KeyNoticeProps
from constructs.fargate.fargate_alarms import FargateAlarms, FargateAlarmsProps
from constructs.fargate.host_route import HostRoute
from constructs.fargate.shared_platform import SharedPlatform
from tenancy.specifications.fargate_tenant import FargateTenantPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantWatchProps:
    """What is watched, and for whom.

    Attributes:
        plan: of the tenant.
        platform: says who hears of it, and whether there is a dashboard.
        key: the tenant's.
        route: of its requests.
        backups: alarms that there are already, of its backups; they are shown as well.
    """

    plan: FargateTenantPlan
    platform: SharedPlatform
    key: CustomerKey
    route: HostRoute
    backups: Sequence[AlarmProps]


def watch_tenant(scope: Construct, props: TenantWatchProps) -> None:
    """Create the tenant's alarms in `scope`, the tenant's own, where the environment says who hears them."""
    owner, platform, topic = props.plan.owner, props.platform, props.platform.alarm_topic_arn
    if topic is None:
        return
    names, tags = owner.names, dict(owner.tags)
    alarms = FargateAlarms(
        scope,
        "alarms",
        FargateAlarmsProps(
            names=names, topic_arn=topic, load_balancer=platform.load_balancer, route=props.route, tags=tags
        ),
    )
    notice = KeyNotice(
        scope,
        "key_notice",
        KeyNoticeProps(
            rule=names.key_deletion_rule,
            alarm=names.alarm(UNHEARD.section),
            key=props.key,
            topic_arn=topic,
            tags=tags,
        ),
    )
    if props.plan.monthly_budget is not None:
        budget = TenantBudgetProps(
            name=names.budget,
            tenant=owner.tenant,
            dollars=props.plan.monthly_budget,
            topic_arn=topic,
            tags=tags,
        )
        TenantBudget(scope, "budget", budget)
    if platform.dashboards:
        shown = DashboardProps(
            name=names.dashboard,
            title=f"Tenant {owner.tenant} on the shared platform",
            region=platform.account.region,
            alarms=[*props.backups, *alarms.created, notice.alarm],
        )
        Dashboard(scope, "dashboard", shown)
