"""CloudWatch, asked for alarms and for requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import ConfigurationError, Problem
from fleet.rollout.health import APIS, REQUESTS, Alarm

AT_ONCE: Final = 100
"""Names of a request (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html, read
2026-11-28)."""
MINUTE: Final = 60
HOUR: Final = 3600
"""Seconds of a period. An answer has at most 1,440 of them
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html, read 2026-11-28)."""
ATTEMPTS: Final = 8


@dataclass(kw_only=True)
class CloudWatch:
    """CloudWatch of the caller's account."""

    _clients: dict[str, Any] = field(default_factory=dict)

    def alarms(self, region: str, names: Sequence[str]) -> Mapping[str, Alarm]:
        """Return the alarms of these names that there are, by name.

        Raises:
            ConfigurationError: AWS refuses, or does not answer.
        """
        found: dict[str, Alarm] = {}
        for start in range(0, len(names), AT_ONCE):
            with _refusals(region):
                pages = self._client(region).get_paginator("describe_alarms")
                for page in pages.paginate(
                    AlarmNames=list(names[start : start + AT_ONCE]), AlarmTypes=["MetricAlarm"]
                ):
                    found |= {alarm["AlarmName"]: alarm for alarm in page["MetricAlarms"]}
        return found

    def requests(self, region: str, alarm: Alarm, start: datetime, end: datetime) -> int:
        """Return how many requests the API that `alarm` watches got from `start` to `end`.

        Raises:
            ConfigurationError: AWS refuses, or does not answer.
        """
        with _refusals(region):
            answer = self._client(region).get_metric_statistics(
                Namespace=APIS,
                MetricName=REQUESTS,
                Dimensions=alarm["Dimensions"],
                StartTime=start,
                EndTime=end,
                Period=MINUTE if end - start < timedelta(days=1) else HOUR,
                Statistics=["Sum"],
            )
        return sum(round(point["Sum"]) for point in answer["Datapoints"])

    def _client(self, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no types
        if region not in self._clients:
            config = Config(
                connect_timeout=10,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            )
            session = boto3.session.Session(region_name=region)
            self._clients[region] = session.client("cloudwatch", config=config)
        return self._clients[region]


@contextmanager
def _refusals(region: str) -> Iterator[None]:
    """Say in one line what CloudWatch refused."""
    try:
        yield
    except ClientError as error:
        received = error.response["Error"]["Code"]
        expected = "the rights cloudwatch:DescribeAlarms and cloudwatch:GetMetricStatistics"
    except BotoCoreError as error:
        received, expected = str(error), "an AWS account that answers"
    else:
        return
    raise ConfigurationError([Problem(where=f"CloudWatch in {region}", received=received, expected=expected)])
