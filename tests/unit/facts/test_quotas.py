"""Default quotas, as the budget of a fleet takes them."""

from __future__ import annotations

import re

from facts.quotas import QUOTAS, RATES
from facts.regions import REGIONS


def test_a_quota_has_a_number_for_each_region() -> None:
    rules = QUOTAS["rules per event bus"].value
    assert rules.value("us-east-1") == 300
    assert rules.value("eu-south-1") == 100


def test_codes_are_codes_and_no_two_quotas_share_one() -> None:
    codes = [(fact.value.service, fact.value.code) for fact in QUOTAS.values() if fact.value.code]
    assert len(set(codes)) == len(codes)
    for _, code in codes:
        assert re.fullmatch(r"L-[0-9A-F]{8}", code), code


def test_quotas_without_a_code_are_those_that_service_quotas_does_not_list() -> None:
    assert {name for name, fact in QUOTAS.items() if fact.value.code is None} == {
        "backup plans per region",
        "backup vaults per region",
        "buckets that are backed up per account",
        "log resource policies per region",
        "private addresses",
    }


def test_numbers_are_positive_and_regions_known() -> None:
    for name, fact in {**QUOTAS, **RATES}.items():
        quota = fact.value
        assert quota.name == name
        assert quota.default > 0
        assert set(quota.by_region) <= set(REGIONS.value)
        assert quota.maximum is None or (quota.adjustable and quota.maximum > quota.default)


def test_rates_are_per_second() -> None:
    assert {fact.value.unit for fact in RATES.values()} == {"requests per second"}
    assert "requests per second" not in {fact.value.unit for fact in QUOTAS.values()}


def test_a_quota_that_is_raised_with_another_names_one_of_its_service() -> None:
    codes = {(fact.value.service, fact.value.code) for fact in QUOTAS.values()}
    raised = {name: fact.value for name, fact in QUOTAS.items() if fact.value.raised_with}
    assert set(raised) == {"internet gateways per region"}
    assert all((quota.service, quota.raised_with) in codes for quota in raised.values())
