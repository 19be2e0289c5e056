"""Packages in a bucket: what is missing is uploaded once, what is there stays, what is wrong is refused."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from config.problems import ConfigurationError
from emulator.server import Emulator
from fleet import publish as publishing
from fleet.__main__ import main
from fleet.packages import objects_of
from fleet.publish import publish
from tests.fleet.stacks import stack_of, written
from tests.reaching import reach_only

BUCKET = "packages-of-ours"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def s3(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client for an account with an empty bucket, which is the only AWS that this process reaches."""
    reach_only(emulator, monkeypatch)
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def key(content: bytes) -> str:
    return f"packages/{hashlib.sha256(content).hexdigest()}.zip"


def taking(*packages: bytes, bucket: str = BUCKET) -> list[dict[str, Any]]:
    """One function for each of the packages."""
    return [
        {"s3_bucket": bucket, "s3_key": key(content), "source_code_hash": checksum(content)}
        for content in packages
    ]


def outdir(folder: Path, *packages: bytes, **arguments: str) -> Path:
    """Two silos with the same functions, and their packages, as a synthesis writes them."""
    functions = taking(*packages, **arguments)
    silos = [stack_of(f"tenant-{one}-test", tenant=one, aws_lambda_function=functions) for one in "ab"]
    written(folder, silos)
    for content in packages:
        file = folder / key(content)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    return folder


def there(s3: Any) -> dict[str, bytes]:
    found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {one["Key"]: s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in found}


def refused(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        publish(folder)
    return str(raised.value)


def test_what_is_missing_is_uploaded_once_with_its_checksum(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = sorted((b"one", b"the other"), key=key)
    folder = outdir(tmp_path, one, other)
    s3.put_object(Bucket=BUCKET, Key=key(other), Body=other, ChecksumAlgorithm="SHA256")
    assert main(["publish", "--out", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"s3://{BUCKET}/{key(one)}  {f'{len(one)} bytes':>7}       uploaded",
        f"s3://{BUCKET}/{key(other)}  {f'{len(other)} bytes':>7}  there already",
        "1 uploaded, 1 there already",
    ]
    assert there(s3) == {key(one): one, key(other): other}
    head = s3.head_object(Bucket=BUCKET, Key=key(one), ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ContentType"]) == (checksum(one), "application/zip")
    assert main(["publish", "--out", str(folder), "--json"]) == 0
    assert [found["uploaded"] for found in json.loads(capsys.readouterr().out)] == [False, False]


def test_what_is_there_with_other_bytes_is_refused_and_stays(s3: Any, tmp_path: Path) -> None:
    for number, algorithm in enumerate(("SHA256", "CRC32")):
        s3.put_object(Bucket=BUCKET, Key=key(b"one"), Body=b"evil", ChecksumAlgorithm=algorithm)
        assert refused(outdir(tmp_path / str(number), b"one")) == (
            f"s3://{BUCKET}/{key(b'one')}: received 'SHA-256 {checksum(b'evil')}', expected SHA-256 "
            f"{checksum(b'one')}: what is there is not this package, and is not overwritten"
        )
        assert there(s3) == {key(b"one"): b"evil"}


def test_what_something_else_uploaded_without_that_checksum_is_read(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket=BUCKET, Key=key(b"one"), Body=b"one", ChecksumAlgorithm="CRC32")
    assert [one.uploaded for one in publish(outdir(tmp_path, b"one"))] == [False]


def test_whoever_is_second_at_the_same_time_overwrites_nothing(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody uploads between the look and the upload."""
    real = publishing._is_there
    looks: list[bool] = []

    def looked(client: Any, package: Any, where: str) -> bool:
        found = real(client, package, where)
        if not looks:
            s3.put_object(Bucket=BUCKET, Key=key(b"one"), Body=b"one", ChecksumAlgorithm="SHA256")
        looks.append(found)
        return found

    monkeypatch.setattr(publishing, "_is_there", looked)
    assert [one.uploaded for one in publish(outdir(tmp_path, b"one"))] == [False]
    assert looks == [False, True]


def test_an_upload_never_overwrites_and_is_checked_by_s3(s3: Any, tmp_path: Path) -> None:
    client = publishing.s3_client("us-east-1")
    (package,) = objects_of(stack_of("a", aws_lambda_function=taking(b"one")))
    with pytest.raises(ClientError):
        publishing._upload(client, package, b"torn")
    assert there(s3) == {}
    assert publishing._upload(client, package, b"one")
    assert not publishing._upload(client, package, b"one")


def test_a_package_on_disk_with_other_bytes_is_refused_before_anything_is_uploaded(
    s3: Any, tmp_path: Path
) -> None:
    folder = outdir(tmp_path, b"one", b"the other")
    (folder / key(b"the other")).write_bytes(b"edited")
    message = refused(folder)
    assert message.startswith(f"{folder / key(b'the other')}: received 'SHA-256 {checksum(b'edited')}', ")
    (folder / key(b"the other")).unlink()
    assert "expected the package that the stacks name; synthesize again" in refused(folder)
    assert there(s3) == {}


def test_a_key_without_the_digest_is_refused(s3: Any, tmp_path: Path) -> None:
    function = {"s3_bucket": BUCKET, "s3_key": "packages/latest.zip", "source_code_hash": checksum(b"one")}
    written(tmp_path, [stack_of("tenant-a-test", tenant="a", aws_lambda_function=[function])])
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "latest.zip").write_bytes(b"one")
    assert "expected a key with the package's digest, " in refused(tmp_path)
    assert there(s3) == {}


def test_what_s3_refuses_is_one_line(s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = outdir(tmp_path, b"one", bucket="nobodys-bucket")
    assert main(["publish", "--out", str(folder)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"fleet: s3://nobodys-bucket/{key(b'one')}: received 'PutObject: NoSuchBucket ")
    assert line.endswith(", expected a bucket of the region that the caller may write to")


def test_without_credentials_it_says_so(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(boto3.session.Session, "get_credentials", lambda _: None)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    assert main(["publish", "--out", str(outdir(tmp_path / "out", b"one"))]) == 2
    assert "credentials" in capsys.readouterr().err


def test_stacks_that_take_nothing_from_a_bucket_have_nothing_to_publish(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    function = {"filename": "assets/a.zip"}
    written(tmp_path, [stack_of("tenant-a-test", tenant="a", aws_lambda_function=[function])])
    assert main(["publish", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"fleet: {tmp_path}: received 'no such function', expected functions that take their code from PACKAGE_BUCKET\n"
    )
