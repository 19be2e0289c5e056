"""The certificate authorities of RDS that are packed: those of the regions that the facts name."""

from __future__ import annotations

import re
import ssl

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
