"""A dashboard shows each metric that has an alarm, with the alarm's limit and its section of the runbook."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs.common.alarms import AlarmProps, Watch
from constructs.common.dashboard import Dashboard, DashboardProps
from tests.construct import Surroundings, alone
from tests.synthesis import PRODUCTION, SynthesizedStack, platform, silo


def alarm(section: str, *, below: bool = False, **dimensions: str) -> AlarmProps:
    watch = Watch(
        section=section,
        summary=f"{section} is wrong",
        namespace="AWS/Some",
        metric=f"Metric-{section}",
        statistic="p99",
        limit=7,
        below=below,
    )
    return AlarmProps(name=f"alarm-{section}", watch=watch, dimensions=dimensions, topic_arn="arn:of:topic")


def widgets(*alarms: AlarmProps) -> list[dict[str, Any]]:
    def build(around: Surroundings) -> None:
        props = DashboardProps(name="some-dashboard", title="Whose", region="eu-west-1", alarms=alarms)
        Dashboard(around.stack, "dashboard", props)

    body = json.loads(alone(build).one("aws_cloudwatch_dashboard")["dashboard_body"])
    found: list[dict[str, Any]] = body["widgets"]
    return found


def test_each_alarm_is_a_widget_with_its_metric_and_limit() -> None:
    _, first, second = widgets(alarm("one", b="2", a="1"), alarm("two", below=True))
    assert first["properties"] == {
        "title": "alarm-one",
        "region": "eu-west-1",
        "view": "timeSeries",
        "metrics": [["AWS/Some", "Metric-one", "a", "1", "b", "2"]],
        "stat": "p99",
        "period": 300,
        "annotations": {"horizontal": [{"label": "one is wrong", "value": 7, "fill": "above"}]},
    }
    assert second["properties"]["annotations"]["horizontal"][0]["fill"] == "below"


def test_the_text_says_whose_it_is_and_names_each_section_of_the_runbook_once() -> None:
    text, *_ = widgets(alarm("one"), alarm("two"), alarm("one"))
    assert text["properties"]["markdown"] == (
        "# Whose\nWhat to do about each: [one](docs/runbook.md#one), [two](docs/runbook.md#two)"
    )


def test_three_widgets_are_side_by_side_and_none_is_on_another() -> None:
    _, *shown = widgets(*(alarm(str(number)) for number in range(5)))
    assert [(one["x"], one["y"]) for one in shown] == [(0, 3), (8, 3), (16, 3), (0, 9), (8, 9)]


def shown(stack: SynthesizedStack) -> set[str]:
    """The titles of all widgets that show a metric."""
    bodies = [json.loads(body["dashboard_body"]) for body in stack.all("aws_cloudwatch_dashboard").values()]
    return {one["properties"].get("title", "") for body in bodies for one in body["widgets"]} - {""}


@pytest.mark.parametrize("kind", ["silo", "platform"])
def test_production_shows_every_alarm_and_development_nothing(kind: str) -> None:
    stack = silo(**PRODUCTION) if kind == "silo" else platform("acme-corp", variables=PRODUCTION)
    named = {body["alarm_name"] for body in stack.all("aws_cloudwatch_metric_alarm").values()}
    assert shown(stack) == named
    names = {body["dashboard_name"] for body in stack.all("aws_cloudwatch_dashboard").values()}
    assert names == (
        {"tenant-acme-corp-dashboard-test"}
        if kind == "silo"
        else {"saas-platform-acme-corp-dashboard-test", "shared-platform-dashboard-test"}
    )
    other = silo() if kind == "silo" else platform("acme-corp")
    assert not other.all("aws_cloudwatch_dashboard")


def test_a_dashboard_shows_metrics_of_its_own_stack_alone() -> None:
    for stack in (silo(**PRODUCTION), platform("acme-corp", variables=PRODUCTION)):
        for body in stack.all("aws_cloudwatch_dashboard").values():
            for widget in json.loads(body["dashboard_body"])["widgets"][1:]:
                (metric,) = widget["properties"]["metrics"]
                references = [part for part in metric if part.startswith("${")]
                assert references
                for reference in references:
                    assert ".".join(reference[2:].split(".")[:2]) in stack.addresses
