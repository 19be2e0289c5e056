"""Domains that ACM issues no certificate for."""

from __future__ import annotations

import pytest

from facts.domains import AMAZONS, NOT_PUBLIC, failure_reason


@pytest.mark.parametrize("domain", ["saas.internal", "*.saas.internal", "local", "a.home.arpa", "a.b.test"])
def test_a_domain_that_is_not_public(domain: str) -> None:
    assert failure_reason(domain) == "INVALID_PUBLIC_DOMAIN"


@pytest.mark.parametrize("domain", ["amazonaws.com", "x.elb.amazonaws.com", "*.d1.cloudfront.net"])
def test_a_domain_of_amazons(domain: str) -> None:
    assert failure_reason(domain) == "DOMAIN_NOT_ALLOWED"


@pytest.mark.parametrize(
    "domain",
    [
        "acme.com",
        "example.com",
        "shop.acme.example",
        "notamazonaws.com",
        "amazonaws.com.acme.com",
        "internal.acme.com",
        "mylocal",
    ],
)
def test_any_other(domain: str) -> None:
    assert failure_reason(domain) is None


def test_domains_are_written_as_they_are_compared() -> None:
    for domain in AMAZONS.value | NOT_PUBLIC.value:
        assert domain == domain.lower().strip(".*")
