"""How many objects and bytes a tenant may have: the counter is never below what the bucket holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenant_api import handler as handler_module
from tenant_api.bucket import Bucket
from tenant_api.object_usage import COUNTED_FOR_SECONDS, COUNTER, ObjectUsage
from tenant_api.problems import Problem
from tenant_api.table import Table
from tenant_api.uploads import Uploads
from tests.lambda_src.conftest import Api, client, fresh
from tests.lambda_src.support.invocations import document


class Clock:
    """A time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 28, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(handler_module, "_now", made)
    return made


@pytest.fixture
def limit(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Api]]:
    """Gives the tenant's API limits, as a new execution environment reads them."""

    def limited(objects: str, size: str = "unlimited") -> Api:
        monkeypatch.setenv("MOST_OBJECTS", objects)
        monkeypatch.setenv("MOST_OBJECT_BYTES", size)
        handler_module.settings.cache_clear()
        handler_module.routes.cache_clear()
        return api

    with fresh(handler_module.settings, handler_module.routes):
        yield limited


def put(api: Api, key: str, body: str = "x") -> int:
    return int(api("PUT", f"/objects/{key}", body=body)["statusCode"])


def ask(api: Api, key: str, size: int) -> int:
    return int(api("PUT", f"/objects/{key}", query={"upload_size": str(size)})["statusCode"])


def counter(api: Api) -> tuple[int, int] | None:
    found = [item for item in api.items() if item["resource_type"]["S"] == COUNTER]
    return (int(found[0]["live"]["N"]), int(found[0]["size"]["N"])) if found else None


def refusal(answer: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = document(answer)
    assert (answer["statusCode"], said["type"]) == (409, "urn:tenant-platform:problem:quota-reached"), said
    return said


def test_without_a_limit_nothing_is_counted(api: Api) -> None:
    assert (put(api, "a"), ask(api, "b", 5)) == (201, 200)
    assert api.items() == []


def test_an_object_too_many_is_refused_until_one_goes(limit: Callable[..., Api]) -> None:
    api = limit("2")
    assert [put(api, key) for key in "ab"] == [201, 201]
    said = refusal(api("PUT", "/objects/c", body="x"))
    assert (said["limit_objects"], said["detail"]) == (
        2,
        "The tenant may have 2 objects, and this one would be too many. Delete some first.",
    )
    assert (api.stored(), counter(api)) == (["a", "b"], (2, 2))
    assert api("DELETE", "/objects/a")["statusCode"] == 204
    assert put(api, "c") == 201
    assert (api.stored(), counter(api)) == (["b", "c"], (2, 2))


def test_an_object_is_replaced_where_no_other_may_come(limit: Callable[..., Api]) -> None:
    api = limit("1", "10")
    assert [put(api, "a", body) for body in ("x" * 4, "y" * 10, "z")] == [201, 201, 201]
    assert counter(api) == (1, 10), "what was there when the last one came"
    refusal(api("PUT", "/objects/b", body="x"))


def test_bytes_are_counted_together(limit: Callable[..., Api]) -> None:
    api = limit("9", "10")
    assert [put(api, "a", "x" * 4), put(api, "b", "x" * 6)] == [201, 201]
    assert refusal(api("PUT", "/objects/c", body="x"))["limit_bytes"] == 10
    assert put(api, "c", "") == 201, "an empty object takes none"
    answer = api("PUT", "/objects/d", body="x" * 11)
    assert (answer["statusCode"], document(answer)["limit_bytes"]) == (413, 10), "it never fits"


def test_an_upload_counts_from_when_its_url_is_handed_out(limit: Callable[..., Api], clock: Clock) -> None:
    api = limit("2", "100000000")
    assert [ask(api, "a", 60_000_000), put(api, "b")] == [200, 201]
    assert refusal(api("PUT", "/objects/c", query={"upload_size": "50000000"}))["limit_bytes"] == 100_000_000
    refusal(api("PUT", "/objects/c", body="x"))
    clock.pass_(300 + 59)
    refusal(api("PUT", "/objects/c", body="x"))
    clock.pass_(3)
    assert put(api, "c") == 201, (
        "the URL has expired and its upload, at a megabyte a second, would have ended"
    )
    assert counter(api) == (2, 2)


def test_the_largest_that_a_key_may_get_is_counted(limit: Callable[..., Api], clock: Clock) -> None:
    """The first URL still works when the second has been used."""
    api = limit("1", "10")
    assert [ask(api, "a", 8), ask(api, "a", 3), put(api, "a", "x" * 5)] == [200, 200, 201]
    assert counter(api) == (1, 8)
    assert api("DELETE", "/objects/a")["statusCode"] == 204
    refusal(api("PUT", "/objects/b", body="x"))
    clock.pass_(302)
    assert put(api, "b") == 201


def test_what_came_and_went_without_the_function_is_counted(limit: Callable[..., Api]) -> None:
    api = limit("3")
    for key in "abc":
        client(api.emulator, "s3").put_object(Bucket=api.bucket, Key=key, Body=b"xy")
    refusal(api("PUT", "/objects/d", body="x"))
    client(api.emulator, "s3").delete_object(Bucket=api.bucket, Key="b")
    assert put(api, "d") == 201
    assert counter(api) == (3, 5)


def test_the_bucket_is_counted_again_each_day(limit: Callable[..., Api], clock: Clock) -> None:
    api = limit("9")
    put(api, "a")
    for key in "bc":
        client(api.emulator, "s3").put_object(Bucket=api.bucket, Key=key, Body=b"xy")
    clock.pass_(COUNTED_FOR_SECONDS - 1)
    put(api, "d")
    assert counter(api) == (2, 2)
    clock.pass_(2)
    put(api, "e")
    assert counter(api) == (5, 7)


def test_a_refused_object_leaves_nothing_that_counts(limit: Callable[..., Api]) -> None:
    api = limit("1")
    put(api, "a")
    for _ in range(3):
        refusal(api("PUT", "/objects/b", query={"upload_size": "5"}))
    assert api("DELETE", "/objects/a")["statusCode"] == 204
    assert put(api, "c") == 201


def test_an_object_that_was_not_written_counts_for_as_long_as_it_may_be(
    limit: Callable[..., Api], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = limit("1")

    def failing(*_: object) -> None:
        raise OSError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", failing)
        assert put(api, "a") == 500
    refusal(api("PUT", "/objects/b", body="x"))
    clock.pass_(61)
    assert put(api, "b") == 201


class Interrupted(Bucket):
    """A bucket that is listed while something else happens."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        listed = list(Bucket.sizes(self))
        if INTERRUPTIONS:
            INTERRUPTIONS.pop(0)()
        yield from listed


INTERRUPTIONS: list[Callable[[], object]] = []


@pytest.fixture
def usages(api: Api) -> Iterator[tuple[ObjectUsage, ObjectUsage]]:
    """What two executions know of one tenant that may have three objects; the first is interrupted."""
    services = handler_module.routes()._services
    bucket = services.bucket
    interrupted = Interrupted(client=bucket.client, name=bucket.name, kms_key_id=bucket.kms_key_id)

    def usage(of: Bucket) -> ObjectUsage:
        return ObjectUsage(table=services.table, bucket=of, most_objects=3, most_bytes=None, clock=Clock())

    yield usage(interrupted), usage(bucket)
    INTERRUPTIONS.clear()


def test_two_that_begin_to_count_at_once_count_both(
    api: Api, usages: tuple[ObjectUsage, ObjectUsage]
) -> None:
    first, second = usages
    INTERRUPTIONS[:] = [lambda: second.admit("b", 1, 60)]
    first.admit("a", 1, 60)
    assert counter(api) == (3, 3), (
        "never fewer than the two; the first was counted by the second and by itself"
    )


def count_until(table: Table, until: int) -> None:
    """Have the count hold until then, as if somebody else had just counted the same."""
    table.update(
        COUNTER,
        update="SET #until = :until",
        condition="attribute_exists(tenant_id)",
        values={":until": {"N": str(until)}},
    )


def test_what_is_added_during_a_count_stays(api: Api, usages: tuple[ObjectUsage, ObjectUsage]) -> None:
    first, second = usages
    for key in "ab":
        second.close(second.admit(key, 1, 60))
    count_until(second.table, 0)

    def another_comes() -> None:
        count_until(second.table, 9_999_999_999)
        second.admit("d", 5, 60)

    INTERRUPTIONS[:] = [another_comes]
    first.admit("c", 1, 60)
    assert counter(api) == (2, 6), "neither of the two that never came, and both that may come"


def test_a_count_that_is_always_overtaken_is_busy(api: Api, usages: tuple[ObjectUsage, ObjectUsage]) -> None:
    first, second = usages
    second.close(second.admit("a", 1, 60))

    def overtake() -> None:
        count_until(second.table, 0)
        second.close(second.admit("a", 1, 60))
        count_until(second.table, 0)

    count_until(second.table, 0)
    INTERRUPTIONS[:] = [overtake] * 6
    with pytest.raises(Problem) as caught:
        first.admit("b", 1, 60)
    assert (caught.value.slug, INTERRUPTIONS) == ("busy", [])
    pending = [item for item in api.items() if item["resource_type"]["S"].startswith("upload#")]
    assert all("deleted" in item for item in pending)


def test_an_upload_without_a_counter_is_stored(api: Api) -> None:
    uploads: Uploads = handler_module.routes()._services.uploads
    assert uploads.usage is None
    uploads.store("a", b"x", "text/plain")
    assert api.stored() == ["a"]
