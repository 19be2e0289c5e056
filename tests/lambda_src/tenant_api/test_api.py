"""The tenant API in this process, on the emulator's DynamoDB and S3."""

import base64
import http.client
import json
import re
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from runtime.environment import SettingsError
from tenant_api import clients, objects, record_input, records, table
from tenant_api import handler as handler_module
from tenant_api.problems import PROBLEM_JSON, Problem
from tenant_api.requests import body_bytes
from tenant_api.settings import Settings, read_settings
from tests.guards import GUARD_SECONDS
from tests.lambda_src.conftest import Api, answer_with, client
from tests.lambda_src.support.invocations import Context, document, http_event

GOOD = {
    "TENANT_ID": "acme-corp",
    "DYNAMODB_TABLE": "tenant-acme-corp-metadata-test",
    "S3_BUCKET": "tenant-acme-corp-data-test",
    "KMS_KEY_ID": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "LARGEST_OBJECT_BYTES": "1048577",
    "MOST_RECORDS": "7",
    "MOST_OBJECTS": "8",
    "MOST_OBJECT_BYTES": "unlimited",
    "API_CALLERS": "users",
}


def problem(answer: dict[str, Any], status: int, slug: str) -> dict[str, Any]:
    """The problem document in `answer`, after checking its status and kind."""
    found: dict[str, Any] = document(answer)
    assert (answer["statusCode"], found["type"]) == (status, f"urn:tenant-platform:problem:{slug}"), found
    assert answer["headers"]["Content-Type"] == PROBLEM_JSON
    assert found["status"] == status
    assert found["title"] == http.client.responses[status]
    assert found["detail"]
    assert found["request_id"] == answer["headers"]["X-Request-Id"]
    return found


# Settings


def test_the_environment_is_read_whole() -> None:
    assert read_settings(GOOD) == Settings(
        tenant_id="acme-corp",
        table="tenant-acme-corp-metadata-test",
        bucket="tenant-acme-corp-data-test",
        kms_key_id=GOOD["KMS_KEY_ID"],
        largest_object=1048577,
        most_records=7,
        most_objects=8,
        most_object_bytes=None,
        users_by_group=False,
        caller_roles=None,
        reader_roles=frozenset(),
    )


def test_the_roles_that_may_call_are_read_from_the_environment() -> None:
    for text, roles in (("roles:orders", ["orders"]), ("roles:a+=,.@-_B billing", ["a+=,.@-_B", "billing"])):
        assert read_settings(GOOD | {"API_CALLERS": text}).caller_roles == frozenset(roles)
    reading = read_settings(GOOD | {"API_CALLERS": "roles:orders reports/read audit/read"})
    assert reading.caller_roles == frozenset({"orders"})
    assert reading.reader_roles == frozenset({"reports", "audit"})
    assert read_settings(GOOD | {"API_CALLERS": "roles:reports/read"}).caller_roles == frozenset()
    by_group = read_settings(GOOD | {"API_CALLERS": "users-by-group"})
    assert (by_group.users_by_group, by_group.caller_roles) == (True, None)
    for text in ("", "roles:", "roles: a", "users a", "roles:a  b", "roles:a/b", "everybody", "roles:/read"):
        with pytest.raises(SettingsError, match="API_CALLERS is "):
            read_settings(GOOD | {"API_CALLERS": text})


def test_every_problem_of_the_environment_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"TENANT_ID": "Acme Corp", "DYNAMODB_TABLE": "t", "KMS_KEY_ID": ""})
    assert str(error.value) == (
        "TENANT_ID is 'Acme Corp', expected a lower-case slug of 1 to 63 characters; "
        "DYNAMODB_TABLE is 't', expected a DynamoDB table name; "
        "S3_BUCKET is missing, expected an S3 bucket name; "
        "KMS_KEY_ID is '', expected the id or the ARN of a KMS key; "
        "LARGEST_OBJECT_BYTES is missing, expected a number of bytes, 1 or more; "
        "MOST_RECORDS is missing, expected a number of records, 1 or more, or 'unlimited'; "
        "MOST_OBJECTS is missing, expected a number of objects, 1 or more, or 'unlimited'; "
        "MOST_OBJECT_BYTES is missing, expected a number of bytes, 1 or more, or 'unlimited'; "
        "API_CALLERS is missing, expected 'users' (of the tenant's user pool), 'users-by-group' (who may do what their "
        "groups say), or 'roles:' and the names of roles with spaces between, '/read' behind those that only read"
    )


def test_a_function_without_its_environment_answers_500_and_nothing_else(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENANT_ID")
    monkeypatch.delenv("S3_BUCKET")
    handler_module.settings.cache_clear()
    answer = api("GET", "/")
    problem(answer, 500, "internal")
    assert "S3_BUCKET" not in answer["body"]


# GET /


def test_the_root_says_which_tenant_and_which_request(api: Api) -> None:
    context = Context()
    before = int(time.time())
    answer = api.raw(http_event("GET", "/"), context)
    after = int(time.time())
    assert answer["statusCode"] == 200
    body = document(answer)
    assert body["tenant_id"] == api.tenant
    assert body["request_id"] == context.aws_request_id
    assert answer["headers"] == {
        "Content-Type": "application/json",
        "X-Tenant-Id": api.tenant,
        "X-Request-Id": context.aws_request_id,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    (item,) = api.items()
    assert item["tenant_id"]["S"] == api.tenant
    assert item["resource_type"]["S"] == f"api_request#{body['time']}#{context.aws_request_id}"
    month = 30 * 24 * 3600
    assert before + month <= int(item["expires_at"]["N"]) <= after + month


def test_requests_of_the_same_moment_are_both_recorded(api: Api) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    known = handler_module.routes()._services.records
    frozen = records.Records(table=known.table, usage=None, clock=lambda: moment)
    frozen.note_request("one")
    frozen.note_request("two")
    assert sorted(item["resource_type"]["S"] for item in api.items()) == [
        "api_request#2026-01-02T03:04:05.000678Z#one",
        "api_request#2026-01-02T03:04:05.000678Z#two",
    ]
    with pytest.raises(table.ConditionFailedError):
        frozen.note_request("two")


# GET /health


def test_health_is_ok_where_both_stores_answer(api: Api) -> None:
    answer = api("GET", "/health")
    assert answer["statusCode"] == 200
    assert document(answer) == {"status": "ok", "checks": {"table": "ok", "bucket": "ok"}}
    assert api.items() == []


def test_health_says_what_cannot_be_reached(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    services = handler_module.routes()._services
    answer_with(services.bucket.client, "HeadBucket", 403, "403")
    answer = api("GET", "/health")
    assert problem(answer, 503, "unhealthy")["unreachable"] == ["bucket"]
    assert answer["headers"]["Retry-After"] == "5"
    client(api.emulator, "dynamodb").delete_table(TableName=api.table)
    assert problem(api("GET", "/health"), 503, "unhealthy")["unreachable"] == ["table", "bucket"]


# Records


def put(api: Api, path: str, data: object, **headers: str) -> dict[str, Any]:
    return api(
        "PUT", path, body=json.dumps(data), headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def test_a_record_is_written_read_changed_and_deleted(api: Api) -> None:
    created = put(api, "/records/invoice/2026-1", {"total": 1.5, "lines": [{"ä": None}]})
    assert created["statusCode"] == 201
    assert created["headers"]["ETag"] == '"1"'
    body = document(created)
    assert body["data"] == {"total": 1.5, "lines": [{"ä": None}]}
    assert (body["type"], body["id"], body["version"]) == ("invoice", "2026-1", 1)
    assert body["created_at"] == body["updated_at"]
    read = api("GET", "/records/invoice/2026-1")
    assert (read["statusCode"], document(read), read["headers"]["ETag"]) == (200, body, '"1"')

    changed = put(api, "/records/invoice/2026-1", {"total": 2}, if_match='"1"')
    assert (changed["statusCode"], changed["headers"]["ETag"]) == (200, '"2"')
    after = document(changed)
    assert after["created_at"] == body["created_at"]
    assert after["updated_at"] > body["updated_at"]
    assert after["data"] == {"total": 2}

    deleted = api("DELETE", "/records/invoice/2026-1", headers={"If-Match": '"2"'})
    assert (deleted["statusCode"], deleted["body"]) == (204, "")
    problem(api("GET", "/records/invoice/2026-1"), 404, "record-not-found")
    problem(api("DELETE", "/records/invoice/2026-1", headers={"If-Match": '"3"'}), 404, "record-not-found")
    problem(api("DELETE", "/records/invoice/2026-1"), 404, "record-not-found")
    # What remains holds no data, and DynamoDB deletes it when it expires.
    (item,) = api.items()
    assert "data" not in item
    assert int(item["expires_at"]["N"]) > time.time()


def test_a_version_that_was_seen_once_never_comes_back(api: Api) -> None:
    put(api, "/records/note/1", {})
    api("DELETE", "/records/note/1", headers={"If-Match": "*"})
    again = put(api, "/records/note/1", {"new": True}, if_none_match="*")
    assert (again["statusCode"], again["headers"]["ETag"]) == (201, '"3"')
    (item,) = api.items()
    assert "expires_at" not in item
    assert "deleted" not in item
    problem(put(api, "/records/note/1", {}, if_match='"1"'), 412, "stale-version")


def test_nobody_overwrites_what_they_have_not_seen(api: Api) -> None:
    put(api, "/records/note/1", {"by": "first"})
    problem(put(api, "/records/note/1", {"by": "second"}), 428, "precondition-required")
    stale = problem(put(api, "/records/note/1", {"by": "second"}, if_none_match="*"), 412, "stale-version")
    assert stale["current_version"] == 1
    put(api, "/records/note/1", {"by": "first again"}, if_match='"1"')
    stale = problem(put(api, "/records/note/1", {"by": "second"}, if_match='"1"'), 412, "stale-version")
    assert stale["current_version"] == 2
    problem(api("DELETE", "/records/note/1"), 428, "precondition-required")
    stale = problem(api("DELETE", "/records/note/1", headers={"If-Match": '"1"'}), 412, "stale-version")
    assert stale["current_version"] == 2
    assert document(api("GET", "/records/note/1"))["data"] == {"by": "first again"}


def test_a_change_of_what_is_not_there_is_refused(api: Api) -> None:
    for if_match in ('"1"', "*"):
        stale = problem(put(api, "/records/note/1", {}, if_match=if_match), 412, "stale-version")
        assert stale["current_version"] is None
    assert api.items() == []


def test_any_version_may_be_overwritten_by_saying_so(api: Api) -> None:
    put(api, "/records/note/1", {})
    assert put(api, "/records/note/1", {"any": True}, if_match="*")["headers"]["ETag"] == '"2"'


def test_of_many_writers_of_one_version_one_wins(api: Api) -> None:
    put(api, "/records/note/1", {"by": None})
    store = handler_module.routes()._services.records

    def write(number: int) -> int:
        wanted = record_input.Precondition(exists=True, version=1)
        try:
            return store.put("note", "1", json.dumps({"by": number}), wanted).version
        except Problem as refusal:
            return refusal.status.value

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(write, range(32)))
    assert sorted(results) == [2] + [412] * 31
    assert document(api("GET", "/records/note/1"))["data"] == {"by": results.index(2)}


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "1"},
        {"If-Match": 'W/"1"'},
        {"If-Match": '"1", "2"'},
        {"If-Match": '"x"'},
        {"If-Match": ""},
        {"If-None-Match": '"1"'},
        {"If-Match": "*", "If-None-Match": "*"},
        {"If-Match": '"9999999999999999999"'},
    ],
)
def test_a_precondition_of_another_kind_is_refused(api: Api, headers: dict[str, str]) -> None:
    for method in ("PUT", "DELETE"):
        problem(api(method, "/records/note/1", body="{}", headers=headers), 400, "invalid-precondition")
    assert api.items() == []


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/records/Note/1", "invalid-type"),
        ("/records/1note/1", "invalid-type"),
        ("/records//1", "invalid-type"),
        (f"/records/{'n' * 65}/1", "invalid-type"),
        ("/records/note#x/1", "invalid-type"),
        ("/records/note/", "invalid-id"),
        ("/records/note/-1", "invalid-id"),
        ("/records/note/a b", "invalid-id"),
        ("/records/note/a#b", "invalid-id"),
        ("/records/note/a\nb", "invalid-id"),
        (f"/records/note/{'1' * 129}", "invalid-id"),
        ("/records/note/..%2f", "invalid-id"),
        ("/records/note/é", "invalid-id"),
    ],
)
def test_a_record_of_another_name_is_refused(api: Api, path: str, slug: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        problem(api(method, path, body="{}"), 400, slug)
    assert api.items() == []


BODIES = {
    "nothing": None,
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "a string": '"x"',
    "a number": "1",
    "null": "null",
    "not a number": '{"a": NaN}',
    "infinite": '{"a": 1e999}',
    "twice": '{"a": 1, "a": 2}',
    "a lone surrogate": '{"a": "\\ud800"}',
    "a lone surrogate outside JSON": '{"a": "\ud800"}',
    "a long number": '{"a": ' + "9" * 5000 + "}",
    "33 levels": '{"a":' * 33 + "{}" + "}" * 33,
    "a thousand levels": "[" * 100_000,
    "more": "{} {}",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_json_object_is_refused(api: Api, body: str) -> None:
    problem(api("PUT", "/records/note/1", body=BODIES[body]), 400, "malformed-body")
    assert api.items() == []


@pytest.mark.parametrize("body", ["!", "e30", "é"])
def test_a_body_that_is_not_base64_is_refused(api: Api, body: str) -> None:
    problem(api("PUT", "/records/note/1", body=body, base64=True), 400, "malformed-body")


def test_a_body_may_be_base64(api: Api) -> None:
    body = base64.b64encode(b'{"a": "\xc3\xa4"}').decode()
    assert document(api("PUT", "/records/note/1", body=body, base64=True))["data"] == {"a": "ä"}
    body = base64.b64encode(b'{"a": "\xff"}').decode()
    problem(api("PUT", "/records/note/2", body=body, base64=True), 400, "malformed-body")


def test_a_body_nested_as_deeply_as_allowed_comes_back(api: Api) -> None:
    body = '{"a":' * 31 + "[]" + "}" * 31
    assert put(api, "/records/note/1", json.loads(body))["statusCode"] == 201
    assert document(api("GET", "/records/note/1"))["data"] == json.loads(body)


def test_a_record_may_be_as_large_as_the_limit_and_no_larger(api: Api) -> None:
    overhead = len('{"a":""}')
    body = json.dumps({"a": "x" * (record_input.RECORD_LIMIT - overhead)}, separators=(",", ":"))
    assert len(body) == record_input.RECORD_LIMIT
    assert api("PUT", "/records/note/1", body=body)["statusCode"] == 201
    assert problem(api("PUT", "/records/note/2", body=body + " "), 413, "too-large")["limit_bytes"] == 262144
    # Within the limit as sent, but beyond it as it would be stored.
    numbers = '{"a":[' + ",".join(["1e15"] * 50_000) + "]}"
    assert len(numbers) < record_input.RECORD_LIMIT
    problem(api("PUT", "/records/note/3", body=numbers), 413, "too-large")
    assert len(api.items()) == 1


# Pages


def names(answer: dict[str, Any]) -> list[str]:
    assert answer["statusCode"] == 200, answer
    return [f"{record['type']}/{record['id']}" for record in document(answer)["records"]]


def all_pages(api: Api, **query: str) -> list[list[str]]:
    pages = []
    cursor: str | None = None
    while True:
        answer = api("GET", "/records", query=query | ({"cursor": cursor} if cursor else {}))
        pages.append(names(answer))
        cursor = document(answer)["cursor"]
        if cursor is None:
            return pages


def test_the_records_come_in_pages(api: Api) -> None:
    for number in range(7):
        put(api, f"/records/invoice/{number}", {"number": number})
    put(api, "/records/invoices/1", {})
    put(api, "/records/note/1", {})
    api("GET", "/")
    client(api.emulator, "dynamodb").put_item(
        TableName=api.table,
        Item={"tenant_id": {"S": api.tenant}, "resource_type": {"S": "profile"}, "status": {"S": "ACTIVE"}},
    )
    assert [len(page) for page in all_pages(api, type="invoice", limit="3")] == [3, 3, 1]
    invoices = [f"invoice/{number}" for number in range(7)]
    assert list(chain.from_iterable(all_pages(api, type="invoice", limit="3"))) == invoices
    assert all_pages(api, type="note") == [["note/1"]]
    assert all_pages(api, type="nothing") == [[]]
    # Without a type, the list has all of the tenant's records, but neither its profile nor its requests.
    assert len(list(chain.from_iterable(all_pages(api, limit="2")))) == 9


def test_deleted_records_fill_no_page(api: Api) -> None:
    for number in range(12):
        put(api, f"/records/note/{number:02}", {})
    for number in range(1, 11):
        api("DELETE", f"/records/note/{number:02}", headers={"If-Match": "*"})
    pages = all_pages(api, limit="2")
    assert list(chain.from_iterable(pages)) == ["note/00", "note/11"]
    assert pages[0] == ["note/00", "note/11"]


def test_a_page_that_would_be_too_long_goes_on_where_it_was_cut(api: Api) -> None:
    for name in "abcd":
        put(api, f"/records/note/{name}", {})
    api("DELETE", "/records/note/b", headers={"If-Match": "*"})
    assert all_pages(api, limit="2") == [["note/a", "note/c"], ["note/d"]]


def test_a_page_full_of_deleted_records_ends(api: Api) -> None:
    for number in range(25):
        put(api, f"/records/note/{number:02}", {})
    for number in range(24):
        api("DELETE", f"/records/note/{number:02}", headers={"If-Match": "*"})
    first = api("GET", "/records", query={"limit": "1"})
    assert names(first) == []
    assert document(first)["cursor"]
    assert list(chain.from_iterable(all_pages(api, limit="1"))) == ["note/24"]


def test_a_page_stays_below_what_lambda_may_return(api: Api) -> None:
    large = {"a": "x" * (record_input.RECORD_LIMIT - 9)}
    for number in range(8):
        assert put(api, f"/records/note/{number}", large)["statusCode"] == 201
    for answer in (api("GET", "/records"), api("GET", "/records", query={"limit": "100"})):
        assert len(answer["body"]) < 3 * 1024 * 1024
    assert list(chain.from_iterable(all_pages(api))) == [f"note/{number}" for number in range(8)]


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "1.5", "x", "", "1e1", "0x1", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_limit_that_is_none_is_refused(api: Api, limit: str) -> None:
    problem(api("GET", "/records", query={"limit": limit}), 400, "invalid-limit")


def test_a_type_that_is_none_is_refused_in_a_list(api: Api) -> None:
    for type_ in ("", "Note", "note#", "a" * 65):
        problem(api("GET", "/records", query={"type": type_}), 400, "invalid-type")


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "a",
        cursor_of("profile"),
        cursor_of("api_request#2026#1"),
        cursor_of("record#"),
        cursor_of("record#note"),
        cursor_of("record#note#"),
        cursor_of("record#other#1"),
        cursor_of("record#note#1#2"),
        cursor_of("record#note#" + "1" * 2000),
        base64.urlsafe_b64encode(b"record#note#\xff").decode(),
    ],
)
def test_a_cursor_of_another_list_is_refused(api: Api, cursor: str) -> None:
    put(api, "/records/note/1", {})
    problem(api("GET", "/records", query={"type": "note", "cursor": cursor}), 400, "invalid-cursor")


# Objects


def content(answer: dict[str, Any]) -> bytes:
    assert answer["isBase64Encoded"]
    return base64.b64decode(answer["body"])


def fetch(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """The status and body that a client without AWS credentials gets from a signed URL."""
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=GUARD_SECONDS)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("key", ["a", "reports/2026/übersicht (1).pdf", "a b", "...", "x" * 1024, "a&b=c+d"])
def test_an_object_is_stored_read_and_deleted(api: Api, key: str) -> None:
    body = bytes(range(256))
    stored = api(
        "PUT",
        f"/objects/{key}",
        body=base64.b64encode(body).decode(),
        base64=True,
        headers={"Content-Type": "application/pdf"},
    )
    assert stored["statusCode"] == 201
    assert document(stored) == {"key": key, "size": 256, "content_type": "application/pdf"}
    read = api("GET", f"/objects/{key}")
    assert (read["statusCode"], content(read)) == (200, body)
    assert read["headers"]["Content-Type"] == "application/pdf"
    assert read["headers"]["Content-Disposition"] == "attachment"
    head = client(api.emulator, "s3").head_object(Bucket=api.bucket, Key=key)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", api.key)
    for _ in range(2):
        assert api("DELETE", f"/objects/{key}")["statusCode"] == 204
    problem(api("GET", f"/objects/{key}"), 404, "object-not-found")


@pytest.mark.parametrize("body", [b'{"hello": "world"}', b"\xff no text"])
def test_an_object_that_says_it_is_json_comes_back_byte_for_byte(api: Api, body: bytes) -> None:
    sent = base64.b64encode(body).decode()
    api("PUT", "/objects/a", body=sent, base64=True, headers={"Content-Type": "application/json"})
    answer = api("GET", "/objects/a")
    assert (answer["statusCode"], content(answer)) == (200, body)
    assert answer["headers"]["Content-Type"] == "application/json"


def test_an_object_may_be_text_and_empty(api: Api) -> None:
    api("PUT", "/objects/a", body="grüße", headers={"Content-Type": "text/plain; charset=utf-8"})
    assert content(api("GET", "/objects/a")) == "grüße".encode()
    assert document(api("PUT", "/objects/b"))["content_type"] == "application/octet-stream"
    assert content(api("GET", "/objects/b")) == b""


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/..",
        "a/../b",
        "a/./b",
        "x" * 1025,
        "ä" * 513,
        "a\0b",
        "a\nb",
        "a\x7fb",
        "a\\b",
        "..\\b",
        "a%2fb",
        "%2e%2e/a",
        "a\u202eb",
        "a\ud800b",
        "a|b",
        "a#b",
        "a^b",
    ],
)
def test_a_key_that_names_no_object_is_refused(api: Api, key: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        problem(api(method, f"/objects/{key}", body="x"), 400, "invalid-key")
    assert api.stored() == []


def test_a_key_is_needed(api: Api) -> None:
    problem(api("GET", "/objects"), 400, "invalid-key")


@pytest.mark.parametrize("value", ["x", "a/b c", "text/html\r\nX-Evil: 1", "text/", "a/b; charset=\u00e4"])
def test_a_content_type_that_is_none_is_refused(api: Api, value: str) -> None:
    answer = api("PUT", "/objects/a", body="x", headers={"Content-Type": value})
    problem(answer, 400, "invalid-content-type")
    assert api.stored() == []


def test_a_body_over_the_limit_is_pointed_to_an_upload_url(api: Api) -> None:
    body = base64.b64encode(b"x" * objects.INLINE_LIMIT).decode()
    assert api("PUT", "/objects/a", body=body, base64=True)["statusCode"] == 201
    over = base64.b64encode(b"x" * (objects.INLINE_LIMIT + 1)).decode()
    found = problem(api("PUT", "/objects/b", body=over, base64=True), 413, "too-large")
    assert found["limit_bytes"] == 1024 * 1024
    assert "upload_size" in found["detail"]
    assert api.stored() == ["a"]


def test_a_large_object_goes_by_signed_urls(api: Api) -> None:
    body = b"y" * (objects.INLINE_LIMIT + 1)
    asked = api("PUT", "/objects/big", query={"upload_size": str(len(body))}, headers={"Content-Type": "a/b"})
    assert asked["statusCode"] == 200
    upload = document(asked)
    assert upload["method"] == "PUT"
    assert upload["expires_in"] == 300
    assert upload["headers"] == {
        "Content-Length": str(len(body)),
        "Content-Type": "a/b",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": api.key,
    }
    assert api.stored() == []
    assert fetch("PUT", upload["url"], body, upload["headers"])[0] == 200
    head = client(api.emulator, "s3").head_object(Bucket=api.bucket, Key="big")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", api.key)

    found = api("GET", "/objects/big")
    assert found["statusCode"] == 307
    assert found["headers"]["Location"] == document(found)["url"]
    assert fetch("GET", found["headers"]["Location"]) == (200, body)


AWS_REGIONS = [
    (region, partition)
    for partition in boto3.session.Session().get_available_partitions()
    for region in boto3.session.Session().get_available_regions("s3", partition_name=partition)
]


@pytest.mark.parametrize(("region", "partition"), AWS_REGIONS)
def test_a_url_is_signed_for_the_buckets_own_host_in_its_region(
    monkeypatch: pytest.MonkeyPatch, region: str, partition: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_REGION", region)
    # boto3's default session may have been made for another region.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    suffix = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
    s3 = clients.s3_client()
    for operation in ("get_object", "put_object"):
        url = urllib.parse.urlsplit(
            s3.generate_presigned_url(operation, Params={"Bucket": GOOD["S3_BUCKET"], "Key": "a"})
        )
        assert url.scheme == "https"
        host = f"{GOOD['S3_BUCKET']}.s3.{region}."
        assert url.netloc.startswith(host)
        assert url.netloc.removeprefix(host) == suffix.get(partition, url.netloc.removeprefix(host))
        assert f"/{region}/s3/aws4_request" in urllib.parse.parse_qs(url.query)["X-Amz-Credential"][0]


def test_an_upload_url_is_signed_for_one_size_one_type_and_the_tenants_key(api: Api) -> None:
    asked = api("PUT", "/objects/big", query={"upload_size": "2000000"})
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(document(asked)["url"]).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert set(query["X-Amz-SignedHeaders"][0].split(";")) == {
        "content-length",
        "content-type",
        "host",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
    }
    assert not any("checksum" in name.lower() for name in query)


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5", str(5 * 1024**3 + 1), "9" * 11])
def test_an_upload_of_an_impossible_size_is_refused(api: Api, size: str) -> None:
    problem(api("PUT", "/objects/big", query={"upload_size": size}), 400, "invalid-size")


def test_no_object_is_larger_than_the_tenant_may_have(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARGEST_OBJECT_BYTES", "1000")
    handler_module.settings.cache_clear()
    handler_module.routes.cache_clear()
    assert api("PUT", "/objects/a", body="x" * 1000)["statusCode"] == 201
    assert api("PUT", "/objects/a", query={"upload_size": "1000"})["statusCode"] == 200
    for request in ({"body": "x" * 1001}, {"query": {"upload_size": "1001"}}):
        found = problem(api("PUT", "/objects/b", **request), 413, "too-large")
        assert (found["limit_bytes"], found["detail"]) == (1000, "The object is larger than 1000 bytes.")
    assert api.stored() == ["a"]


def test_an_archived_object_is_told_apart(api: Api) -> None:
    answer_with(handler_module.routes()._services.bucket.client, "GetObject", 403, "InvalidObjectState")
    problem(api("GET", "/objects/old"), 409, "object-archived")


def test_an_archived_object_is_restored(api: Api) -> None:
    bucket = handler_module.routes()._services.bucket
    answer_with(bucket.client, "RestoreObject", 202, "", times=1)
    for _ in range(2):
        answer = api("POST", "/objects/a/old", query={"restore": ""})
        assert answer["statusCode"] == 202
        assert document(answer) == {"key": "a/old", "status": "restoring"}
        answer_with(bucket.client, "RestoreObject", 409, "RestoreAlreadyInProgress")


def test_what_is_not_archived_or_not_there_is_not_restored(api: Api) -> None:
    api("PUT", "/objects/new", body="x")
    problem(api("POST", "/objects/new", query={"restore": "true"}), 409, "object-not-archived")
    problem(api("POST", "/objects/none", query={"restore": ""}), 404, "object-not-found")
    problem(api("POST", "/objects/new"), 400, "unknown-operation")
    problem(api("POST", "/objects/a/../b", query={"restore": ""}), 400, "invalid-key")
    answer_with(handler_module.routes()._services.bucket.client, "RestoreObject", 403, "AccessDenied")
    problem(api("POST", "/objects/new", query={"restore": ""}), 500, "internal")


# Callers


@pytest.mark.parametrize("claim", ["custom:tenant_id", "tenant_id"])
def test_the_token_of_another_tenant_is_refused(api: Api, claim: str) -> None:
    for path in ("/", "/health", "/records", "/objects/a", "/nowhere"):
        problem(api("GET", path, claims={claim: "globex-inc"}), 403, "wrong-tenant")
    assert api.items() == []
    assert api("GET", "/", claims={claim: api.tenant, "sub": "user"})["statusCode"] == 200
    assert api("GET", "/", claims={"sub": "user"})["statusCode"] == 200


def test_a_token_that_is_no_access_token_is_refused(api: Api) -> None:
    for claims in ({"token_use": "id"}, {"token_use": None}, {"token_use": ["access"]}):
        problem(api("GET", "/", claims=claims), 403, "wrong-token")
    unknown: tuple[Any, ...] = (None, {}, {"jwt": None}, {"jwt": {"claims": None}}, {"jwt": {"claims": {}}})
    for authorizer in unknown:
        event = http_event("GET", "/")
        event["requestContext"]["authorizer"] = authorizer
        problem(api.raw(event, Context()), 403, "wrong-token")
    signed = http_event("GET", "/", caller="arn:aws:sts::123456789012:assumed-role/orders/session")
    problem(api.raw(signed, Context()), 403, "wrong-token")
    assert api.items() == []


def test_signed_requests_of_the_named_roles_alone_are_answered(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_CALLERS", "roles:orders billing")
    handler_module.settings.cache_clear()
    sessions = "arn:aws:sts::123456789012:assumed-role"
    for caller in (f"{sessions}/orders/a", f"{sessions}/billing/i-0123456789abcdef0"):
        assert api.raw(http_event("GET", "/health", caller=caller), Context())["statusCode"] == 200
    for caller in (
        f"{sessions}/order/a",
        f"{sessions}/orders2/a",
        f"{sessions}/Orders/a",
        f"{sessions}/orders",
        f"{sessions}/other/orders/a",
        "arn:aws:sts::999999999999:assumed-role/orders/a",
        "arn:aws:sts::123456789012:federated-user/orders",
        "arn:aws:iam::123456789012:user/orders",
        "arn:aws:iam::123456789012:role/orders",
        "arn:aws:iam::123456789012:root",
        "",
    ):
        problem(api.raw(http_event("GET", "/", caller=caller), Context()), 403, "wrong-caller")
    unknown: tuple[Any, ...] = (None, {"iam": None}, {"iam": {}}, {"iam": {"userArn": None}}, {"jwt": {}})
    for authorizer in unknown:
        event = http_event("GET", "/")
        event["requestContext"]["authorizer"] = authorizer
        problem(api.raw(event, Context()), 403, "wrong-caller")
    assert api.items() == []


CHANGES = (
    ("PUT", "/records/note/1"),
    ("DELETE", "/records/note/1"),
    ("PUT", "/objects/a"),
    ("POST", "/objects/a"),
    ("DELETE", "/objects/a"),
    ("PATCH", "/objects/a"),
    ("", "/records"),
)


def test_a_reader_changes_nothing_and_a_writer_does_both(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """API Gateway writes a list of groups as text."""
    monkeypatch.setenv("API_CALLERS", "users-by-group")
    handler_module.settings.cache_clear()
    writer, reader = {"cognito:groups": "[other writers]"}, {"cognito:groups": "[readers]"}
    assert api("PUT", "/records/note/1", body="{}", claims=writer)["statusCode"] == 201
    for claims in (writer, reader):
        assert api("GET", "/records/note/1", claims=claims)["statusCode"] == 200
    for method, path in CHANGES:
        said = problem(api(method, path, body="{}", claims=reader), 403, "not-permitted")
        assert said["detail"] == "The caller may read, and change nothing."
    assert len(api.items()) == 1


@pytest.mark.parametrize(
    "groups",
    [None, "", "[]", "readers", "[Readers]", "[readers2 writers-of-old]", "writers]", ["writers"], 7],
)
def test_a_user_in_neither_group_does_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, groups: object
) -> None:
    monkeypatch.setenv("API_CALLERS", "users-by-group")
    handler_module.settings.cache_clear()
    for method, path in (("GET", "/"), *CHANGES):
        said = problem(api(method, path, claims={"cognito:groups": groups}), 403, "not-permitted")
        assert said["detail"] == "The caller may neither read nor write."
    assert api.items() == []


def test_groups_mean_nothing_where_every_user_may_do_everything(api: Api) -> None:
    assert (
        api("PUT", "/records/note/1", body="{}", claims={"cognito:groups": "[readers]"})["statusCode"] == 201
    )


def test_a_role_that_reads_changes_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_CALLERS", "roles:orders reports/read")
    handler_module.settings.cache_clear()
    sessions = "arn:aws:sts::123456789012:assumed-role"
    for role in ("orders", "reports"):
        event = http_event("GET", "/health", caller=f"{sessions}/{role}/a")
        assert api.raw(event, Context())["statusCode"] == 200
    for method, path in CHANGES:
        event = http_event(method, path, caller=f"{sessions}/reports/a")
        problem(api.raw(event, Context()), 403, "not-permitted")
    written = http_event("PUT", "/records/note/1", body="{}", caller=f"{sessions}/orders/a")
    assert api.raw(written, Context())["statusCode"] == 201
    problem(api.raw(http_event("GET", "/", caller=f"{sessions}/reports2/a"), Context()), 403, "wrong-caller")


def test_one_claim_of_another_tenant_is_enough_to_refuse(api: Api) -> None:
    problem(api("GET", "/", claims={"custom:tenant_id": api.tenant, "tenant_id": "x"}), 403, "wrong-tenant")


@pytest.mark.parametrize(
    "path", ["/nowhere", "", "//", "/record", "/records/", "/records/a/b/c", "/objectsa", "/health/"]
)
def test_an_unknown_route_is_404(api: Api, path: str) -> None:
    problem(api("GET", path), 404, "unknown-route")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", "GET"),
        ("PUT", "/health", "GET"),
        ("DELETE", "/records", "GET"),
        ("POST", "/records/note/1", "DELETE, GET, PUT"),
        ("PATCH", "/objects/a", "DELETE, GET, POST, PUT"),
        ("OPTIONS", "/", "GET"),
        ("TRACE", "/", "GET"),
        ("", "/", "GET"),
    ],
)
def test_another_method_is_405_with_what_is_allowed(api: Api, method: str, path: str, allowed: str) -> None:
    answer = api(method, path)
    problem(answer, 405, "method-not-allowed")
    assert answer["headers"]["Allow"] == allowed


def test_a_named_stage_is_no_part_of_the_path(api: Api) -> None:
    event = http_event("GET", "/live/health")
    event["requestContext"]["stage"] = "live"
    assert api.raw(event)["statusCode"] == 200


# Failures of AWS and of the function


@pytest.mark.parametrize(
    ("store", "operation", "code", "request_"),
    [
        ("table", "PutItem", "ProvisionedThroughputExceededException", ("GET", "/")),
        ("table", "GetItem", "ThrottlingException", ("GET", "/records/note/1")),
        ("table", "Query", "RequestLimitExceeded", ("GET", "/records")),
        ("table", "UpdateItem", "ProvisionedThroughputExceededException", ("PUT", "/records/note/1")),
        ("table", "UpdateItem", "InternalServerError", ("PUT", "/records/note/1")),
        ("bucket", "GetObject", "SlowDown", ("GET", "/objects/a")),
        ("bucket", "PutObject", "SlowDown", ("PUT", "/objects/a")),
        ("bucket", "DeleteObject", "ServiceUnavailable", ("DELETE", "/objects/a")),
    ],
)
def test_a_throttled_store_is_503_with_a_time_to_come_back(
    api: Api, store: str, operation: str, code: str, request_: tuple[str, str]
) -> None:
    caller = getattr(handler_module.routes()._services, store).client
    answer_with(caller, operation, 500 if code == "InternalServerError" else 400, code)
    answer = api(*request_, body="{}")
    problem(answer, 503, "busy")
    assert answer["headers"]["Retry-After"] == "1"


def test_a_throttled_call_is_tried_again_first(api: Api) -> None:
    caller = handler_module.routes()._services.table.client
    answer_with(caller, "PutItem", 400, "ProvisionedThroughputExceededException", times=2)
    assert api("GET", "/")["statusCode"] == 200


def test_nothing_internal_leaks(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    services = handler_module.routes()._services
    answer_with(services.table.client, "PutItem", 400, "AccessDeniedException")
    answer_with(services.bucket.client, "GetObject", 403, "AccessDenied")
    for path in ("/", "/objects/a"):
        answer = api("GET", path)
        problem(answer, 500, "internal")
        assert "AccessDenied" not in answer["body"]
        assert "arn:aws" not in answer["body"]
        assert api.table not in answer["body"]
        assert api.bucket not in answer["body"]
    logged = capsys.readouterr().out
    assert "AccessDeniedException" in logged
    assert "arn:aws:internal:detail" not in logged


def test_a_store_that_does_not_answer_is_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    handler_module.routes.cache_clear()
    problem(api("GET", "/"), 503, "busy")
    problem(api("GET", "/objects/a"), 503, "busy")
    problem(api("GET", "/health"), 503, "unhealthy")


def test_a_mistake_of_our_own_is_500(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("the secret of the day")

    monkeypatch.setattr(records.Records, "note_request", fail)
    answer = api("GET", "/")
    problem(answer, 500, "internal")
    assert "secret of the day" not in answer["body"]


def test_the_logs_hold_no_body_and_no_token(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "a-value-of-the-tenants"
    headers = {"Authorization": f"Bearer {secret}"}
    api("PUT", "/records/note/1", body=json.dumps({"a": secret}), headers=headers)
    api("PUT", "/records/note/1", body=secret, headers=headers)
    api("PUT", "/objects/a", body=secret, headers=headers)
    api("GET", "/objects/a", headers=headers)
    printed = "".join(capsys.readouterr())
    assert secret not in printed
    assert re.search(r'"Status2xx":\[1\.0\]', printed)


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The line with the metrics of the one request."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = (line for line in lines if "Requests" in line)
    found: dict[str, Any] = line
    return found


def test_a_request_is_measured(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter((10.0, 10.25))
    monkeypatch.setattr(handler_module, "time", SimpleNamespace(monotonic=lambda: next(times)))
    answer = api("PUT", "/records/note/1", body=json.dumps({"a": "\u00e9"}, ensure_ascii=False))
    found = written(capsys)
    assert found["Requests"] == found["Status2xx"] == [1.0]
    assert found["Latency"] == [250.0]
    assert found["BytesReceived"] == [len('{"a": "e"}') + 1.0], "a letter of two bytes"
    assert found["BytesSent"] == [float(len(answer["body"].encode()))]
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "Requests": "Count",
        "Status2xx": "Count",
        "Latency": "Milliseconds",
        "BytesReceived": "Bytes",
        "BytesSent": "Bytes",
    }


def test_a_request_that_cannot_be_read_is_measured_too(capsys: pytest.CaptureFixture[str]) -> None:
    handler_module.handler(None, Context())  # type: ignore[arg-type]
    found = written(capsys)
    assert (found["Status4xx"], found["BytesReceived"]) == ([1.0], [0.0])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, 0),
        ({}, 0),
        ({"body": None}, 0),
        ({"body": 7}, 0),
        ({"body": ""}, 0),
        ({"body": "ab"}, 2),
        ({"body": "\u00e9"}, 2),
        ({"body": "\ud800"}, 3),
        *(
            ({"body": base64.b64encode(b"x" * size).decode(), "isBase64Encoded": True}, size)
            for size in range(5)
        ),
        ({"body": "abcd", "isBase64Encoded": "true"}, 4),
    ],
)
def test_bytes_are_those_of_the_body_before_base64(message: object, expected: int) -> None:
    assert body_bytes(message) == expected
