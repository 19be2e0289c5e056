"""The certificate authorities of RDS that are packed: those of the regions that the facts name."""

from __future__ import annotations

import re
import ssl

from cryptography import x509

from bundling.vendoring import rds_authorities
from facts.authorities import PACKED_AUTHORITIES
from facts.regions import REGIONS

ALGORITHMS = {"ECC384", "RSA2048", "RSA4096"}


def test_each_region_of_the_facts_has_its_authorities_and_no_other_has() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=rds_authorities())
    found: dict[str, set[str]] = {}
    for certificate in context.get_ca_certs():
        parts = dict(pair for part in certificate["subject"] for pair in part if isinstance(pair, tuple))
        name = parts["commonName"]
        match = re.fullmatch(r"Amazon RDS (\S+) Root CA (\S+) G1", name)
        assert match, name
        found.setdefault(match[1], set()).add(match[2])
    assert set(found) == PACKED_AUTHORITIES.value
    assert {name for name, algorithms in found.items() if algorithms != ALGORITHMS} == set()


def test_the_regions_are_known() -> None:
    assert PACKED_AUTHORITIES.value < set(REGIONS.value)


def test_each_authority_is_one_that_strict_checks_take() -> None:
    """Python 3.13 asks for what RFC 5280 says of authorities (4.2.1.2, 4.2.1.3, 4.2.1.9)."""
    authorities = x509.load_pem_x509_certificates(rds_authorities().encode())
    assert authorities
    for authority in authorities:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage)
        assert (constraints.critical, constraints.value.ca) == (True, True)
        assert usage.value.key_cert_sign
        assert authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
