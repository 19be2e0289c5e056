"""The log of a build, which CodeBuild writes as the project's service role.

AWS: CodeBuild user guide, "Allow CodeBuild to interact with other AWS services": the service role has
`logs:CreateLogGroup`, `logs:CreateLogStream` and `logs:PutLogEvents`
(https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html).
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ENABLED = "ENABLED"
BATCH = 500


_making = threading.Lock()
"""Clients may be used by any thread, but are made one after the other."""


class DeniedError(Exception):
    """The role may not write the log."""


@dataclass(slots=True, kw_only=True)
class BuildLog:
    """Writes lines; close it at the end.

    Attributes:
        client: of CloudWatch Logs, as the role; None where the project logs nothing.
        group: name of the log group.
        stream: name of the stream.
    """

    client: Any
    group: str
    stream: str
    _lines: list[dict[str, Any]] = field(default_factory=list)
    _written: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def create(cls, record: Mapping[str, Any], keys: Mapping[str, str]) -> BuildLog:
        """Make the stream of a build.

        Raises:
            DeniedError: the role may not.
        """
        logs = record["logs"]
        made = cls(client=None, group=logs["groupName"], stream=logs["streamName"])
        if logs["cloudWatchLogs"].get("status", ENABLED) == ENABLED:
            made.client = _client(record["arn"].split(":")[3], keys)
            try:
                made._create_stream()
            except ClientError as error:
                raise DeniedError(
                    f"Service role {record['serviceRole']} does not allow AWS CodeBuild to create Amazon CloudWatch "
                    f"Logs log streams for build {record['arn']}. Error message: {error}"
                ) from error
        return made

    def line(self, text: str) -> None:
        """Write a line; what is written within a second goes in one request."""
        with self._lock:
            # CloudWatch Logs takes no empty message.
            self._lines.append({"timestamp": int(time.time() * 1000), "message": text or " "})
            if len(self._lines) >= BATCH or time.monotonic() - self._written > 1:
                self._flush()

    def close(self) -> None:
        """Write what is left."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._written = time.monotonic()
        if self.client is not None and lines:
            try:
                self.client.put_log_events(
                    logGroupName=self.group, logStreamName=self.stream, logEvents=lines
                )
            except (BotoCoreError, ClientError) as error:
                # The build goes on, as on AWS; the emulator's own log says why there is no line.
                print(f"codebuild: {self.group}: {error}", flush=True)

    def _create_stream(self) -> None:
        names = {"logGroupName": self.group, "logStreamName": self.stream}
        try:
            self.client.create_log_stream(**names)
        except self.client.exceptions.ResourceNotFoundException:
            self.client.create_log_group(logGroupName=self.group)
            self.client.create_log_stream(**names)


@functools.cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()


def _client(region: str, keys: Mapping[str, str]) -> Any:  # noqa: ANN401
    make: Any = _session().client
    with _making:
        return make(
            "logs",
            endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
            region_name=region,
            config=Config(read_timeout=600, proxies={}),
            **{name.lower(): value for name, value in keys.items()},
        )
