"""How long the functions' clients wait, compared with what waits for them."""

from typing import Any

import pytest

from database_provisioner import handler as database_handler
from runtime.aws import bounded
from tenant_api import clients as api_clients
from tenant_provisioner import handler as provisioner_handler
from tenant_provisioner.provisioning import CLAIM_SECONDS

# As they are in production: during a test they wait longer.
API, PROVISIONER, DATABASE = api_clients._BOUNDED, provisioner_handler._BOUNDED, database_handler._BOUNDED

HTTP_API_SECONDS = 30.0
FUNCTION_SECONDS = 60.0


# The stubs of `Config` leave out its attributes.
def longest(config: Any) -> float:
    """Seconds that all attempts of one call can take, without the pauses between them."""
    attempts: int = config.retries["total_max_attempts"]
    seconds: float = config.connect_timeout + config.read_timeout
    return attempts * seconds


def test_each_limit_reaches_the_client() -> None:
    config: Any = bounded(connect_timeout=1, read_timeout=2, attempts=3)
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}


@pytest.mark.parametrize(
    ("config", "seconds"),
    [(API, HTTP_API_SECONDS), (PROVISIONER, CLAIM_SECONDS), (DATABASE, FUNCTION_SECONDS)],
    ids=["API", "provisioner", "database"],
)
def test_a_call_ends_before_its_caller_gives_up(config: Any, seconds: float) -> None:
    assert longest(config) < seconds


def test_a_claim_lapses_before_the_function_that_waits_for_it_ends() -> None:
    assert CLAIM_SECONDS < FUNCTION_SECONDS
