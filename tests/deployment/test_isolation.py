"""Isolation, tried with IAM enforced: each tenant's real roles on every tenant's data, their own included.

No denial is for lack of something: root makes the same request and succeeds, and so does the tenant's own role where
it is meant to.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from isolation.evaluator.lookup import decide
from isolation.inventory.inventory import Inventory
from isolation.inventory.reading import take_inventory
from isolation.synthesized.reading import read_documents
from tenancy.names.environment import EnvironmentNames
from tests.deployment.callers import call, keys_opened, profile_of, sign_up, token, wait_for
from tests.deployment.deploying import Deployment, deployed
from tests.deployment.probing import (
    ALLOWED,
    DENIED,
    GRANTS,
    PLATFORM_ACTIONS,
    SILO_ACTIONS,
    Action,
    Caller,
    Holdings,
    administrator_of,
    caller,
    outcome,
    platform_callers,
    platform_holdings,
    policy,
    silo_callers,
    silo_holdings,
)
from tests.synthesis import IMAGE, SynthesizedStack, read

pytestmark = pytest.mark.deployment

TENANTS = ("acme", "acme-eu")
ROLES = ("api", "provisioner", "task", "execution")
STACKS = ("tenant-acme-test", "tenant-acme-eu-test", "shared-platform-test")
NAMES = EnvironmentNames(suffix="test")
REGISTRY = {
    "created_at": "2026-01-01T00:00:00Z",
    "platform": {},
    "tenants": {
        tenant: {
            "silo": {"cidr": f"10.{number}.0.0/16"},
            "fargate": {"listener_priority": number, "image": IMAGE},
        }
        for number, tenant in enumerate(TENANTS, start=1)
    },
}
ACTIONS = [*SILO_ACTIONS, *PLATFORM_ACTIONS]
ROOT = "root"
Cell = tuple[str, str, str]
"""Who tries what on whose: caller, action, tenant."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def deployment(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(emulator, tmp_path_factory.mktemp("isolation"), REGISTRY, *STACKS) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def outputs(deployment: Deployment) -> dict[str, Any]:
    return deployment.root(STACKS[0]).outputs() | deployment.root(STACKS[1]).outputs()


# The stack does its work with IAM enforced. First, as root will sign the tenants up below


def test_the_api_works_with_the_permissions_of_its_role(emulator: Emulator, outputs: dict[str, Any]) -> None:
    endpoint, bearer = outputs["tenant-endpoint-acme-test"], token(emulator, "tenant-acme-users-test")
    assert call(emulator, endpoint, bearer=bearer).status == 200
    assert call(emulator, endpoint, "/health", bearer=bearer).status == 200
    put = call(emulator, endpoint, "/objects/greeting", method="PUT", bearer=bearer, body={"hello": "world"})
    assert put.status == 201, put
    assert call(emulator, endpoint, "/objects/greeting", bearer=bearer).body == {"hello": "world"}
    record = call(emulator, endpoint, "/records/invoice/1", method="PUT", bearer=bearer, body={"sum": 1})
    assert record.status == 201, record
    assert call(emulator, endpoint, "/records/invoice/1", bearer=bearer).status == 200


def test_a_signup_becomes_a_profile_and_an_announcement(emulator: Emulator, deployment: Deployment) -> None:
    assert profile_of(emulator, "acme") is None
    heard = listen(emulator, source="tenant-platform.provisioner")
    for _ in range(2):
        sign_up(emulator, "acme")
    assert wait_for(lambda: profile_of(emulator, "acme"))["status"] == {"S": "ACTIVE"}
    (message,) = wait_for(lambda: messages(emulator, heard))
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["detail"]["tenantId"]) == ("Tenant Provisioned", "acme")
    assert profile_of(emulator, "acme-eu") is None


def test_what_fails_reaches_the_dead_letter_queue(emulator: Emulator, deployment: Deployment) -> None:
    name = NAMES.silo("acme").functions_dlq
    queue = emulator.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    sign_up(emulator, "acme", plan=["no", "plan"])
    (message,) = wait_for(lambda: messages(emulator, queue))
    assert json.loads(message["Body"])["detail"]["plan"] == ["no", "plan"]


def listen(emulator: Emulator, *, source: str) -> str:
    """Return the URL of a queue that hears the bus's events of `source`."""
    sqs, events = emulator.client("sqs"), emulator.client("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(send)})
    events.put_rule(Name="heard", EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule="heard", Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def messages(emulator: Emulator, queue: str) -> list[dict[str, Any]]:
    with keys_opened(emulator):
        received = emulator.client("sqs").receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
    found = received.get("Messages", [])
    assert isinstance(found, list)
    return found


# Who may do what


@pytest.fixture(scope="module")
def callers(emulator: Emulator, deployment: Deployment) -> list[Caller]:
    tenants = [silo_callers(emulator, tenant) + platform_callers(emulator, tenant) for tenant in TENANTS]
    return [Caller(emulator, ROOT), *(caller for found in tenants for caller in found)]


@pytest.fixture(scope="module")
def holdings(emulator: Emulator, deployment: Deployment) -> dict[str, Holdings]:
    return {
        tenant: replace(silo_holdings(emulator, tenant), platform=platform_holdings(emulator, tenant))
        for tenant in TENANTS
    }


@pytest.fixture(scope="module")
def matrix(emulator: Emulator, callers: list[Caller], holdings: dict[str, Holdings]) -> dict[Cell, str]:
    # Root comes last: what the others read is what the stacks have made.
    root, *others = callers

    def tried(*found: Caller) -> dict[Cell, str]:
        return {
            (caller.name, action.name, tenant): outcome(caller, action, has)
            for caller in found
            for action in ACTIONS
            for tenant, has in holdings.items()
        }

    made = tried(*reversed(others))
    with keys_opened(emulator):
        return made | tried(root)


def row(matrix: dict[Cell, str], caller: str, tenant: str) -> dict[str, str]:
    """What `caller` may do with what `tenant` has."""
    return {
        action: found for (who, action, whose), found in matrix.items() if (who, whose) == (caller, tenant)
    }


# The matrix


def test_the_matrix_is_printed(
    matrix: dict[Cell, str], callers: list[Caller], capsys: pytest.CaptureFixture[str]
) -> None:
    width = max(len(action.name) for action in ACTIONS)
    columns = [(tenant, f"{tenant} {role}") for role in ROLES for tenant in TENANTS]
    others = dict(zip(TENANTS, reversed(TENANTS), strict=True))

    def cell(tenant: str, who: str, action: str) -> str:
        found = [matrix[who, action, whose] == ALLOWED for whose in (tenant, others[tenant])]
        return " / ".join("yes" if allowed else "no" for allowed in found)

    lines = [
        "its own / the other's".ljust(width) + "".join(f"  {who:^18}" for _, who in columns),
        *(
            action.name.ljust(width)
            + "".join(f"  {cell(tenant, who, action.name):^18}" for tenant, who in columns)
            for action in ACTIONS
        ),
    ]
    with capsys.disabled():
        # Standard error: pytest-xdist's workers have no standard output.
        print("", *lines, sep="\n", file=sys.stderr)
    assert len(matrix) == len(callers) * len(TENANTS) * len(ACTIONS)


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_request_is_a_good_one(matrix: dict[Cell, str], tenant: str) -> None:
    """Root may do each with the keys opened to it: so no denial is for lack of the thing or of an argument."""
    assert set(row(matrix, ROOT, tenant).values()) == {ALLOWED}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tenant", TENANTS)
def test_a_role_may_do_at_home_what_it_is_granted_and_nothing_else(
    matrix: dict[Cell, str], tenant: str, role: str
) -> None:
    allowed = {
        action for action, found in row(matrix, f"{tenant} {role}", tenant).items() if found == ALLOWED
    }
    assert allowed == GRANTS[role]


@pytest.mark.parametrize("action", [action.name for action in ACTIONS])
def test_nobody_may_do_it_to_another_tenant(matrix: dict[Cell, str], action: str) -> None:
    across = {
        (f"{mine} {role}", other): matrix[f"{mine} {role}", action, other]
        for mine in TENANTS
        for other in TENANTS
        for role in ROLES
        if mine != other
    }
    assert across == dict.fromkeys(across, DENIED)
    assert len(across) == len(ROLES) * len(TENANTS) * (len(TENANTS) - 1)


# What the resources themselves refuse


@pytest.fixture(scope="module")
def administrator(emulator: Emulator) -> Iterator[Caller]:
    with administrator_of(emulator) as credentials:
        yield Caller(emulator, "administrator", credentials=credentials)


@pytest.mark.parametrize("tenant", TENANTS)
def test_not_even_an_administrator_reads_objects_or_secrets_or_uses_a_key(
    administrator: Caller, holdings: dict[str, Holdings], tenant: str
) -> None:
    found = {
        action.name: outcome(administrator, action, holdings[tenant])
        for action in ACTIONS
        if action.service in {"s3", "kms", "secretsmanager"}
    }
    assert {action for action, result in found.items() if result == ALLOWED} == {
        "bucket DeleteObject",  # development: the deployer empties the bucket
        "bucket GetBucketPolicy",
        "bucket ListBucket",
        "key GetKeyPolicy",
        "platform bucket DeleteObject",
        "platform bucket GetBucketPolicy",
        "platform bucket ListBucket",
        "platform key GetKeyPolicy",
    }


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_platforms_provisioner_writes_logins_and_does_nothing_else(
    emulator: Emulator, holdings: dict[str, Holdings], tenant: str
) -> None:
    provisioner = caller(emulator, "", "database provisioner", NAMES.platform.provisioner_role)
    found = {action.name: outcome(provisioner, action, holdings[tenant]) for action in ACTIONS}
    assert {action for action, result in found.items() if result == ALLOWED} == {
        "platform secret GetSecretValue",
        "platform secret PutSecretValue",
    }


@pytest.mark.parametrize("tenant", TENANTS)
def test_nobody_but_its_service_becomes_a_tenants_role(
    emulator: Emulator, administrator: Caller, callers: list[Caller], tenant: str
) -> None:
    silo, platform = NAMES.silo(tenant), NAMES.fargate_tenant(tenant)
    for role in (
        silo.api_function_role,
        silo.provisioner_function_role,
        platform.task_role,
        platform.execution_role,
    ):
        arn = emulator.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        # Root assumes no role on AWS; in the emulator it plays every service that a role trusts.
        for one in [administrator, *(found for found in callers if found.name != ROOT)]:
            with pytest.raises(ClientError, match="AccessDenied"):
                one.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")


def test_plain_http_is_refused(callers: list[Caller]) -> None:
    """The role that may read the object over TLS may not without."""
    found = next(caller for caller in callers if caller.name == "acme api")
    s3 = found.emulator.client("s3", **found.credentials)
    bucket = NAMES.silo("acme").data_bucket
    s3.put_object(Bucket=bucket, Key="seed", Body=b"seed")
    s3.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "http")
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=bucket, Key="seed")


def test_another_key_or_encryption_is_refused(callers: list[Caller], holdings: dict[str, Holdings]) -> None:
    s3 = next(caller for caller in callers if caller.name == "acme api").client("s3")
    bucket = holdings["acme"].names.data_bucket
    own, others = holdings["acme"].key, holdings["acme-eu"].key
    s3.put_object(Bucket=bucket, Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=own)
    for arguments in (
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": others},
        {"ServerSideEncryption": "AES256"},
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object(Bucket=bucket, Key="k", **arguments)


# What the prover says of the same requests


@pytest.fixture(scope="module")
def proved(deployment: Deployment) -> Inventory:
    """The deployed stacks as `make prove` reads them."""
    return take_inventory(read_documents(deployment.folder / "cdktf.out"), "123456789012")


def asked(
    action: Action, has: Holdings, stacks: Mapping[str, SynthesizedStack]
) -> tuple[str, str, dict[str, str]]:
    """Return the IAM action of an attempt, the resource that it names, and the request's own condition keys.

    A resource whose ARN AWS makes up is named by its address.
    """
    place, verb = action.name.rsplit(" ", 1) if " as " not in action.name else ("bus", "PutEvents")
    tenant, names, there = has.names.tenant, has.names, has.there.names
    silo, platform = stacks[names.stack], stacks["shared-platform-test"]
    here = "us-east-1:123456789012"

    def stream(group: str) -> str:
        return f"arn:aws:logs:{here}:log-group:{group}:log-stream:seed"

    def bucket(name: str) -> str:
        return f"arn:aws:s3:::{name}/seed" if verb.endswith("Object") else f"arn:aws:s3:::{name}"

    resources = {
        "bucket": bucket(names.data_bucket),
        "table": f"arn:aws:dynamodb:{here}:table/{names.metadata_table}",
        "key": f"{silo.id}/{silo.address('aws_kms_key')}",
        "functions' queue": f"arn:aws:sqs:{here}:{names.functions_dlq}",
        "events' queue": f"arn:aws:sqs:{here}:{names.events_dlq}",
        "api log": stream(names.function_log_group(names.api_function)),
        "provisioner log": stream(names.function_log_group(names.provisioner_function)),
        "api": f"arn:aws:lambda:{here}:function:{names.api_function}",
        "provisioner": f"arn:aws:lambda:{here}:function:{names.provisioner_function}",
        "bus": f"arn:aws:events:{here}:event-bus/default",
        "platform bucket": bucket(there.data_bucket),
        "platform key": f"{platform.id}/{platform.address('aws_kms_key', f'tenants_{tenant}_tenant_key')}",
        "platform secret": f"{platform.id}/{platform.address('aws_secretsmanager_secret', f'tenants_{tenant}_')}",
        "platform log": stream(there.log_group),
    }
    context = (
        {"events:source": "custom.signup", "events:detail-type": "Tenant Signup"} if place == "bus" else {}
    )
    return f"{action.service}:{verb}", resources[place], context


def test_the_prover_agrees_with_what_happened(
    matrix: dict[Cell, str],
    callers: list[Caller],
    holdings: dict[str, Holdings],
    deployment: Deployment,
    proved: Inventory,
) -> None:
    """On every request that the matrix tried; root, whom the prover trusts, apart."""
    stacks = read(deployment.folder / "cdktf.out").stacks
    differing = []
    for one in callers:
        if one.name == ROOT:
            continue
        identity = one.client("sts").get_caller_identity()["Arn"]
        role = f"arn:aws:iam::123456789012:role/{identity.split('/')[1]}"
        for action in ACTIONS:
            for tenant, has in holdings.items():
                verb, resource, context = asked(action, has, stacks)
                said = ALLOWED if decide(proved, role, verb, resource, context) else DENIED
                tried = matrix[one.name, action.name, tenant]
                if said != tried:
                    differing.append(f"{one.name}: {verb} on {resource}: prover {said}, emulator {tried}")
    assert differing == []
