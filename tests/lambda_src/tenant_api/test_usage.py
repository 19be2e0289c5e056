"""How many records a tenant may have: counted with each that comes or goes, whoever writes at the same moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tenant_api import handler as handler_module
from tenant_api.problems import Problem
from tenant_api.record_input import parse_precondition
from tenant_api.table import Cancellation, Table, Write, WritesCancelledError
from tenant_api.usage import COUNTER, Usage
from tests.lambda_src.conftest import Api, fresh


@pytest.fixture
def limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API of a tenant that may have three records."""
    monkeypatch.setenv("MOST_RECORDS", "3")
    with fresh(handler_module.settings, handler_module.routes):
        yield api


def create(api: Api, id_: str, **parts: Any) -> int:
    return int(api("PUT", f"/records/note/{id_}", body='{"a": 1}', **parts)["statusCode"])


def counter(api: Api) -> int | None:
    found = [item for item in api.items() if item["resource_type"]["S"] == COUNTER]
    return int(found[0]["live"]["N"]) if found else None


def test_a_record_too_many_is_refused_until_one_goes(limited: Api) -> None:
    assert [create(limited, id_) for id_ in "abc"] == [201, 201, 201]
    answer = limited("PUT", "/records/note/d", body="{}")
    assert answer["statusCode"] == 409
    said = json.loads(answer["body"])
    assert (said["type"], said["limit_records"]) == ("urn:tenant-platform:problem:quota-reached", 3)
    assert limited("GET", "/records/note/d")["statusCode"] == 404
    assert counter(limited) == 3
    assert limited("DELETE", "/records/note/a", headers={"if-match": '"1"'})["statusCode"] == 204
    assert (create(limited, "d"), counter(limited)) == (201, 3)


def test_a_record_that_is_replaced_is_not_counted_again(limited: Api) -> None:
    for id_ in "abc":
        create(limited, id_)
    assert create(limited, "a", headers={"if-match": '"1"'}) == 200
    assert counter(limited) == 3


def test_a_record_that_comes_back_counts_on_its_versions(limited: Api) -> None:
    create(limited, "a")
    assert limited("DELETE", "/records/note/a", headers={"if-match": '"1"'})["statusCode"] == 204
    answer = limited("PUT", "/records/note/a", body='{"b": 2}', headers={"if-none-match": "*"})
    assert (answer["statusCode"], answer["headers"]["ETag"]) == (201, '"3"')
    stored = json.loads(limited("GET", "/records/note/a")["body"])
    assert stored == json.loads(answer["body"])
    assert (stored["data"], counter(limited)) == ({"b": 2}, 1)


def test_what_exists_is_not_created_and_not_counted(limited: Api) -> None:
    create(limited, "a")
    assert create(limited, "a") == 428
    assert create(limited, "a", headers={"if-none-match": "*"}) == 412
    for id_, match, status in (("a", '"7"', 412), ("b", '"1"', 404)):
        assert limited("DELETE", f"/records/note/{id_}", headers={"if-match": match})["statusCode"] == status
    assert counter(limited) == 1


def test_records_from_before_there_was_a_limit_are_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for id_ in "abcd":
        create(api, id_)
    assert api("DELETE", "/records/note/d", headers={"if-match": '"1"'})["statusCode"] == 204
    assert counter(api) is None, "without a limit nothing is counted"
    monkeypatch.setenv("MOST_RECORDS", "3")
    handler_module.settings.cache_clear()
    handler_module.routes.cache_clear()
    assert create(api, "e") == 409
    assert api("DELETE", "/records/note/c", headers={"if-match": '"1"'})["statusCode"] == 204
    assert (create(api, "e"), counter(api)) == (201, 3)


def test_all_pages_of_records_are_counted(limited: Api) -> None:
    """A page of a query has 1 MB at most."""
    table = handler_module.routes()._services.table
    for number in range(4):
        table.put_new(f"record#note#{number}", {"data": {"S": "x" * 390_000}})
    assert table.count("record#") == 4


def test_records_that_are_created_at_once_are_counted_one_by_one(limited: Api) -> None:
    """Some may be told to come back later; none is counted twice or not at all."""
    records = handler_module.routes()._services.records

    def status(number: int) -> int:
        try:
            records.put("note", str(number), "{}", parse_precondition(None, None))
        except Problem as problem:
            return problem.status.value
        return 201

    with ThreadPoolExecutor(max_workers=6) as threads:
        statuses = list(threads.map(status, range(6)))
    created = statuses.count(201)
    assert set(statuses) <= {201, 409, 503}
    assert 1 <= created <= 3
    assert created == counter(limited)
    live = [item for item in limited.items() if item["resource_type"]["S"].startswith("record#")]
    assert len(live) == created


class Interrupted(Table):
    """A table in which something happens each time that two writes are to be made together."""

    def write_together(self, *writes: Write) -> None:
        INTERRUPTIONS.pop(0)(self)
        Table.write_together(self, *writes)


INTERRUPTIONS: list[Callable[[Table], None]] = []


def _met(_: Table) -> None:
    nothing = Cancellation(failed=False, current=None)
    raise WritesCancelledError((nothing, nothing))


def _nothing(_: Table) -> None:
    return


@pytest.fixture
def interrupted(limited: Api) -> Iterator[tuple[Usage, list[float]]]:
    """The usage of a table that is interrupted, and how long it paused."""
    table, pauses = handler_module.routes()._services.table, list[float]()
    usage = Usage(
        table=Interrupted(client=table.client, name=table.name, tenant_id=table.tenant_id),
        most=3,
        pause=pauses.append,
    )
    yield usage, pauses
    INTERRUPTIONS.clear()


NEW = Write(
    resource_type="record#note#a",
    update="SET #version = :one",
    condition="attribute_not_exists(tenant_id)",
    values={":one": {"N": "1"}},
)


def test_a_write_that_meets_another_is_tried_again_after_a_while(
    limited: Api, interrupted: tuple[Usage, list[float]]
) -> None:
    usage, pauses = interrupted
    INTERRUPTIONS[:] = [_met, _met, _nothing, _nothing]
    usage.create(NEW)
    assert pauses == [0.02, 0.04]
    assert counter(limited) == 1


def test_a_write_that_always_meets_another_is_busy(interrupted: tuple[Usage, list[float]]) -> None:
    usage, pauses = interrupted
    INTERRUPTIONS[:] = [_met] * 6
    with pytest.raises(Problem) as caught:
        usage.create(NEW)
    assert (caught.value.slug, len(pauses)) == ("busy", 6)


def test_a_counter_that_somebody_else_began_is_kept(
    limited: Api, interrupted: tuple[Usage, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage, _ = interrupted

    def faster(table: Table, prefix: str) -> int:
        assert prefix == "record#"
        table.put_new(COUNTER, {"live": {"N": "2"}})
        return 0

    monkeypatch.setattr(Table, "count", faster)
    INTERRUPTIONS[:] = [_nothing, _nothing]
    usage.create(NEW)
    assert counter(limited) == 3


def test_a_record_that_somebody_else_creates_in_between_is_not_overwritten(
    limited: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(limited, "a")
    monkeypatch.setattr(Table, "get", lambda table, key: None)
    assert create(limited, "a") == 428
    assert create(limited, "a", headers={"if-none-match": "*"}) == 412
    assert counter(limited) == 1
