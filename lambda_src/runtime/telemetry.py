"""A function's logs, metrics and traces, set up in the same way for every function.

Events and responses hold tenants' data, which belongs in neither a log nor a trace.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

Response = TypeVar("Response")

TENANT_DIMENSION = "TenantId"

_NAMESPACE = "TenantPlatform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What a function reports about itself.

    Attributes:
        logger: Writes structured logs.
        metrics: Writes metrics into the same log, from which CloudWatch extracts them.
        tracer: Sends traces to X-Ray.
    """

    logger: Logger
    metrics: Metrics
    tracer: Tracer

    @classmethod
    def of(cls, service: str) -> Telemetry:
        """Return the telemetry of `service`.

        The standard Powertools variables override the names of the service and of the metrics' namespace.
        """
        service = os.environ.get("POWERTOOLS_SERVICE_NAME", service)
        namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", _NAMESPACE)
        return cls(
            logger=Logger(service=service),
            metrics=Metrics(service=service, namespace=namespace),
            tracer=Tracer(service=service, patch_modules=["botocore"]),
        )

    def entry_point(
        self, handler: Callable[[dict[str, Any], LambdaContext], Response]
    ) -> Callable[[dict[str, Any], LambdaContext], Response]:
        """Decorate the handler that Lambda calls: its logs name the request, and each invocation is one trace.

        The metrics of a function that serves one tenant (`TENANT_ID`) have it as a dimension.
        """
        tenant = os.environ.get("TENANT_ID")
        if tenant:
            self.metrics.set_default_dimensions(**{TENANT_DIMENSION: tenant})
        # Powertools would log events and trace responses if its variables said so; these arguments forbid it.
        counted = self.metrics.log_metrics(handler, capture_cold_start_metric=True)
        traced = self.tracer.capture_lambda_handler(counted, capture_response=False)
        return self.logger.inject_lambda_context(traced, log_event=False)

    def count(self, name: str) -> None:
        """Add one to the metric `name`."""
        self.metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)

    def measure(self, name: str, value: float, unit: MetricUnit) -> None:
        """Add `value`, which is in `unit`, to the metric `name`."""
        self.metrics.add_metric(name=name, unit=unit, value=value)

    @contextmanager
    def failures_counted(self) -> Iterator[None]:
        """Add one to the metric `Failed` if an exception leaves the block."""
        try:
            yield
        except Exception:
            self.count("Failed")
            raise
