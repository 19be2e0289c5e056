"""Releases in a bucket: sent once, fetched as they were, refused where a byte differs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.problems import ConfigurationError
from emulator.server import Emulator
from fleet.__main__ import main
from fleet.release.bucket import send
from fleet.release.manifest import digest
from fleet.release.opening import opened
from fleet.release.store import Release
from tests.fleet.rollouts import Rollouts, text_stack
from tests.reaching import reach_only

BUCKET = "releases-of-ours"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def s3(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    reach_only(emulator, monkeypatch)
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Rollouts(path=tmp_path / "made").release({"a": text_stack("one"), "b": text_stack("two")})


def keys(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]


def test_a_release_is_sent_once(s3: Any, release: Release) -> None:
    assert send(release, BUCKET) == 4
    expected = [f"releases/blobs/{sha256}" for sha256 in release.manifest.blobs]
    assert keys(s3) == sorted([*expected, f"releases/{release.digest}/manifest.json"])
    assert send(release, BUCKET) == 0


def test_it_is_fetched_as_it_was(s3: Any, release: Release, tmp_path: Path) -> None:
    send(release, BUCKET)
    found = opened(f"s3://{BUCKET}/{release.digest}", store=tmp_path / "fetched")
    assert (found.digest, found.manifest) == (release.digest, release.manifest)
    found.verify()
    arguments = ["plan", f"s3://{BUCKET}/{release.digest}", f"--releases={tmp_path / 'fetched'}"]
    assert main(arguments) == 0


def test_what_is_there_already_is_not_fetched_again(s3: Any, release: Release) -> None:
    send(release, BUCKET)
    for key in keys(s3):
        if "/blobs/" in key:
            s3.delete_object(Bucket=BUCKET, Key=key)
    assert opened(f"s3://{BUCKET}/{release.digest}", store=release.store).digest == release.digest


def test_a_changed_byte_is_refused_in_one_line(s3: Any, release: Release, tmp_path: Path) -> None:
    send(release, BUCKET)
    sha256 = release.manifest.stacks["a"].files["cdk.tf.json"]
    key = f"releases/blobs/{sha256}"
    changed = release.blob(sha256).replace(b"one", b"two")
    s3.put_object(Bucket=BUCKET, Key=key, Body=changed)
    with pytest.raises(ConfigurationError) as error:
        opened(f"s3://{BUCKET}/{release.digest}", store=tmp_path / "fetched")
    assert str(error.value) == (
        f"s3://{BUCKET}/{key}: received 'SHA-256 {digest(changed)}', expected the bytes that were proved"
    )
    assert not (tmp_path / "fetched" / release.digest).exists()
    with pytest.raises(ConfigurationError, match="is not this package, and is not overwritten"):
        send(release, BUCKET)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (f"s3://{BUCKET}", "the 64 characters of a release's digest"),
        (f"s3://{BUCKET}/0123abcd", "the 64 characters of a release's digest"),
        (f"s3://{BUCKET}/{'0' * 64}", "received 'NoSuchKey', expected an object that the caller may read"),
        (f"s3://nowhere/{'0' * 64}", "received 'NoSuchBucket', expected an object that the caller may read"),
    ],
)
def test_what_is_not_there_is_said(s3: Any, tmp_path: Path, named: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        opened(named, store=tmp_path)
    assert said in str(error.value)
