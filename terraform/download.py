"""Puts a Terraform into the project's folder where the machine has none that is new enough.

    python -m terraform.download

Exit code 0 where there is one now, 2 where none can be had, with one line that says what to do.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from progress.showing import working
from tenancy.versions import TERRAFORM_RELEASE, TERRAFORM_ZIPS
from terraform.binary import DOWNLOADED, find_installation
from terraform.errors import TerraformError
from terraform.mirror import platform_name
from terraform.versions import minimum_version

RELEASES: Final = "https://releases.hashicorp.com/terraform"
"""Where HashiCorp publishes Terraform: `{version}/terraform_{version}_{platform}.zip`."""
VARIABLE: Final = "TERRAFORM_RELEASES"
"""Names another place that has the same files, such as a mirror of the company's."""
MOST_BYTES: Final = 200 * 2**20
"""Of a zip, and of what it holds: Terraform 1.11 has 26 MB and 90 MB."""
READ_SECONDS: Final = 60.0
"""How long the server may be silent."""
CHUNK_BYTES: Final = 2**16
EXIT_MISSING: Final = 2


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def main() -> int:
    """Download Terraform unless the machine has one, say what is done, and return the exit code."""
    try:
        find_installation()
    except TerraformError as missing:
        try:
            print(
                f"setup: {missing}; downloading Terraform {TERRAFORM_RELEASE} into {DOWNLOADED} ...",
                flush=True,
            )
            with working(f"downloading Terraform {TERRAFORM_RELEASE}"):
                download(DOWNLOADED, os.environ.get(VARIABLE) or RELEASES)
        except TerraformError as error:
            print(f"setup: {error}", file=sys.stderr)
            return EXIT_MISSING
        except KeyboardInterrupt:
            return 130
    return 0


def download(folder: Path, releases: str = RELEASES) -> Path:
    """Download the pinned Terraform, compare its SHA-256, and return the program.

    Nothing is left in `folder` but the program, whole: whoever is interrupted leaves what was there before.

    Args:
        folder: where the program `terraform` is put; it is made.
        releases: http or https URL that the version's folder is below.

    Raises:
        TerraformError: there is none for this machine, it cannot be had, or it is not what was published; the message
            is one line.
    """
    name = platform_name()
    expected = TERRAFORM_ZIPS.get(name)
    if expected is None:
        raise TerraformError(
            f"HashiCorp's Terraform {TERRAFORM_RELEASE} is not pinned for {name}; {_by_hand()}"
        )
    if urlsplit(releases).scheme not in {"http", "https"}:
        raise TerraformError(f"{VARIABLE}: received {releases!r}, expected a URL such as {RELEASES}")
    url = f"{releases.rstrip('/')}/{TERRAFORM_RELEASE}/terraform_{TERRAFORM_RELEASE}_{name}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
            archive, program = Path(temporary) / "terraform.zip", Path(temporary) / "terraform"
            digest = _fetched(url, archive)
            if digest != expected:
                raise TerraformError(
                    f"{url}: received a file with the SHA-256 {digest}, expected {expected}; {_by_hand()}"
                )
            with zipfile.ZipFile(archive) as opened, opened.open("terraform") as source:
                _copied(source, program, url)
            program.chmod(0o755)
            return program.replace(folder / "terraform")
    except HTTPError as error:
        with error:
            raise TerraformError(
                f"{url} cannot be read ({error.code} {error.reason}); {_by_hand()}"
            ) from None
    except (URLError, http.client.HTTPException, TimeoutError) as error:
        reason = getattr(error, "reason", None) or error
        raise TerraformError(
            f"{url} cannot be read ({' '.join(str(reason).split())}); {_by_hand()}"
        ) from None
    except (KeyError, zipfile.BadZipFile) as error:
        raise TerraformError(f"{url}: {error}; {_by_hand()}") from None
    except OSError as error:
        raise TerraformError(f"{error.filename or folder}: {error.strerror or error}") from None


def _by_hand() -> str:
    return f"install Terraform >= {minimum_version()} or OpenTofu yourself and run this again"


def _fetched(url: str, file: Path) -> str:
    """Write what `url` answers to `file`, and return its SHA-256 in hexadecimal digits."""
    with urlopen(url, timeout=READ_SECONDS) as answer:  # noqa: S310 (http or https, as `download` has seen)
        _copied(answer, file, url)
    with file.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _copied(source: _Readable, file: Path, url: str) -> None:
    """Write what `source` has to `file`.

    Raises:
        TerraformError: it has more than `MOST_BYTES`.
    """
    left = MOST_BYTES
    with file.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise TerraformError(f"{url}: received more than {MOST_BYTES >> 20} MiB; {_by_hand()}")
            target.write(chunk)


if __name__ == "__main__":
    sys.exit(main())
