"""The steps: a new password in the database and the secret, then tasks that have it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import Problem, Refusal
from config.registry.models import Registry
from config.settings import Settings
from tenancy.names.environment import EnvironmentNames

ANSWER_SECONDS = 130
"""More than the database's function may take, 120."""


class RotationError(Refusal):
    """A step failed; the message says what holds then, and what completes it."""

    exit_code = 1


class Clients(Protocol):
    """What makes a client of an AWS service, as `boto3.client` does."""

    def __call__(self, service: str, /) -> Any:  # noqa: ANN401 - boto3 names no type for all
        """Return the client of `service`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What is called what in the environment.

    Attributes:
        tenant: id of the tenant.
        function: the database provisioner.
        secret: the tenant's login.
        cluster: that runs its service.
        service: whose tasks get the new password.
        account: that the environment is declared for; `None` takes any.
    """

    tenant: str
    function: str
    secret: str
    cluster: str
    service: str
    account: str | None


def rotation_of(tenant: str, settings: Settings, registry: Registry) -> Rotation:
    """Return what is to be done for `tenant` in the environment of `settings`.

    Raises:
        Refusal: the registry has no Fargate tenant of that id.
    """
    if tenant not in registry.fargate_tenants:
        known = ", ".join(registry.fargate_tenants) or "none"
        problem = Problem(
            where="TENANT", received=tenant, expected=f"a Fargate tenant of {settings.registry}: {known}"
        )
        raise Refusal(str(problem))
    names = EnvironmentNames(suffix=settings.environment_suffix)
    own = names.fargate_tenant(tenant)
    return Rotation(
        tenant=tenant,
        function=names.platform.provisioner_function,
        secret=own.database_secret,
        cluster=names.platform.ecs_cluster,
        service=own.service,
        account=settings.declared.account if settings.declared else None,
    )


def clients(region: str) -> Clients:
    """Return what makes clients of AWS in `region`, which ask for a rotation once and wait for its answer."""
    config = Config(
        connect_timeout=10, read_timeout=ANSWER_SECONDS, retries={"mode": "standard", "total_max_attempts": 1}
    )
    session = boto3.session.Session(region_name=region)

    def client(service: str) -> Any:  # noqa: ANN401 - boto3 names no type for all
        make: Any = session.client
        return make(service, config=config)

    return client


def rotate(rotation: Rotation, make: Clients, *, end_sessions: bool) -> str:
    """Give the tenant a new password and replace its tasks; return the id of the deployment that does.

    Args:
        rotation: for whom.
        make: clients of AWS.
        end_sessions: whether sessions that the old password opened are ended.

    Raises:
        RotationError: a step failed.
    """
    try:
        caller = make("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise RotationError(f"nothing has changed: {error}") from None
    if rotation.account not in (None, caller):
        problem = Problem(
            where="credentials", received=caller, expected=f"those of the account {rotation.account}"
        )
        raise Refusal(str(problem))
    _change_password(rotation, make("lambda"), end_sessions=end_sessions)
    try:
        service = make("ecs").update_service(
            cluster=rotation.cluster, service=rotation.service, forceNewDeployment=True
        )["service"]
    except (BotoCoreError, ClientError) as error:
        raise RotationError(
            f"the password of {rotation.tenant} is new, and its tasks have the old one: {error}\nReplace them: aws ecs "
            f"update-service --cluster {rotation.cluster} --service {rotation.service} --force-new-deployment"
        ) from None
    return next(str(one["id"]) for one in service["deployments"] if one["status"] == "PRIMARY")


def _change_password(rotation: Rotation, client: Any, *, end_sessions: bool) -> None:  # noqa: ANN401 - boto3's
    """Have the database's function change it.

    Raises:
        RotationError: it could not, or did not answer.
    """
    request = {
        "action": "rotate",
        "tenant": rotation.tenant,
        "secret_arn": rotation.secret,
        "end_sessions": end_sessions,
    }
    again = (
        "the password may be in the secret and not yet in the database: run this again, which completes it"
    )
    try:
        answer = client.invoke(FunctionName=rotation.function, Payload=json.dumps(request).encode())
    except ClientError as error:
        raise RotationError(f"nothing has changed: {error}") from None
    except BotoCoreError as error:
        raise RotationError(f"{error}; {again}") from None
    if "FunctionError" in answer:
        said = json.loads(answer["Payload"].read())
        raise RotationError(f"{said.get('errorType')}: {said.get('errorMessage')}; {again}")
