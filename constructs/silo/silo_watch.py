"""What is watched of one silo, and who is told: its alarms, its key, its costs, and its dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs import Construct
from constructs.common.alarms import AlarmProps
from constructs.common.budget import TenantBudget, TenantBudgetProps
from constructs.common.customer_key import CustomerKey
from constructs.common.dashboard import Dashboard, DashboardProps
from constructs.common.key_notice import UNHEARD, KeyNotice, KeyNoticeProps
from constructs.common.lambda_function import LambdaFunction
from constructs.silo.dead_letter_queue import DeadLetterQueue
from constructs.silo.http_api import HttpApi
from constructs.silo.metadata_table import MetadataTable
from constructs.silo.signup_rule import SignupRule
from constructs.silo.silo_alarms import SiloAlarms, SiloAlarmsProps
from tenancy.plans import SiloPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloWatchProps:
    """What is watched, and for whom.

    Attributes:
        plan: of the tenant; says who hears of it, and whether there is a dashboard.
        key: the tenant's.
        api: the HTTP API.
        api_function: behind it.
        failures: what the functions could not do.
        signup_rule: that starts the provisioner.
        provisioner_function: that it starts.
        undelivered: the rule's events that could not be delivered.
        table: the tenant's.
        backups: alarms that there are already, of its backups; they are shown as well.
    """

    plan: SiloPlan
    key: CustomerKey
    api: HttpApi
    api_function: LambdaFunction
    failures: DeadLetterQueue
    signup_rule: SignupRule
    provisioner_function: LambdaFunction
    undelivered: DeadLetterQueue
    table: MetadataTable
    backups: Sequence[AlarmProps]


def watch_silo(scope: Construct, props: SiloWatchProps) -> None:
    """Create the tenant's alarms in `scope`, the tenant's stack, where the environment says who hears them."""
    plan, names = props.plan, props.plan.owner.names
    topic = plan.specification.alarm_topic_arn
    shown = [*props.backups]
    if topic is not None:
        shown += _create_alarms(scope, props, topic)
        _create_budget(scope, plan, topic)
    if plan.specification.dashboard:
        dashboard = DashboardProps(
            name=names.dashboard,
            title=f"Tenant {plan.owner.tenant}",
            region=plan.provider.region,
            alarms=shown,
        )
        Dashboard(scope, "dashboard", dashboard)


def _create_alarms(scope: Construct, props: SiloWatchProps, topic: str) -> list[AlarmProps]:
    names = props.plan.owner.names
    watched = SiloAlarmsProps(
        names=names,
        topic_arn=topic,
        queues={"functions": props.failures, "events": props.undelivered},
        api_function=props.api_function,
        provisioner_function=props.provisioner_function,
        api=props.api,
        table=props.table,
        signup_rule=props.signup_rule,
    )
    alarms = SiloAlarms(scope, "alarms", watched)
    of_key = KeyNoticeProps(
        rule=names.key_deletion_rule,
        alarm=names.alarm(UNHEARD.section),
        key=props.key,
        topic_arn=topic,
    )
    notice = KeyNotice(scope, "key_notice", of_key)
    return [*alarms.created, notice.alarm]


def _create_budget(scope: Construct, plan: SiloPlan, topic: str) -> None:
    if plan.specification.monthly_budget is None:
        return
    budget = TenantBudgetProps(
        name=plan.owner.names.budget,
        tenant=plan.owner.tenant,
        dollars=plan.specification.monthly_budget,
        topic_arn=topic,
    )
    TenantBudget(scope, "budget", budget)
