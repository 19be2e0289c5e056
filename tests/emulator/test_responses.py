"""No request is carried out twice, because responses begin after a short wait (`emulator/responses.py`)."""

import contextlib
import http.client
from pathlib import Path

import pytest

from emulator import responses
from emulator.server import Emulator
from terraform.errors import TerraformError
from tests.attached_provider import Terraform
from tests.emulator import roots
from tests.emulator.busy import busy_core
from tests.guards import GUARD_SECONDS

PARALLELISM = 30
# With both cores kept busy by other work, about every second apply sends a request again; alone, each sends several.
TRIES = 12


def many() -> dict[str, roots.Block]:
    """A few hundred resources without waits of the provider's own."""
    found: dict[str, roots.Block] = {"aws_vpc.main": {"cidr_block": "10.0.0.0/16"}}
    for number in range(100):
        found[f"aws_subnet.s{number}"] = {"vpc_id": "${aws_vpc.main.id}", "cidr_block": f"10.0.{number}.0/24"}
        found[f"aws_ssm_parameter.p{number}"] = {"name": f"/p/{number}", "type": "String", "value": "v"}
        found[f"aws_iam_role.r{number}"] = {
            "name": f"r{number}",
            "assume_role_policy": roots.trust("lambda.amazonaws.com"),
        }
        found[f"aws_cloudwatch_log_group.g{number}"] = {"name": f"g{number}"}
    return found


def sent_again(folder: Path, *, wait: float) -> int:
    """Count the requests that an apply sends again."""
    with Emulator(wait=wait) as emulator, Terraform(emulator.environment(), folder=folder) as terraform:
        root = terraform.root(roots.write_root(folder / "root", resources=many()))
        root.init()
        # Without the wait it may fail, on what exists already.
        with busy_core(), contextlib.nullcontext() if wait else contextlib.suppress(TerraformError):
            root.apply(f"-parallelism={PARALLELISM}")
        return emulator.requests_sent_again()


def test_a_second_attempt_is_counted() -> None:
    with Emulator() as emulator:
        for attempt in (1, 2, 3):
            connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=GUARD_SECONDS)
            connection.request(
                "GET", "/_ministack/health", headers={"amz-sdk-request": f"attempt={attempt}; max=25"}
            )
            assert connection.getresponse().status == http.client.OK
            connection.close()
        assert emulator.requests_sent_again() == 2


@pytest.mark.deployment
def test_no_request_is_sent_again_with_the_wait(tmp_path: Path) -> None:
    assert sent_again(tmp_path, wait=responses.WAIT_SECONDS) == 0


@pytest.mark.deployment
def test_requests_are_sent_again_without_the_wait(tmp_path: Path) -> None:
    """It depends on chance, so it is tried a few times."""
    assert any(sent_again(tmp_path / str(number), wait=0) for number in range(TRIES)), (
        f"no request was sent again in {TRIES} applies without the wait: the provider or the emulator "
        "has caught up, remove emulator/responses.py's wait"
    )
