"""What a deployed role may do, tried: sessions of the role, and attempts whose outcome is allowed or denied."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from emulator.server import Emulator
from tenancy.names.environment import EnvironmentNames
from tenancy.names.fargate import FargateTenantNames
from tenancy.names.silo import SiloNames
from tests.deployment.callers import keys_opened

ALLOWED, DENIED = "allowed", "denied"
DENIALS = frozenset({"AccessDenied", "AccessDeniedException"})
PROBE = """
import os

def handler(event, context):
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return {name.lower(): os.environ[name] for name in names}
"""


@dataclass(frozen=True)
class Caller:
    """A session of a deployed role, or the account's root when it has no credentials.

    Attributes:
        name: as the matrix shows it.
        tenant: whose role it is.
        role: which of the tenant's roles.
    """

    emulator: Emulator
    name: str
    tenant: str = ""
    role: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        # boto3 takes a tenth of a second to make one.
        if service not in self._clients:
            self._clients[service] = self.emulator.client(service, **self.credentials)
        return self._clients[service]


@dataclass(frozen=True)
class Holdings:
    """What a tenant has, with something in it that can be read.

    Attributes:
        names: of its silo.
        key: ARN of its key.
        ciphertext: made with that key.
        queues: the URL of each queue by its name.
        platform: what it has on the shared platform; `None` where it is not there.
    """

    names: SiloNames
    key: str
    ciphertext: bytes
    queues: Mapping[str, str]
    platform: PlatformHoldings | None = None

    @property
    def there(self) -> PlatformHoldings:
        assert self.platform
        return self.platform


@dataclass(frozen=True)
class PlatformHoldings:
    """What a tenant has on the shared platform.

    Attributes:
        key: ARN of its key there.
        ciphertext: made with that key.
        secret: ARN of its login to the database.
    """

    names: FargateTenantNames
    key: str
    ciphertext: bytes
    secret: str


Attempt = Callable[[Any, Holdings], object]


@dataclass(frozen=True)
class Action:
    """One thing to try, with what it is tried on.

    Attributes:
        name: as the matrix shows it.
        service: boto3's name.
        attempt: makes the request with a client of that service.
    """

    name: str
    service: str
    attempt: Attempt


def session_of(emulator: Emulator, role: str) -> dict[str, str]:
    """Return credentials of `role` as the Lambda service hands them to a function that runs as it.

    The role's trust admits Lambda alone, so a function is made for it that answers with its own credentials, and is
    removed.
    """
    arn = emulator.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    functions, name = emulator.client("lambda"), f"probe-{secrets.token_hex(4)}"
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("probe.py", PROBE)
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="probe.handler",
        Role=arn,
        Code={"ZipFile": code.getvalue()},
    )
    answer = functions.invoke(FunctionName=name)
    found = json.loads(answer["Payload"].read())
    functions.delete_function(FunctionName=name)
    assert "FunctionError" not in answer, found
    return {name: str(value) for name, value in found.items()}


def session_of_task(emulator: Emulator, role: str) -> dict[str, str]:
    """Return credentials of `role`, which ECS alone assumes, with the role's own policies and tags.

    The emulator starts no task, so the role trusts the account for a moment; its trust is put back.
    """
    iam, sts = emulator.client("iam"), emulator.client("sts")
    found = iam.get_role(RoleName=role)["Role"]
    for_a_moment = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "sts:AssumeRole",
    }
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=policy(for_a_moment))
    session = sts.assume_role(RoleArn=found["Arn"], RoleSessionName="task")["Credentials"]
    trust = json.dumps(found["AssumeRolePolicyDocument"])
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust)
    return keys(session)


@contextmanager
def administrator_of(emulator: Emulator) -> Iterator[dict[str, str]]:
    """Credentials of a role with every permission of the account, tagged as no tenant's."""
    iam, name = emulator.client("iam"), f"administrator-{secrets.token_hex(4)}"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "sts:AssumeRole",
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    everything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=everything)
    yield keys(emulator.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"])
    iam.delete_role_policy(RoleName=name, PolicyName="everything")
    iam.delete_role(RoleName=name)


def keys(session: Mapping[str, Any]) -> dict[str, str]:
    """Return what STS answers as the arguments of a client."""
    return {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def caller(
    emulator: Emulator,
    tenant: str,
    role: str,
    role_name: str,
    assume: Callable[[Emulator, str], dict[str, str]] = session_of,
) -> Caller:
    """Return a session of a tenant's deployed role."""
    credentials = assume(emulator, role_name)
    identity = emulator.client("sts", **credentials).get_caller_identity()["Arn"]
    assert f":assumed-role/{role_name}/" in identity, identity
    return Caller(emulator, f"{tenant} {role}", tenant, role, credentials)


def silo_callers(emulator: Emulator, tenant: str, suffix: str = "test") -> list[Caller]:
    """Return a session of each role that a silo tenant's functions run as."""
    names = EnvironmentNames(suffix=suffix).silo(tenant)
    roles = {"api": names.api_function_role, "provisioner": names.provisioner_function_role}
    return [caller(emulator, tenant, role, name) for role, name in roles.items()]


def platform_callers(emulator: Emulator, tenant: str, suffix: str = "test") -> list[Caller]:
    """Return a session of each role of a tenant's tasks."""
    names = EnvironmentNames(suffix=suffix).fargate_tenant(tenant)
    roles = {"task": names.task_role, "execution": names.execution_role}
    return [caller(emulator, tenant, role, name, session_of_task) for role, name in roles.items()]


def silo_holdings(emulator: Emulator, tenant: str, suffix: str = "test") -> Holdings:
    """Put something into all that a tenant has, so that a denial cannot be for lack of it."""
    names = EnvironmentNames(suffix=suffix).silo(tenant)
    kms, sqs = emulator.client("kms"), emulator.client("sqs")
    key = kms.describe_key(KeyId=names.key_alias)["KeyMetadata"]["Arn"]
    with keys_opened(emulator):
        emulator.client("s3").put_object(Bucket=names.data_bucket, Key="seed", Body=b"seed")
        emulator.client("dynamodb").put_item(TableName=names.metadata_table, Item=item(tenant))
    for function in (names.api_function, names.provisioner_function):
        group = names.function_log_group(function)
        emulator.client("logs").create_log_stream(logGroupName=group, logStreamName="seed")
    return Holdings(
        names=names,
        key=key,
        ciphertext=kms.encrypt(KeyId=key, Plaintext=b"seed")["CiphertextBlob"],
        queues={
            name: sqs.get_queue_url(QueueName=name)["QueueUrl"]
            for name in (names.functions_dlq, names.events_dlq)
        },
    )


def platform_holdings(emulator: Emulator, tenant: str, suffix: str = "test") -> PlatformHoldings:
    """Put something into all that a tenant has on the platform; its secret has the login that was made there."""
    names = EnvironmentNames(suffix=suffix).fargate_tenant(tenant)
    kms, secrets_manager = emulator.client("kms"), emulator.client("secretsmanager")
    key = kms.describe_key(KeyId=names.key_alias)["KeyMetadata"]["Arn"]
    with keys_opened(emulator):
        emulator.client("s3").put_object(Bucket=names.data_bucket, Key="seed", Body=b"seed")
    emulator.client("logs").create_log_stream(logGroupName=names.log_group, logStreamName="seed")
    return PlatformHoldings(
        names=names,
        key=key,
        ciphertext=kms.encrypt(KeyId=key, Plaintext=b"seed")["CiphertextBlob"],
        secret=secrets_manager.describe_secret(SecretId=names.database_secret)["ARN"],
    )


def item(tenant: str) -> dict[str, dict[str, str]]:
    return {"tenant_id": {"S": tenant}, "resource_type": {"S": "seed"}}


def outcome(caller: Caller, action: Action, holdings: Holdings) -> str:
    """Return whether `caller` may do `action` on the tenant's `holdings`; any other failure is raised."""
    try:
        action.attempt(caller.client(action.service), holdings)
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIALS:
            raise
        return DENIED
    return ALLOWED


def _write_log(logs: Any, group: str) -> None:
    event = {"timestamp": 1_800_000_000_000, "message": "tried"}
    logs.put_log_events(logGroupName=group, logStreamName="seed", logEvents=[event])


def _announce(events: Any, holdings: Holdings, source: str, kind: str) -> None:
    detail = json.dumps({"tenantId": holdings.names.tenant, "plan": "standard"})
    events.put_events(Entries=[{"Source": source, "DetailType": kind, "Detail": detail}])


def _table(attempt: str, **arguments: object) -> Attempt:
    return lambda dynamodb, has: getattr(dynamodb, attempt)(TableName=has.names.metadata_table, **arguments)


def _item(attempt: str, field: str = "Key") -> Attempt:
    return lambda dynamodb, has: getattr(dynamodb, attempt)(
        TableName=has.names.metadata_table, **{field: item(has.names.tenant)}
    )


def _bucket_actions(name: str, bucket_of: Callable[[Holdings], str]) -> Iterable[Action]:
    def on(attempt: str, **arguments: object) -> Attempt:
        return lambda s3, has: getattr(s3, attempt)(Bucket=bucket_of(has), **arguments)

    yield Action(f"{name} GetObject", "s3", on("get_object", Key="seed"))
    yield Action(f"{name} PutObject", "s3", on("put_object", Key="tried", Body=b"tried"))
    yield Action(f"{name} DeleteObject", "s3", on("delete_object", Key="spare"))
    yield Action(f"{name} ListBucket", "s3", on("list_objects_v2"))
    yield Action(f"{name} GetBucketPolicy", "s3", on("get_bucket_policy"))


def _key_actions(name: str, key_of: Callable[[Holdings], Holdings | PlatformHoldings]) -> Iterable[Action]:
    yield Action(
        f"{name} Encrypt", "kms", lambda kms, has: kms.encrypt(KeyId=key_of(has).key, Plaintext=b"tried")
    )
    yield Action(
        f"{name} Decrypt",
        "kms",
        lambda kms, has: kms.decrypt(KeyId=key_of(has).key, CiphertextBlob=key_of(has).ciphertext),
    )
    yield Action(
        f"{name} GenerateDataKey",
        "kms",
        lambda kms, has: kms.generate_data_key(KeyId=key_of(has).key, KeySpec="AES_256"),
    )
    yield Action(f"{name} GetKeyPolicy", "kms", lambda kms, has: kms.get_key_policy(KeyId=key_of(has).key))


def _log_actions(name: str, group_of: Callable[[Holdings], str]) -> Iterable[Action]:
    yield Action(
        f"{name} CreateLogStream",
        "logs",
        lambda logs, has: logs.create_log_stream(
            logGroupName=group_of(has), logStreamName=f"tried-{secrets.token_hex(4)}"
        ),
    )
    yield Action(f"{name} PutLogEvents", "logs", lambda logs, has: _write_log(logs, group_of(has)))
    yield Action(
        f"{name} GetLogEvents",
        "logs",
        lambda logs, has: logs.get_log_events(logGroupName=group_of(has), logStreamName="seed"),
    )


def _silo_actions() -> list[Action]:
    return [
        *_bucket_actions("bucket", lambda has: has.names.data_bucket),
        Action("table GetItem", "dynamodb", _item("get_item")),
        Action("table PutItem", "dynamodb", _item("put_item", "Item")),
        Action(
            "table UpdateItem",
            "dynamodb",
            lambda dynamodb, has: dynamodb.update_item(
                TableName=has.names.metadata_table,
                Key=item(has.names.tenant),
                UpdateExpression="SET tried = :t",
                ExpressionAttributeValues={":t": {"BOOL": True}},
            ),
        ),
        Action(
            "table Query",
            "dynamodb",
            lambda dynamodb, has: dynamodb.query(
                TableName=has.names.metadata_table,
                KeyConditionExpression="tenant_id = :t",
                ExpressionAttributeValues={":t": {"S": has.names.tenant}},
            ),
        ),
        Action("table DeleteItem", "dynamodb", _item("delete_item")),
        Action("table Scan", "dynamodb", _table("scan")),
        *_key_actions("key", lambda has: has),
        Action(
            "functions' queue SendMessage",
            "sqs",
            lambda sqs, has: sqs.send_message(
                QueueUrl=has.queues[has.names.functions_dlq], MessageBody="tried"
            ),
        ),
        Action(
            "functions' queue ReceiveMessage",
            "sqs",
            lambda sqs, has: sqs.receive_message(QueueUrl=has.queues[has.names.functions_dlq]),
        ),
        Action(
            "events' queue SendMessage",
            "sqs",
            lambda sqs, has: sqs.send_message(QueueUrl=has.queues[has.names.events_dlq], MessageBody="tried"),
        ),
        *_log_actions("api log", lambda has: has.names.function_log_group(has.names.api_function)),
        *_log_actions(
            "provisioner log", lambda has: has.names.function_log_group(has.names.provisioner_function)
        ),
        Action(
            "api InvokeFunction",
            "lambda",
            lambda functions, has: functions.invoke(
                FunctionName=has.names.api_function, InvocationType="DryRun"
            ),
        ),
        Action(
            "provisioner InvokeFunction",
            "lambda",
            lambda functions, has: functions.invoke(
                FunctionName=has.names.provisioner_function, InvocationType="DryRun"
            ),
        ),
        Action(
            "bus PutEvents as signup",
            "events",
            lambda events, has: _announce(events, has, "custom.signup", "Tenant Signup"),
        ),
    ]


def _platform_actions() -> list[Action]:
    return [
        *_bucket_actions("platform bucket", lambda has: has.there.names.data_bucket),
        *_key_actions("platform key", lambda has: has.there),
        Action(
            "platform secret GetSecretValue",
            "secretsmanager",
            lambda manager, has: manager.get_secret_value(SecretId=has.there.secret),
        ),
        Action(
            "platform secret PutSecretValue",
            "secretsmanager",
            lambda manager, has: manager.put_secret_value(SecretId=has.there.secret, SecretString="tried"),
        ),
        *_log_actions("platform log", lambda has: has.there.names.log_group),
    ]


SILO_ACTIONS = _silo_actions()
"""Every action on a silo tenant's data, as roles might try them."""
PLATFORM_ACTIONS = _platform_actions()
"""The same for what a tenant has on the shared platform."""

GRANTS: dict[str, frozenset[str]] = {
    "api": frozenset(
        {
            "bucket GetObject",
            "bucket PutObject",
            "bucket DeleteObject",
            "bucket ListBucket",
            "table GetItem",
            "table PutItem",
            "table UpdateItem",
            "table Query",
            "key Encrypt",
            "key Decrypt",
            "key GenerateDataKey",
            "functions' queue SendMessage",
            "api log CreateLogStream",
            "api log PutLogEvents",
        }
    ),
    "provisioner": frozenset(
        {
            "table GetItem",
            "table PutItem",
            "table UpdateItem",
            "table Query",
            "key Encrypt",
            "key Decrypt",
            "key GenerateDataKey",
            "functions' queue SendMessage",
            "provisioner log CreateLogStream",
            "provisioner log PutLogEvents",
        }
    ),
    # Its key is used by S3 and Secrets Manager on the roles' behalf, never by the roles themselves.
    "task": frozenset(
        {
            "platform bucket GetObject",
            "platform bucket PutObject",
            "platform bucket DeleteObject",
            "platform bucket ListBucket",
        }
    ),
    "execution": frozenset(
        {
            "platform secret GetSecretValue",
            "platform log CreateLogStream",
            "platform log PutLogEvents",
        }
    ),
}
"""What each of a tenant's roles may do at home; everything else, and everywhere else, is denied."""
