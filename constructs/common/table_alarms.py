"""What is watched of a DynamoDB table."""

from __future__ import annotations

from typing import Final

from constructs.common.alarms import Watch

# By `TableName`, which `ThrottledRequests` does not have without an `Operation`; written where it is not zero
# (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html, read 2026-11-27).
TABLE_READ_THROTTLES: Final = Watch(
    section="table-read-throttles",
    summary="DynamoDB throttles reads of the table",
    namespace="AWS/DynamoDB",
    metric="ReadThrottleEvents",
    statistic="Sum",
    limit=0,
    periods=2,
)
TABLE_WRITE_THROTTLES: Final = Watch(
    section="table-write-throttles",
    summary="DynamoDB throttles writes to the table",
    namespace="AWS/DynamoDB",
    metric="WriteThrottleEvents",
    statistic="Sum",
    limit=0,
    periods=2,
)
