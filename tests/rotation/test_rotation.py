"""The command that gives a tenant a new password: what it asks AWS for, and what it says when a step fails.

`tests/deployment/test_platform.py` runs it on a deployed platform.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError, ReadTimeoutError

import rotation.__main__ as command
from rotation.rotate import rotate, rotation_of
from tests.synthesis import ACCOUNT

IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:{'0' * 64}"
PROD = {
    "profile": "production",
    "account": ACCOUNT,
    "region": "eu-west-1",
    "alarm_topic_arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:pager",
}


class Aws:
    """AWS as far as the command uses it: each request is kept; `failing` raises in its place."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.account = ACCOUNT
        self.failing: dict[str, Exception] = {}
        self.error: dict[str, str] | None = None

    def __call__(self, service: str, /) -> Any:
        return self

    def _take(self, operation: str, arguments: dict[str, Any]) -> None:
        self.asked.append((operation, arguments))
        if operation in self.failing:
            raise self.failing[operation]

    def get_caller_identity(self) -> dict[str, Any]:
        self._take("get_caller_identity", {})
        return {"Account": self.account}

    def invoke(self, **arguments: Any) -> dict[str, Any]:
        self._take("invoke", arguments)
        if self.error:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(self.error).encode())}
        return {"Payload": io.BytesIO(b"{}")}

    def update_service(self, **arguments: Any) -> dict[str, Any]:
        self._take("update_service", arguments)
        deployments = [{"id": "ecs-svc/old", "status": "ACTIVE"}, {"id": "ecs-svc/new", "status": "PRIMARY"}]
        return {"service": {"deployments": deployments}}


def denied(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)


Run = Callable[..., int]


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def run(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "environments": {"prod": PROD},
        "platform": {"hosted_zone_id": "Z0123456789"},
        "tenants": {
            "acme": {"fargate": {"listener_priority": 1, "image": IMAGE}},
            "silo": {"silo": {"cidr": "10.1.0.0/16"}},
        },
    }
    file = tmp_path / "tenants.yaml"
    file.write_text(yaml.safe_dump(registry))
    monkeypatch.setenv("TENANT_REGISTRY", str(file))
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "prod")
    monkeypatch.setenv("KEY_ADMINISTRATOR_ARNS", f"arn:aws:iam::{ACCOUNT}:role/deployer")
    regions: list[str] = []

    def clients(region: str) -> Aws:
        regions.append(region)
        return aws

    monkeypatch.setattr(command, "clients", clients)

    def run(*arguments: str) -> int:
        code = command.main(arguments)
        assert set(regions) <= {"eu-west-1"}
        return code

    return run


@pytest.mark.parametrize("ends", [False, True])
def test_the_password_is_changed_and_then_the_tasks_are_replaced(
    run: Run, aws: Aws, ends: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("acme", *(["--end-sessions"] if ends else [])) == 0
    assert [operation for operation, _ in aws.asked] == ["get_caller_identity", "invoke", "update_service"]
    (_, _), (_, invoked), (_, updated) = aws.asked
    assert invoked["FunctionName"] == "shared-platform-db-provisioner-prod"
    assert json.loads(invoked["Payload"]) == {
        "action": "rotate",
        "tenant": "acme",
        "secret_arn": "rds/tenant/acme/prod/password",
        "end_sessions": ends,
    }
    assert updated == {
        "cluster": "shared-platform-prod",
        "service": "saas-platform-acme-service-prod",
        "forceNewDeployment": True,
    }
    assert "(ecs-svc/new)" in capsys.readouterr().out


def test_the_function_takes_the_request(run: Run, aws: Aws) -> None:
    """Both sides of the contract, held together."""
    from database_provisioner.request import Action, read_request

    run("acme", "--end-sessions")
    read = read_request(json.loads(aws.asked[1][1]["Payload"]))
    assert (read.action, read.tenant, read.end_sessions) == (Action.ROTATE, "acme", True)


@pytest.mark.parametrize("tenant", ["silo", "nobody", ""])
def test_only_fargate_tenants_have_a_password(
    run: Run, aws: Aws, tenant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tenant) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"rotation: TENANT: received {tenant!r}, expected a Fargate tenant of ")
    assert said.endswith(": acme\n")
    assert not aws.asked


def test_another_accounts_credentials_change_nothing(
    run: Run, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.account = "999999999999"
    assert run("acme") == 2
    expected = f"rotation: credentials: received '999999999999', expected those of the account {ACCOUNT}\n"
    assert capsys.readouterr().err == expected
    assert len(aws.asked) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (denied("get_caller_identity"), "nothing has changed: "),
        (denied("invoke"), "nothing has changed: "),
        (ReadTimeoutError(endpoint_url="https://lambda"), "run this again, which completes it"),
        (denied("update_service"), "is new, and its tasks have the old one: "),
    ],
)
def test_a_step_that_fails_is_told_with_what_holds_then(
    run: Run, aws: Aws, error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = getattr(error, "operation_name", "invoke")
    aws.failing[operation] = error
    assert run("acme") == 1
    assert said in capsys.readouterr().err
    assert aws.asked[-1][0] == operation, "nothing is tried after it"


def test_a_function_that_fails_is_told(run: Run, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.error = {"errorType": "DatabaseError", "errorMessage": "the role 'tenant_acme' does not exist"}
    assert run("acme") == 1
    assert "rotation: DatabaseError: the role 'tenant_acme' does not exist; " in capsys.readouterr().err
    assert aws.asked[-1][0] == "invoke"


def test_an_environment_that_is_not_declared_takes_any_account(run: Run, aws: Aws, tmp_path: Path) -> None:
    from config.loading import load

    registry = tmp_path / "tenants.yaml"
    settings, read = load({"ENVIRONMENT_SUFFIX": "pr7", "TENANT_REGISTRY": str(registry)}, root=tmp_path)
    aws.account = "999999999999"
    rotation = rotation_of("acme", settings, read)
    assert rotation.account is None
    assert rotate(rotation, aws, end_sessions=False) == "ecs-svc/new"
