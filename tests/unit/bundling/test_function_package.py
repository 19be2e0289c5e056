"""The zips of the functions: the same bytes every time, and what Terraform is told about them."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from bundling import function_package
from bundling.function_package import PackageError, package
from tests.synthesis import silo
from tests.unit.bundling.sources import write_sources


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A function `f` with a source and a vendored dependency, in folders of its own."""
    write_sources(tmp_path, monkeypatch)
    yield tmp_path
    package.cache_clear()


def test_the_same_sources_give_the_same_bytes_at_another_time(sources: Path) -> None:
    """Hole 8: a zip that holds times differs with every run."""
    first = package("f").path.read_bytes()
    package.cache_clear()
    os.utime(sources / "sources/f/handler.py", (1, 1))
    (sources / "sources/f/handler.py").chmod(0o777)
    assert package("f").path.read_bytes() == first


def test_another_source_gives_another_hash(sources: Path) -> None:
    first = package("f").source_code_hash
    package.cache_clear()
    (sources / "sources/f/handler.py").write_text("# changed\n")
    assert package("f").source_code_hash != first


def test_the_zip_holds_sources_and_dependencies_and_nothing_of_this_machine(sources: Path) -> None:
    with zipfile.ZipFile(package("f").path) as archive:
        assert archive.namelist() == [
            "dependency-1.0.dist-info/METADATA",
            "dependency/__init__.py",
            "dependency/data.json",
            "f/handler.py",
            "runtime/shared.py",
        ]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_a_function_without_source_or_dependencies_is_refused(sources: Path) -> None:
    with pytest.raises(PackageError, match="lambda_src/g: received no such folder"):
        package("g")
    (sources / "sources/g").mkdir()
    with pytest.raises(PackageError, match=r"build/lambda/g: .* run `make setup`"):
        package("g")


def test_a_function_too_large_for_lambda_is_refused(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_package, "UNPACKED_LIMIT", 10)
    with pytest.raises(PackageError, match=r"f: received \d+ unpacked bytes, expected 10 or fewer"):
        package("f")
    assert not (sources / "packages").exists()


@pytest.mark.parametrize("function", ["api", "provisioner"])
def test_terraform_gets_a_relative_path_and_the_files_own_hash(function: str) -> None:
    stack = silo()
    body = stack.one("aws_lambda_function", function)
    assert body["filename"].startswith("assets/")
    content = (stack.folder / body["filename"]).read_bytes()
    assert body["source_code_hash"] == base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.mark.parametrize("function", ["tenant_api", "tenant_provisioner", "database_provisioner"])
def test_every_function_brings_what_functions_share_and_no_other_function(function: str) -> None:
    with zipfile.ZipFile(package(function).path) as archive:
        folders = {name.split("/")[0] for name in archive.namelist()}
    assert {function, "runtime"} <= folders
    assert not ({"tenant_api", "tenant_provisioner", "database_provisioner"} - {function}) & folders


def test_the_packages_stay_small() -> None:
    """Every tenant's stack carries a copy."""
    for function in ("tenant_api", "tenant_provisioner", "database_provisioner"):
        assert package(function).unpacked_bytes < 5 * 1024 * 1024


def test_the_database_provisioner_brings_the_authorities_of_rds() -> None:
    """No system trusts them: without, it would refuse every real cluster."""
    with zipfile.ZipFile(package("database_provisioner").path) as archive:
        bundle = archive.read("rds-authorities.pem")
    authorities = x509.load_pem_x509_certificates(bundle)
    names = {
        str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        for certificate in authorities
    }
    for region in ("us-east-1", "eu-central-1"):
        for algorithm in ("RSA2048", "RSA4096", "ECC384"):
            assert f"Amazon RDS {region} Root CA {algorithm} G1" in names
    assert min(certificate.not_valid_after_utc.year for certificate in authorities) >= 2061
