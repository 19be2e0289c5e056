"""Property-based tests: at least 1,000 malformed events and requests for each handler.

The API responds to each with a problem document, the provisioners reject each with a reason, and none of them writes
anything.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database_provisioner import handler as database_handler
from database_provisioner.request import RejectedRequestError, read_request
from emulator.server import Emulator
from tenant_api import handler as api_handler
from tenant_api.problems import PROBLEM_JSON
from tenant_provisioner import handler as provisioner_handler
from tenant_provisioner.signup import RejectedEventError, read_signup
from tests.lambda_src.conftest import Api, client, fresh, items_of, make_table
from tests.lambda_src.support.invocations import Context, http_event, signup_event

TENANT = "acme-corp"

# The same examples on every run and on every machine, however slow it is.
MANY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=1000,
    suppress_health_check=list(HealthCheck),
)

# Any JSON value.
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
hostile = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "..",
        "../..",
        "/",
        "%2e%2e",
        "#",
        "\ud800",
        "\u202e",
        "globex-inc",
        "ACME-CORP",
        "acme-corp\n",
        "'; DROP TABLE x; --",
        '"; DROP ROLE x; --',
        "x" * 5000,
        "-1",
        "1e999",
        "NaN",
        "{",
        "[]",
        "null",
        "*",
        'W/"1"',
    ]
)
odd = values | hostile


def paths(value: object, prefix: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of an event."""
    yield prefix
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*prefix, name))


@st.composite
def changed(draw: st.DrawFn, events: list[dict[str, Any]]) -> Any:
    """One of `events` with one to three of its parts removed or replaced with something odd."""
    event: Any = copy.deepcopy(draw(st.sampled_from(events)))
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(paths(event))))
        if not where:
            return draw(odd)
        target = event
        for name in where[:-1]:
            target = target[name]
        if draw(st.booleans()):
            target[where[-1]] = draw(odd)
        else:
            del target[where[-1]]
    return event


SIGNUPS = [
    signup_event(TENANT),
    signup_event("globex-inc"),
    signup_event(TENANT, detail={"tenantId": TENANT}),
]


@pytest.fixture(scope="module")
def store(emulator: Emulator) -> Iterator[str]:
    """A table to which nothing may be written."""
    table = make_table(emulator)
    yield table
    assert items_of(emulator, table) == []


def test_the_provisioner_rejects_every_malformed_event(
    store: str, on_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_ID", TENANT)
    monkeypatch.setenv("DYNAMODB_TABLE", store)
    rejected = 0

    # Some changes leave the event well formed.
    @settings(MANY, max_examples=1500)
    @given(event=changed(SIGNUPS))
    def check(event: Any) -> None:
        nonlocal rejected
        try:
            read_signup(event, TENANT)
        except RejectedEventError as error:
            reason = str(error)
        else:
            return
        with pytest.raises(RejectedEventError) as refusal:
            provisioner_handler.handler(event, Context())
        assert str(refusal.value) == reason
        assert reason.startswith(("malformed signup event: event", "signup event of another tenant: event"))
        rejected += 1

    with fresh(provisioner_handler.settings, provisioner_handler.provisioning):
        check()
    assert rejected >= 1000
    assert items_of(on_emulator, store) == []


SECRET = f"rds/tenant/{TENANT}/test/password"
REQUESTS: list[dict[str, Any]] = [
    {"tenant": TENANT, "secret_arn": SECRET, "action": "create"},
    {
        "tenant": TENANT,
        "secret_arn": SECRET,
        "returning": True,
        "connection_limit": 5,
        "tf": {"action": "update", "prev_input": {"tenant": TENANT}},
    },
    {"tenant": TENANT, "secret_arn": "rds/tenant/globex-inc/test/password", "action": "create"},
]


def test_the_database_provisioner_rejects_every_malformed_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object) -> None:
        pytest.fail("a rejected request reached the database or a secret")

    monkeypatch.setattr(database_handler, "connect", touched)
    monkeypatch.setattr(database_handler, "secrets_client", touched)
    rejected = 0

    @settings(MANY, max_examples=1500)
    @given(event=changed(REQUESTS))
    def check(event: Any) -> None:
        nonlocal rejected
        try:
            read_request(event)
        except RejectedRequestError as error:
            reason = str(error)
        else:
            return
        with pytest.raises(RejectedRequestError) as refusal:
            database_handler.handler(event, Context())
        assert str(refusal.value) == reason
        rejected += 1

    check()
    assert rejected >= 1000


# Each of these is wrong in itself, so nothing may be written, whatever else is changed.
HTTP_REQUESTS = [
    http_event("GET", "/nowhere"),
    http_event("POST", "/"),
    http_event("GET", "/records", query={"limit": "x"}),
    http_event("GET", "/records", query={"cursor": "x"}),
    http_event("PUT", "/records/Note/1", body="{}"),
    http_event("PUT", "/records/note/ ", body="{}"),
    http_event("PUT", "/records/note/1", body="{"),
    http_event("PUT", "/records/note/1", body="[]", headers={"If-Match": '"1"'}),
    http_event("PUT", "/records/note/1", body="{}", headers={"If-Match": "x"}),
    http_event("PUT", "/records/note/1", body="{}", claims={"tenant_id": "globex-inc"}),
    http_event("DELETE", "/records/note/1", headers={"If-Match": "1"}),
    http_event("PUT", "/objects/a/../b", body="x"),
    http_event("PUT", "/objects/", body="x"),
    http_event("PUT", "/objects/a", body="!", base64=True),
    http_event("PUT", "/objects/a", query={"upload_size": "x"}),
]


def is_problem(answer: dict[str, Any], request_id: str) -> bool:
    """Whether the response is a problem document. Every response names the tenant and the request."""
    assert answer["headers"]["X-Request-Id"] == request_id
    assert answer["headers"]["X-Tenant-Id"]
    assert json.dumps(answer)
    if answer["statusCode"] < 400:
        return False
    assert answer["statusCode"] != 500, answer
    assert answer["headers"]["Content-Type"] == PROBLEM_JSON
    document = json.loads(answer["body"])
    assert document["status"] == answer["statusCode"]
    assert document["request_id"] == request_id
    return True


@st.composite
def bad_requests(draw: st.DrawFn) -> Any:
    """A wrong request, with random changes that cannot make it right."""
    event: Any = copy.deepcopy(draw(st.sampled_from(HTTP_REQUESTS)))
    kind = draw(
        st.sampled_from(["as it is", "event", "path", "key", "record", "body", "headers", "query", "claims"])
    )
    text = hostile | st.text(max_size=40)
    if kind == "event":
        # API Gateway never sends an event without these two.
        del event[draw(st.sampled_from(["rawPath", "requestContext"]))]
        event |= draw(
            st.dictionaries(st.sampled_from(["body", "headers", "isBase64Encoded"]), values, max_size=2)
        )
        event = draw(st.sampled_from([event, draw(values)]))
    elif kind == "path":
        event["rawPath"] = "/nowhere/" + draw(text)
        event["requestContext"]["http"]["method"] = draw(text | st.sampled_from(["GET", "PUT", "DELETE"]))
    elif kind == "key":
        method = draw(st.sampled_from(["GET", "PUT", "DELETE"]))
        event = http_event(method, "/objects/../" + draw(text), body=draw(text))
    elif kind == "record":
        method = draw(st.sampled_from(["GET", "PUT", "DELETE"]))
        event = http_event(method, f"/records/note/#{draw(text).replace('/', '')}", body="{}")
    elif kind == "body":
        body = "[" + json.dumps(draw(values)) + draw(st.sampled_from(["]", "", "}"]))
        event = http_event("PUT", "/records/note/1", body=body, base64=draw(st.booleans()))
    elif kind == "headers":
        headers = {"If-Match": "x" + draw(text), "Content-Type": draw(text)}
        event = http_event("PUT", "/records/note/1", body="{}", headers=headers)
    elif kind == "query":
        name = draw(st.sampled_from(["limit", "cursor"]))
        event = http_event("GET", "/records", query={name: "?" + draw(text), "type": draw(text)})
    elif kind == "claims":
        event = http_event("PUT", "/records/note/1", body="{}", claims={"custom:tenant_id": draw(values)})
    return event


def test_the_api_answers_every_malformed_request_with_a_problem(api: Api) -> None:
    problems = 0

    @MANY
    @given(event=bad_requests())
    def check(event: Any) -> None:
        nonlocal problems
        context = Context()
        assert is_problem(api_handler.handler(event, context), context.aws_request_id), event
        problems += 1

    check()
    assert problems >= 1000
    assert api.items() == []
    assert api.stored() == []


GOOD_HTTP_REQUESTS = [
    http_event("GET", "/"),
    http_event("GET", "/health"),
    http_event("GET", "/records", query={"type": "note", "limit": "3", "cursor": "cmVjb3JkI25vdGUjMQ"}),
    http_event("PUT", "/records/note/1", body='{"a": 1}', headers={"If-None-Match": "*"}),
    http_event("DELETE", "/records/note/1", headers={"If-Match": '"1"'}),
    http_event(
        "PUT", "/objects/a/b", body="x", headers={"Content-Type": "text/plain"}, claims={"sub": "user"}
    ),
    http_event("GET", "/objects/a/b"),
    http_event("PUT", "/objects/a", query={"upload_size": "1"}),
]


def test_the_api_never_fails_whatever_is_changed_in_a_request(api: Api) -> None:
    @MANY
    @given(event=changed(GOOD_HTTP_REQUESTS))
    def check(event: Any) -> None:
        context = Context()
        is_problem(api_handler.handler(event, context), context.aws_request_id)

    check()
    # Whatever was written is complete and belongs to the tenant.
    for item in api.items():
        assert item["tenant_id"]["S"] == api.tenant
        kind = item["resource_type"]["S"].partition("#")[0]
        assert kind in {"api_request", "record"}
        if kind == "record":
            assert {"version", "created_at", "updated_at"} <= set(item)
            assert ("data" in item) != ("deleted" in item)
    for key in api.stored():
        head = client(api.emulator, "s3").head_object(Bucket=api.bucket, Key=key)
        assert head["SSEKMSKeyId"] == api.key
