"""What a function reports about itself, and what it keeps to itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.telemetry import Telemetry
from tests.lambda_src.support.invocations import Context, unique

SECRET = "a-value-of-the-tenants"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def metrics(lines: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The lines that carry the metric `name`."""
    return [line for line in lines if name in line]


def test_the_service_and_the_namespace_are_named_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    service = unique("service")
    telemetry = Telemetry.of(service)

    @telemetry.entry_point
    def handler(event: dict[str, Any], context: LambdaContext) -> str:
        telemetry.count("Greeted")
        telemetry.logger.info("greeting", to=event["name"])
        return "done"

    context = Context()
    assert handler({"name": "somebody"}, context) == "done"
    written = lines(capsys)
    (log,) = (line for line in written if line.get("message") == "greeting")
    assert (log["service"], log["to"]) == (service, "somebody")
    assert log["function_request_id"] == context.aws_request_id
    (metric,) = metrics(written, "Greeted")
    assert metric["Greeted"] == [1.0]
    assert metric["service"] == service
    (directive,) = metric["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "TenantPlatform"
    assert directive["Metrics"] == [{"Name": "Greeted", "Unit": "Count"}]


def test_the_powertools_variables_override_service_and_namespace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "another-service")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "AnotherNamespace")
    telemetry = Telemetry.of("service")

    @telemetry.entry_point
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        telemetry.count("Greeted")

    handler({}, Context())
    (metric,) = metrics(lines(capsys), "Greeted")
    assert metric["service"] == "another-service"
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "AnotherNamespace"
    assert telemetry.logger.service == telemetry.tracer.service == "another-service"


def test_a_failure_is_counted_and_raised_again(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = Telemetry.of(unique("service"))

    @telemetry.entry_point
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        with telemetry.failures_counted():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        handler({}, Context())
    (metric,) = metrics(lines(capsys), "Failed")
    assert metric["Failed"] == [1.0]


def test_a_success_does_not_count_as_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = Telemetry.of(unique("service"))

    @telemetry.entry_point
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        with telemetry.failures_counted():
            telemetry.count("Succeeded")

    handler({}, Context())
    written = lines(capsys)
    assert len(metrics(written, "Succeeded")) == 1
    assert metrics(written, "Failed") == []


def test_no_variable_puts_an_event_into_a_log_or_a_response_into_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    monkeypatch.setenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE", "true")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    telemetry = Telemetry.of(unique("service"))
    traced: list[object] = []
    monkeypatch.setattr(
        telemetry.tracer,
        "_add_response_as_metadata",
        lambda **named: traced.append(named["capture_response"]),
    )

    @telemetry.entry_point
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        telemetry.count("Answered")
        return event

    handler({"secret": SECRET}, Context())
    assert SECRET not in "".join(capsys.readouterr())
    assert traced == [False]


@pytest.fixture
def no_dimensions() -> Iterator[None]:
    """Powertools keeps default dimensions for the whole process, which in Lambda is one function's."""
    yield
    metrics = Telemetry.of(unique("service")).metrics
    metrics.clear_default_dimensions()
    metrics.clear_metrics()


@pytest.mark.usefixtures("no_dimensions")
@pytest.mark.parametrize(("tenant", "dimensions"), [("acme-corp", {"TenantId"}), (None, set())])
def test_metrics_of_a_function_that_serves_one_tenant_have_it_as_a_dimension(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tenant: str | None,
    dimensions: set[str],
) -> None:
    if tenant:
        monkeypatch.setenv("TENANT_ID", tenant)
    else:
        monkeypatch.delenv("TENANT_ID", raising=False)
    telemetry = Telemetry.of(unique("service"))

    @telemetry.entry_point
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        telemetry.measure("Weight", 7, MetricUnit.Bytes)

    # What is written once is cleared, and the dimension is there the next time as well.
    for _ in range(2):
        handler({}, Context())
        (metric,) = metrics(lines(capsys), "Weight")
        assert metric["Weight"] == [7.0]
        assert metric.get("TenantId") == tenant
        (directive,) = metric["_aws"]["CloudWatchMetrics"]
        assert directive["Metrics"] == [{"Name": "Weight", "Unit": "Bytes"}]
        (named,) = directive["Dimensions"]
        assert set(named) == {"service"} | dimensions
