"""Receipts and copied data in a bucket: locked, kept once, and refused where somebody wrote over them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.problems import ConfigurationError
from emulator.server import Emulator
from fleet.__main__ import main
from fleet.retirement.context import StepError
from fleet.retirement.destination import BucketDestination, ExportDestination, FolderDestination
from fleet.retirement.receipt import FIRST, encoded, file_name, sealed
from fleet.retirement.receipt_store import ReceiptStore, store_at
from tests.reaching import reach_only

BUCKET = "receipts-of-ours"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def s3(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    reach_only(emulator, monkeypatch)
    return emulator.client("s3")


def bucket(s3: Any, name: str, *, mode: str | None = "COMPLIANCE", locked: bool = True) -> ReceiptStore:
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
    if mode:
        retention = {"DefaultRetention": {"Mode": mode, "Days": 1}}
        s3.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
        )
    return store_at(f"s3://{name}/receipts")


def test_a_bucket_that_does_not_lock_what_is_kept_is_refused(s3: Any) -> None:
    for name, options, received in (
        ("unlocked", {"locked": False, "mode": None}, "no Object Lock"),
        ("no-default", {"mode": None}, "no default retention"),
        ("governance", {"mode": "GOVERNANCE"}, "GOVERNANCE"),
    ):
        with pytest.raises(ConfigurationError, match=received):
            bucket(s3, name, **options).check()
    with pytest.raises(ConfigurationError, match=r"s3://nobody/: received 'NoSuchBucket'"):
        store_at("s3://nobody").check()


def test_a_receipt_is_kept_once_and_verified_from_the_bucket(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = bucket(s3, BUCKET)
    store.check()
    first = sealed({"tenant": "a"}, number=1, previous=FIRST)
    second = sealed({"tenant": "b"}, number=2, previous=first["digest"])
    assert store.keep(file_name(1), encoded(first))
    assert not store.keep(file_name(1), encoded(second))
    assert store.keep(file_name(2), encoded(second))
    command = ["receipts", f"--receipts=s3://{BUCKET}/receipts", f"--folder={tmp_path}", "--json"]
    assert main(command) == 0
    assert [one["tenant"] for one in json.loads(capsys.readouterr().out)["receipts"]] == ["a", "b"]
    # Without the condition S3 would keep another version on top: that is seen as well.
    s3.put_object(Bucket=BUCKET, Key="receipts/000002.json", Body=b"{}")
    s3.delete_object(Bucket=BUCKET, Key="receipts/000001.json")
    assert main(command) == 1
    assert json.loads(capsys.readouterr().out)["faults"] == [
        "000001.json: somebody wrote over it, or deleted it",
        "000002.json: somebody wrote over it, or deleted it",
    ]


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_data_is_copied_by_digest_and_its_manifest_is_never_written_over(
    s3: Any, tmp_path: Path, kind: str
) -> None:
    to: ExportDestination = FolderDestination(path=tmp_path / "to")
    if kind == "bucket":
        s3.create_bucket(Bucket="handovers")
        to = BucketDestination(client=s3, name="handovers", prefix="old-co/")
    blob = to.keep([b"one", b"two"])
    assert to.keep([b"onetwo"]) == blob
    assert blob.size == 6
    to.finish(b"{}\n")
    to.finish(b"{}\n")
    with pytest.raises(StepError, match="the manifest of other data, expected none, or this one"):
        to.finish(b"[]\n")
    if kind == "bucket":
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket="handovers")["Contents"]]
        assert keys == [f"old-co/blobs/{blob.sha256}", "old-co/manifest.json"]
    else:
        assert {file.name for file in (tmp_path / "to" / "blobs").iterdir()} == {blob.sha256}
        assert (tmp_path / "to" / "blobs" / blob.sha256).stat().st_mode & 0o077 == 0
