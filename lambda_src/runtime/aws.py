"""How long an AWS client waits."""

from __future__ import annotations

from botocore.config import Config


def bounded(*, connect_timeout: float, read_timeout: float, attempts: int) -> Config:
    """Return the configuration of a client whose calls end in bounded time.

    Args:
        connect_timeout: Seconds that one attempt waits for a connection.
        read_timeout: Seconds that one attempt then waits for a response.
        attempts: Number of attempts, the first one included.
    """
    return Config(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
