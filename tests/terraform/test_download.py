"""Terraform for a machine that has none: what was published or nothing, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tenancy.versions import TERRAFORM_MINIMUM, TERRAFORM_RELEASE, TERRAFORM_ZIPS
from terraform import binary, download
from terraform.errors import TerraformError
from terraform.mirror import platform_name

PROGRAM = f"#!/bin/sh\necho '{json.dumps({'terraform_version': TERRAFORM_RELEASE})}'\n".encode()
PATH = f"/{TERRAFORM_RELEASE}/terraform_{TERRAFORM_RELEASE}_{platform_name()}.zip"


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


class Releases:
    """A server that has `files` by path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def releases() -> Iterator[Releases]:
    found = Releases()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def published(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> Releases:
    """A server with a zip that is the pinned one."""
    publish(releases, monkeypatch, zipped(terraform=PROGRAM, **{"LICENSE.txt": b"..."}))
    return releases


def publish(releases: Releases, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    releases.files[PATH] = content
    monkeypatch.setattr(download, "TERRAFORM_ZIPS", {platform_name(): hashlib.sha256(content).hexdigest()})


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine whose PATH has no Terraform; returns where one is downloaded to."""
    folder = tmp_path / "build" / "terraform"
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(binary, "find_mirror", lambda *_: None)
    for module in (binary, download):
        monkeypatch.setattr(module, "DOWNLOADED", folder)
    binary.find_installation.cache_clear()
    yield folder
    binary.find_installation.cache_clear()


def test_a_machine_without_terraform_gets_the_pinned_one(
    published: Releases, bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERRAFORM_RELEASES", published.url)
    assert download.main() == 0
    assert f"downloading Terraform {TERRAFORM_RELEASE} into {bare} ...\n" in capsys.readouterr().out
    assert [entry.name for entry in bare.iterdir()] == ["terraform"]
    found = binary.find_installation()
    assert found.binary == bare / "terraform"
    assert ".".join(map(str, found.version)) == TERRAFORM_RELEASE
    published.files.clear()
    assert download.main() == 0
    assert capsys.readouterr().out == "", "what is there is not downloaded again"


def test_a_terraform_of_the_machines_is_taken_as_it_is(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "bin" / "tofu"
    own.write_bytes(PROGRAM)
    own.chmod(0o755)
    monkeypatch.setenv("TERRAFORM_RELEASES", "http://127.0.0.1:9")
    assert download.main() == 0
    assert binary.find_installation().binary == own
    assert not bare.exists()


def test_another_file_than_was_published_is_refused(published: Releases, tmp_path: Path) -> None:
    published.files[PATH] = zipped(terraform=PROGRAM + b"# and more\n")
    with pytest.raises(TerraformError) as error:
        download.download(tmp_path / "here", published.url)
    assert str(error.value).startswith(f"{published.url}{PATH}: received a file with the SHA-256 ")
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no zip", "File is not a zip file"),
        (zipped(tofu=PROGRAM), "There is no item named 'terraform' in the archive"),
        (zipped(terraform=b"\0" * 2_000), "received more than 0 MiB"),
    ],
)
def test_what_is_no_terraform_is_refused(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    publish(releases, monkeypatch, content)
    monkeypatch.setattr(download, "MOST_BYTES", 1_000)
    with pytest.raises(TerraformError) as error:
        download.download(tmp_path, releases.url)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_where_nothing_can_be_had(releases: Releases, tmp_path: Path) -> None:
    (tmp_path / "terraform").write_bytes(b"old")
    with pytest.raises(TerraformError) as error:
        download.download(tmp_path, releases.url)
    assert str(error.value) == (
        f"{releases.url}{PATH} cannot be read (404 Not Found); install Terraform >= {TERRAFORM_MINIMUM} or OpenTofu "
        "yourself and run this again"
    )
    assert (tmp_path / "terraform").read_bytes() == b"old"


def test_without_a_network_one_line_says_what_to_do(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nobody listens there.
    monkeypatch.setenv("TERRAFORM_RELEASES", "http://127.0.0.1:9")
    assert download.main() == 2
    said = capsys.readouterr().err
    assert said.startswith(f"setup: http://127.0.0.1:9{PATH} cannot be read (")
    assert said.endswith(
        f"install Terraform >= {TERRAFORM_MINIMUM} or OpenTofu yourself and run this again\n"
    )
    assert said.count("\n") == 1


@pytest.mark.parametrize("releases_", ["file:///etc", "ftp://127.0.0.1", "releases"])
def test_only_the_web_is_asked(releases_: str, tmp_path: Path) -> None:
    with pytest.raises(
        TerraformError, match=r"^TERRAFORM_RELEASES: received '.*', expected a URL such as https:"
    ):
        download.download(tmp_path, releases_)


def test_a_machine_that_nothing_is_pinned_for_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "platform_name", lambda: "plan9_mips")
    with pytest.raises(TerraformError, match=r"is not pinned for plan9_mips; install Terraform >= "):
        download.download(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(published: Releases, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TerraformError, match=r"^.*/file/here: Not a directory$"):
        download.download(tmp_path / "file" / "here", published.url)


def test_what_is_pinned_is_new_enough_and_asked_of_hashicorp_over_tls() -> None:
    least, pinned = (
        [int(part) for part in text.split(".")] for text in (TERRAFORM_MINIMUM, TERRAFORM_RELEASE)
    )
    assert pinned[:2] >= least
    assert set(TERRAFORM_ZIPS) == {"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"}
    assert all(len(bytes.fromhex(digest)) == 32 for digest in TERRAFORM_ZIPS.values())
    assert download.RELEASES.startswith("https://")


def test_it_is_a_command_that_finds_what_the_tests_use() -> None:
    subprocess.run([sys.executable, "-m", "terraform.download"], check=True)
