"""One tenant's objects and items are put back as they were, on the emulator, and the neighbour's stay as they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from restoration import copies, objects
from restoration.__main__ import main
from restoration.copies import Content
from restoration.objects import LARGEST_COPY, ObjectStep, Version, steps
from tests.reaching import reach_only

BUCKET, NEIGHBOUR = "tenant-acme-data-test", "tenant-globex-data-test"
TABLE, RESTORED = "tenant-acme-metadata-test", "tenant-acme-metadata-test-restored"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, empty, as the only AWS that this process reaches."""
    reach_only(emulator, monkeypatch)
    return emulator


# Objects


@pytest.fixture
def s3(account: Emulator) -> Any:
    client = account.client("s3")
    for bucket in (BUCKET, NEIGHBOUR):
        client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return client


def put(s3: Any, bucket: str, **contents: str) -> None:
    for key, content in contents.items():
        s3.put_object(Bucket=bucket, Key=key, Body=content.encode(), ContentType="text/plain")


def stored(s3: Any, bucket: str) -> dict[str, str]:
    return {
        entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode()
        for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    }


def a_moment() -> str:
    """A time that lies a second after what was written and before what will be: S3 says times to the second."""
    time.sleep(1.1)
    moment = datetime.now(UTC)
    time.sleep(1.1)
    return moment.isoformat()


def test_objects_are_as_they_were_and_the_neighbours_as_they_are(s3: Any) -> None:
    put(s3, BUCKET, changed="before", deleted="before", same="before")
    put(s3, NEIGHBOUR, changed="before")
    moment = a_moment()
    put(s3, BUCKET, changed="after", new="after")
    s3.delete_object(Bucket=BUCKET, Key="deleted")
    put(s3, NEIGHBOUR, changed="after")
    damaged = stored(s3, BUCKET)

    assert main(["objects", BUCKET, "--at", moment]) == 0
    assert stored(s3, BUCKET) == damaged, "nothing is done unless it is asked for"

    assert main(["objects", BUCKET, "--at", moment, "--apply"]) == 0
    assert stored(s3, BUCKET) == {
        "changed": "before",
        "deleted": "before",
        "new": "after",
        "same": "before",
    }
    assert s3.head_object(Bucket=BUCKET, Key="changed")["ContentType"] == "text/plain"
    assert stored(s3, NEIGHBOUR) == {"changed": "after"}

    assert main(["objects", BUCKET, "--at", moment, "--remove-newer", "--apply"]) == 0
    assert set(stored(s3, BUCKET)) == {"changed", "deleted", "same"}
    found = s3.list_object_versions(Bucket=BUCKET, Prefix="new")
    assert len(found["Versions"]) == 1, "what is removed is still a version"


def test_a_prefix_leaves_the_rest_alone(s3: Any) -> None:
    put(s3, BUCKET, **{"a/x": "before", "b/x": "before"})
    moment = a_moment()
    put(s3, BUCKET, **{"a/x": "after", "b/x": "after"})
    assert main(["objects", BUCKET, "--at", moment, "--prefix", "a/", "--apply"]) == 0
    assert stored(s3, BUCKET) == {"a/x": "before", "b/x": "after"}


def test_it_can_be_done_twice(s3: Any) -> None:
    """What was put back is newer than the moment, and is put back from the same version again."""
    put(s3, BUCKET, changed="before")
    moment = a_moment()
    put(s3, BUCKET, changed="after")
    assert main(["objects", BUCKET, "--at", moment, "--apply"]) == 0
    assert main(["objects", BUCKET, "--at", moment, "--apply"]) == 0
    assert stored(s3, BUCKET) == {"changed": "before"}


def test_what_cannot_be_put_back_is_said_and_the_rest_is(
    s3: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(s3, BUCKET, archived="before", changed="before")
    moment = a_moment()
    put(s3, BUCKET, archived="after", changed="after")
    carry_out = objects.carry_out

    def refuses_archived(client: Any, bucket: str, step: ObjectStep) -> None:
        if step.key == "archived":
            raise ClientError({"Error": {"Code": "InvalidObjectState", "Message": "no"}}, "CopyObject")
        carry_out(client, bucket, step)

    monkeypatch.setattr(objects, "carry_out", refuses_archived)
    assert main(["objects", BUCKET, "--at", moment, "--apply"]) == 1
    assert stored(s3, BUCKET) == {"archived": "after", "changed": "before"}
    said = capsys.readouterr()
    assert "failed: put back archived as of version " in said.err
    assert said.out.endswith("1 done, 1 not possible\n")


def test_objects_are_put_back_from_a_bucket_restored_beside(s3: Any) -> None:
    """As AWS Backup restores one: into a bucket of its own."""
    beside = "acme-restored"
    s3.create_bucket(Bucket=beside)
    put(s3, beside, changed="before", deleted="before", same="before")
    put(s3, BUCKET, changed="after", new="after", same="before")
    put(s3, NEIGHBOUR, changed="after")
    damaged = stored(s3, BUCKET)

    assert main(["copies", beside, BUCKET]) == 0
    assert stored(s3, BUCKET) == damaged, "nothing is done unless it is asked for"

    assert main(["copies", beside, BUCKET, "--prefix", "d", "--apply"]) == 0
    assert stored(s3, BUCKET) == {**damaged, "deleted": "before"}

    assert main(["copies", beside, BUCKET, "--apply"]) == 0
    assert stored(s3, BUCKET) == {"changed": "before", "deleted": "before", "new": "after", "same": "before"}
    assert len(s3.list_object_versions(Bucket=BUCKET, Prefix="same")["Versions"]) == 1, "left alone"

    assert main(["copies", beside, BUCKET, "--remove-newer", "--apply"]) == 0
    assert stored(s3, BUCKET) == stored(s3, beside)
    assert stored(s3, NEIGHBOUR) == {"changed": "after"}


def test_an_object_of_more_than_one_copy_is_said() -> None:
    large, small = (Content(size=size, etag="e") for size in (LARGEST_COPY + 1, LARGEST_COPY))
    planned = copies.steps({"l": large, "s": small}, {}, remove_newer=False)
    assert [str(step) for step in planned] == ["too large l", "put back s"]


def version(
    number: int, key: str = "k", *, size: int | None = 1, latest: bool = False, hour: int = 0
) -> Version:
    written = datetime(2026, 11, 27, hour, tzinfo=UTC)
    return Version(key=key, id=str(number), written=written, size=size, latest=latest)


AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([version(1, hour=12, latest=True)], []),
        ([version(2, hour=13, latest=True), version(1, hour=12)], ["put back k as of version 1"]),
        ([version(2, hour=13, latest=True, size=None), version(1, hour=1)], ["put back k as of version 1"]),
        ([version(1, hour=13, latest=True)], ["remove k"]),
        ([version(2, hour=13, latest=True), version(1, hour=1, size=None)], ["remove k"]),
        ([version(2, hour=13, latest=True, size=None), version(1, hour=13)], []),
        (
            [version(2, hour=13, latest=True), version(1, hour=1, size=LARGEST_COPY)],
            ["put back k as of version 1"],
        ),
        (
            [version(2, hour=13, latest=True), version(1, hour=1, size=LARGEST_COPY + 1)],
            ["too large k as of version 1"],
        ),
        (
            [version(3, hour=13, latest=True), version(2, hour=12), version(1, hour=1)],
            ["put back k as of version 2"],
        ),
    ],
)
def test_what_was_current_then_decides(found: list[Version], expected: list[str]) -> None:
    assert [str(step) for step in steps(iter(found), AT, remove_newer=True)] == expected
    kept = [step for step in expected if not step.startswith("remove")]
    assert [str(step) for step in steps(iter(found), AT, remove_newer=False)] == kept


@pytest.mark.parametrize(
    "at",
    ["yesterday", "2026-11-27", "2026-01-01T00:00:00", "9999-01-01T00:00:00+00:00"],
)
def test_a_time_is_past_and_says_its_zone(at: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["objects", BUCKET, "--at", at])
    assert ended.value.code == 2
    assert "expected a time in the past with its zone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [("objects", "none", "--at", "2026-01-01T00:00:00Z"), ("items", "a", "b"), ("copies", "a", "b")],
)
def test_what_is_not_there_is_said_in_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


# Items


@pytest.fixture
def dynamodb(account: Emulator) -> Any:
    client = account.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "tenant_id", "KeyType": "HASH"},
            {"AttributeName": "resource_type", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("tenant_id", "resource_type")
        ],
    )
    client.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return client


def item(kind: str, **attributes: Any) -> dict[str, Any]:
    return {"tenant_id": {"S": "acme"}, "resource_type": {"S": kind}, **attributes}


def items_of(dynamodb: Any, table: str) -> dict[str, Any]:
    return {found["resource_type"]["S"]: found for found in dynamodb.scan(TableName=table)["Items"]}


def test_items_are_put_back_from_a_table_restored_beside(dynamodb: Any) -> None:
    before = [
        item("changed", n={"N": "1"}, tags={"SS": ["a", "b"]}),
        item("deleted", blob={"B": b"\x00\xff"}),
        item("same"),
    ]
    for one in before:
        dynamodb.put_item(TableName=TABLE, Item=one)
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=TABLE, TargetTableName=RESTORED, UseLatestRestorableTime=True
    )
    dynamodb.put_item(TableName=TABLE, Item=item("changed", n={"N": "2"}))
    dynamodb.put_item(TableName=TABLE, Item=item("new"))
    dynamodb.delete_item(TableName=TABLE, Key=item("deleted"))
    damaged = items_of(dynamodb, TABLE)

    assert main(["items", RESTORED, TABLE]) == 0
    assert items_of(dynamodb, TABLE) == damaged, "nothing is done unless it is asked for"

    assert main(["items", RESTORED, TABLE, "--apply"]) == 0
    found = items_of(dynamodb, TABLE)
    assert found.pop("new") == item("new")
    assert found == items_of(dynamodb, RESTORED) == {one["resource_type"]["S"]: one for one in before}

    assert main(["items", RESTORED, TABLE, "--remove-newer", "--apply"]) == 0
    assert items_of(dynamodb, TABLE) == items_of(dynamodb, RESTORED)


def test_what_an_item_holds_is_not_printed(dynamodb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    dynamodb.put_item(TableName=TABLE, Item=item("profile", secret={"S": "only-the-tenant-may-know"}))
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=TABLE, TargetTableName=RESTORED, UseLatestRestorableTime=True
    )
    dynamodb.delete_item(TableName=TABLE, Key=item("profile"))
    assert main(["items", RESTORED, TABLE, "--apply"]) == 0
    said = capsys.readouterr()
    assert said.out == "put back acme profile\n1 done\n"
    assert "only-the-tenant-may-know" not in said.out + said.err
