"""The prover's counterexamples, made: a hole's request succeeds on the local AWS, its safe neighbour's is refused.

Two tenants are deployed as they are. Each hole is then opened on both sides: in the documents, where the prover finds
it, and in the deployed policies, where the role that it names makes the request that it shows.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.server import Emulator
from isolation.synthesized.reading import read_documents
from isolation.verdict.analysis import analyse
from isolation.verdict.finding import Finding
from tenancy.names.environment import EnvironmentNames
from tests.deployment.deploying import Deployment, deployed
from tests.deployment.probing import (
    ALLOWED,
    DENIED,
    SILO_ACTIONS,
    Caller,
    Holdings,
    outcome,
    policy,
    silo_callers,
    silo_holdings,
)
from tests.isolation.holes.editing import Documents, resource

pytestmark = pytest.mark.deployment

OWNER, THIEF = "acme", "acme-eu"
STACKS = {tenant: f"tenant-{tenant}-test" for tenant in (OWNER, THIEF)}
ACCOUNT = "123456789012"
HERE = f"us-east-1:{ACCOUNT}"
NAMES = {tenant: EnvironmentNames(suffix="test").silo(tenant) for tenant in (OWNER, THIEF)}
REGISTRY = {
    "created_at": "2026-01-01T00:00:00Z",
    "tenants": {
        tenant: {"silo": {"cidr": f"10.{number}.0.0/16"}}
        for number, tenant in enumerate((OWNER, THIEF), start=1)
    },
}
Statement = dict[str, Any]
Attached = tuple[Callable[[], str], Callable[[str], object]]
"""How a resource's policy is read, and how it is written."""


def role(tenant: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{NAMES[tenant].api_function_role}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A hole, and the neighbour that only looks like it.

    Attributes:
        action: what the matrix of attempts calls the request.
        kind: of the resource, as the prover reports it.
        place: which policy is changed: the thief's own, or the owner's policy of a bucket, a key or a queue.
        hole: the statement that lets the thief in.
        neighbour: the same for what is the thief's own, or for the owner's own role.
    """

    action: str
    kind: str
    place: str
    hole: Statement
    neighbour: Statement


def allowing(action: str, resources: object, **more: object) -> Statement:
    return {"Sid": "Hole", "Effect": "Allow", "Action": action, "Resource": resources, **more}


def own(  # noqa: PLR0917 (a row of the table)
    action: str, form: str, name: str, kind: str, attempt: str, everything: str = "*"
) -> Case:
    """A right of the thief's own on everything, or on what is called as its own is."""
    mine = form.format(name.replace(OWNER, THIEF))
    return Case(
        action=attempt,
        kind=kind,
        place="own",
        hole=allowing(action, form.format(everything)),
        neighbour=allowing(action, mine),
    )


def of_the_owners(action: str, resources: str, place: str, attempt: str) -> Case:
    """A statement of the owner's policy that names the thief's role, or the owner's own."""
    hole, neighbour = (
        allowing(action, resources, Principal={"AWS": role(tenant)}) for tenant in (THIEF, OWNER)
    )
    return Case(action=attempt, kind=place, place=place, hole=hole, neighbour=neighbour)


BUS = f"arn:aws:events:{HERE}:event-bus/default"
LOG = NAMES[OWNER].function_log_group(NAMES[OWNER].api_function)
CASES = {
    "a table": own(
        "dynamodb:GetItem",
        f"arn:aws:dynamodb:{HERE}:table/{{}}",
        NAMES[OWNER].metadata_table,
        "table",
        "table GetItem",
    ),
    "a table, from another region's name": own(
        "dynamodb:Scan", "arn:aws:dynamodb:*:*:table/{}", NAMES[OWNER].metadata_table, "table", "table Scan"
    ),
    "a bucket": own(
        "s3:ListBucket",
        "arn:aws:s3:::{}",
        NAMES[OWNER].data_bucket,
        "bucket",
        "bucket ListBucket",
        "tenant-*",
    ),
    "a queue": own(
        "sqs:ReceiveMessage",
        f"arn:aws:sqs:{HERE}:{{}}",
        NAMES[OWNER].functions_dlq,
        "queue",
        "functions' queue ReceiveMessage",
    ),
    "a log": own(
        "logs:GetLogEvents",
        f"arn:aws:logs:{HERE}:log-group:{{}}:log-stream:*",
        LOG,
        "logs",
        "api log GetLogEvents",
    ),
    "a function": own(
        "lambda:InvokeFunction",
        f"arn:aws:lambda:{HERE}:function:{{}}",
        NAMES[OWNER].provisioner_function,
        "function",
        "provisioner InvokeFunction",
    ),
    "an event": Case(
        action="bus PutEvents as signup",
        kind="events",
        place="own",
        hole=allowing("events:PutEvents", BUS, Condition={"StringLike": {"events:source": "custom.*"}}),
        neighbour=allowing("events:PutEvents", BUS, Condition={"StringLike": {"events:source": "shop.*"}}),
    ),
    "a bucket's policy": of_the_owners(
        "s3:ListBucket", f"arn:aws:s3:::{NAMES[OWNER].data_bucket}", "bucket", "bucket ListBucket"
    ),
    "a key's policy": of_the_owners("kms:Decrypt", "*", "key", "key Decrypt"),
    "a queue's policy": of_the_owners(
        "sqs:SendMessage",
        f"arn:aws:sqs:{HERE}:{NAMES[OWNER].events_dlq}",
        "queue",
        "events' queue SendMessage",
    ),
}


KEY_OPEN = allowing("kms:*", "*", Principal={"AWS": role(THIEF)})
"""Without it the owner's key refuses what another policy lets through."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def deployment(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("counterexamples")
    with deployed(emulator, folder, REGISTRY, *STACKS.values()) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def documents(deployment: Deployment) -> Documents:
    found = read_documents(deployment.folder / "cdktf.out")
    return {id_: copy.deepcopy(dict(found[id_])) for id_ in STACKS.values()}


@pytest.fixture(scope="module")
def thief(emulator: Emulator, deployment: Deployment) -> Caller:
    return next(caller for caller in silo_callers(emulator, THIEF) if caller.role == "api")


@pytest.fixture(scope="module")
def holdings(emulator: Emulator, deployment: Deployment) -> Holdings:
    return silo_holdings(emulator, OWNER)


# Both sides of a change


def finding(documents: Documents, case: Case, statement: Statement) -> Finding | None:
    """What the prover says of the thief and the owner where `statement` is planted in the documents."""
    stacks = copy.deepcopy(documents)
    types = {"bucket": "aws_s3_bucket_policy", "key": "aws_kms_key", "queue": "aws_sqs_queue_policy"}
    body = (
        resource(stacks, STACKS[THIEF], "aws_iam_role_policy", "api_role")
        if case.place == "own"
        else resource(stacks, STACKS[OWNER], types[case.place], "events" if case.place == "queue" else "")
    )
    document = json.loads(body["policy"])
    document["Statement"].append(statement)
    body["policy"] = json.dumps(document)
    return analyse(stacks, ACCOUNT).findings.get((THIEF, OWNER, case.kind))


@contextmanager
def planted(emulator: Emulator, case: Case, statement: Statement, holdings: Holdings) -> Iterator[None]:
    """`statement` in the deployed policy, until the end."""
    if case.place == "own":
        name = {"RoleName": NAMES[THIEF].api_function_role, "PolicyName": "hole"}
        emulator.client("iam").put_role_policy(PolicyDocument=policy(statement), **name)
        yield
        emulator.client("iam").delete_role_policy(**name)
        return
    with appended(_attached(emulator, case.place, holdings), statement):
        yield


@contextmanager
def appended(attached: Attached, statement: Statement) -> Iterator[None]:
    """`statement` at the end of a resource's policy."""
    read, write = attached
    before = read()
    document = json.loads(before)
    document["Statement"].append(statement)
    write(json.dumps(document))
    yield
    write(before)


def _attached(emulator: Emulator, place: str, holdings: Holdings) -> Attached:
    if place == "bucket":
        s3, name = emulator.client("s3"), {"Bucket": holdings.names.data_bucket}
        return (
            lambda: s3.get_bucket_policy(**name)["Policy"],
            lambda text: s3.put_bucket_policy(Policy=text, **name),
        )
    if place == "key":
        kms, key = emulator.client("kms"), {"KeyId": holdings.key, "PolicyName": "default"}
        return (
            lambda: kms.get_key_policy(**key)["Policy"],
            lambda text: kms.put_key_policy(Policy=text, **key),
        )
    sqs, queue = emulator.client("sqs"), {"QueueUrl": holdings.queues[holdings.names.events_dlq]}
    return (
        lambda: sqs.get_queue_attributes(AttributeNames=["Policy"], **queue)["Attributes"]["Policy"],
        lambda text: sqs.set_queue_attributes(Attributes={"Policy": text}, **queue),
    )


def tried(emulator: Emulator, case: Case, statement: Statement, thief: Caller, holdings: Holdings) -> str:
    (action,) = [found for found in SILO_ACTIONS if found.name == case.action]
    with planted(emulator, case, statement, holdings):
        if case.kind == "key":
            return outcome(thief, action, holdings)
        # The owner's key, which the prover judges by itself, must not be what refuses the rest.
        with appended(_attached(emulator, "key", holdings), KEY_OPEN):
            return outcome(thief, action, holdings)


# The comparison


@pytest.mark.parametrize("name", CASES)
def test_the_request_of_a_counterexample_succeeds(
    emulator: Emulator, documents: Documents, thief: Caller, holdings: Holdings, name: str
) -> None:
    case = CASES[name]
    found = finding(documents, case, case.hole)
    assert found is not None
    assert (found.verdict, found.action) == ("VIOLATED", str(case.hole["Action"]).lower())
    assert NAMES[THIEF].api_function_role in found.who or "api_role" in found.who
    assert tried(emulator, case, case.hole, thief, holdings) == ALLOWED


@pytest.mark.parametrize("name", CASES)
def test_the_request_of_a_safe_neighbour_is_refused(
    emulator: Emulator, documents: Documents, thief: Caller, holdings: Holdings, name: str
) -> None:
    case = CASES[name]
    assert finding(documents, case, case.neighbour) is None
    assert tried(emulator, case, case.neighbour, thief, holdings) == DENIED


@pytest.mark.parametrize("action", sorted({case.action for case in CASES.values()}))
def test_without_a_hole_nothing_of_it_is_allowed(thief: Caller, holdings: Holdings, action: str) -> None:
    (attempt,) = [found for found in SILO_ACTIONS if found.name == action]
    assert outcome(thief, attempt, holdings) == DENIED
