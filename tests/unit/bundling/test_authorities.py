"""The authorities that clients of a region's database trust."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from bundling import authorities
from bundling.authorities import region_authorities
from bundling.function_package import PackageError
from facts.authorities import PACKED_AUTHORITIES


@pytest.mark.parametrize("region", sorted(PACKED_AUTHORITIES.value))
def test_a_region_has_its_own_three_and_no_other(region: str) -> None:
    """`us-east-1` is no part of another's name, and `us-gov-east-1` would be none of these."""
    found = x509.load_pem_x509_certificates(region_authorities(region).encode())
    names = {str(one.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) for one in found}
    assert names == {
        f"Amazon RDS {region} Root CA {algorithm} G1" for algorithm in ("RSA2048", "RSA4096", "ECC384")
    }
    for one in found:
        assert one.issuer == one.subject, "an authority's root"


def test_a_client_can_load_them_as_text() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=region_authorities("eu-west-1"))
    assert len(context.get_ca_certs()) == 3


def test_they_fit_into_a_task_definition() -> None:
    """Of at most 64 KB (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html)."""
    assert all(len(region_authorities(region)) < 6_000 for region in PACKED_AUTHORITIES.value)


def test_a_region_without_one_is_refused() -> None:
    with pytest.raises(PackageError, match="received no authority of us-gov-west-1"):
        region_authorities("us-gov-west-1")


def test_a_missing_bundle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorities, "BUNDLE", tmp_path / "none.pem")
    with pytest.raises(PackageError, match="run `make setup`"):
        region_authorities("a-region-that-nobody-asked-for")
