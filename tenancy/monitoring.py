"""Who hears of what the stacks do: alarms, dashboards, budgets and traces, as environment and profile have them."""

from __future__ import annotations

from config.formats import partition
from config.registry.environments import TracingSettings
from config.registry.models import Registry
from config.settings import Settings
from tenancy.containers import TraceCollector
from tenancy.images import ecr_repository


class Monitoring:
    """What is watched in one environment.

    Attributes:
        alarm_topic_arn: SNS topic that alarms are sent to; `None` where the profile has none, or nobody declared who
            hears them.
        dashboards: whether what has an alarm is on a dashboard, as the environment or else its profile says.
        traced_functions: whether functions send traces.
        collector: of the tasks' traces; `None` traces no task.
    """

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings, self._registry = settings, registry
        declared, profile = settings.declared, settings.profile
        self.alarm_topic_arn = declared.alarm_topic_arn if profile.alarms and declared else None
        own = declared.dashboards if declared else None
        wanted = profile.dashboards if own is None else own
        self.dashboards = wanted and self.alarm_topic_arn is not None
        tracing = declared.tracing if declared else TracingSettings()
        self.traced_functions = tracing.untraced_functions is None
        image = tracing.collector_image
        self.collector = TraceCollector(image=image, repository=ecr_repository(image)) if image else None

    def monthly_budget(self, tenant: str) -> int | None:
        """Return what `tenant` may cost a month before somebody is told; `None` where nobody would be, or could.

        GovCloud has no budgets: its usage is on the bill of an account outside
        (https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-billing.html).
        """
        if self.alarm_topic_arn is None or partition(self._settings.region) != "aws":
            return None
        declared = self._settings.declared
        return self._registry.tenants[tenant].monthly_budget_usd or (
            declared.monthly_budget_usd if declared else None
        )
