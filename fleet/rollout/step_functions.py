"""Step Functions, asked by whoever starts or follows a rollout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import ConfigurationError, Problem


@contextmanager
def refusals(where: str) -> Iterator[None]:
    """Say in one line what Step Functions refused."""
    try:
        yield
    except ClientError as error:
        received, expected = error.response["Error"]["Code"], "a state machine that the caller may use"
    except BotoCoreError as error:
        received, expected = str(error), "an AWS account that answers"
    else:
        return
    raise refusal(where, received, expected)


def refusal(where: str, received: str, expected: str) -> ConfigurationError:
    """Return the one line that says what was received, and what is expected."""
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])


def states_client(region: str) -> Any:  # noqa: ANN401 - boto3's clients have no types
    """Return a client of Step Functions that tries again what is throttled."""
    config = Config(
        connect_timeout=10, read_timeout=65, retries={"mode": "standard", "total_max_attempts": 8}
    )
    return boto3.session.Session(region_name=region).client("stepfunctions", config=config)
