"""The container beside a tenant's own that takes its traces and sends them to AWS X-Ray."""

from __future__ import annotations

import json
from typing import Final

from constructs.common.account import Account
from constructs.common.log_group import EncryptedLogGroup
from policies.grantee import Grantee
from policies.statements import Statement
from tenancy.containers import TraceCollector
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import Owner

CONTAINER: Final = "collector"
CPU_UNITS: Final = 64
MEMORY_MEGABYTES: Final = 256
"""Of the task's own: what traces take is taken from the tenant's container, and costs nothing more."""
USER: Final = "4317:4317"
"""The image has one static program and no users (https://github.com/aws-observability/aws-otel-collector/blob/main/cmd/awscollector/Dockerfile,
read 2026-11-28): any number that is not root's runs it."""
TENANT_ATTRIBUTE: Final = "tenant_id"
SAMPLED: Final = "0.05"
"""The part of requests that are traced: X-Ray's own default, beyond the first one a second
(https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-sampling, read 2026-11-28)."""
_HTTP: Final = "127.0.0.1:4318"


def grant_send_traces(grantee: Grantee) -> None:
    """Let `grantee` send traces. It reads none: X-Ray keeps those of the whole account together.

    The exporter needs no other right: its own figures are off unless they are asked for
    (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/awsxrayexporter, read
    2026-11-28). X-Ray knows no resource for it
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html).
    """
    grantee.add_to_policy(Statement(sid="SendTraces", actions=("xray:PutTraceSegments",), resources=("*",)))


def trace_environment(owner: Owner[FargateTenantNames]) -> dict[str, str]:
    """Return the variables by which the SDKs of OpenTelemetry find the collector.

    Whether a request is traced is decided here: a caller's `traceparent` header says nothing about it, since the
    caller does not pay (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Figures and
    logs go elsewhere.
    """
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{_HTTP}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_RESOURCE_ATTRIBUTES": f"{TENANT_ATTRIBUTE}={owner.tenant}",
        "OTEL_SERVICE_NAME": owner.names.service,
        "OTEL_TRACES_SAMPLER": "traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": SAMPLED,
    }


def collector_container(
    collector: TraceCollector, *, account: Account, log_group: EncryptedLogGroup
) -> dict[str, object]:
    """Return the container as ECS gives it back.

    It is not essential: without it the tenant answers, and is not traced. It listens to the task alone, and has fewer
    privileges than the tenant's own container, which binds a port: network settings belong in one of a task's
    containers (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html).
    """
    return {
        "name": CONTAINER,
        "image": collector.image,
        "cpu": CPU_UNITS,
        "memory": MEMORY_MEGABYTES,
        "essential": False,
        "environment": [{"name": "AOT_CONFIG_CONTENT", "value": _configuration(account.region)}],
        "healthCheck": {
            "command": ["CMD", "/healthcheck"],
            "interval": 30,
            "retries": 3,
            "startPeriod": 10,
            "timeout": 5,
        },
        "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group.name,
                "awslogs-region": account.region,
                "awslogs-stream-prefix": CONTAINER,
            },
        },
        "mountPoints": [],
        "portMappings": [],
        "readonlyRootFilesystem": True,
        "systemControls": [],
        "user": USER,
        "volumesFrom": [],
    }


def _configuration(region: str) -> str:
    """Return the collector's configuration: JSON is YAML.

    https://aws-otel.github.io/docs/setup/ecs/config-through-ssm (the variable),
    https://aws-otel.github.io/docs/getting-started/x-ray (the pipeline), read 2026-11-28.
    """
    return json.dumps(
        {
            "exporters": {
                "awsxray": {
                    # Traces can be searched for the tenant.
                    "indexed_attributes": [f"otel.resource.{TENANT_ATTRIBUTE}"],
                    "region": region,
                }
            },
            "extensions": {"health_check": {"endpoint": "127.0.0.1:13133"}},
            "processors": {
                "batch/traces": {"send_batch_size": 50, "timeout": "1s"},
                "memory_limiter": {
                    "check_interval": "1s",
                    "limit_mib": MEMORY_MEGABYTES * 3 // 4,
                    "spike_limit_mib": MEMORY_MEGABYTES // 5,
                },
            },
            "receivers": {
                "otlp": {"protocols": {"grpc": {"endpoint": "127.0.0.1:4317"}, "http": {"endpoint": _HTTP}}}
            },
            "service": {
                "extensions": ["health_check"],
                "pipelines": {
                    "traces": {
                        "exporters": ["awsxray"],
                        "processors": ["memory_limiter", "batch/traces"],
                        "receivers": ["otlp"],
                    }
                },
            },
        },
        separators=(",", ":"),
        sort_keys=True,
    )
