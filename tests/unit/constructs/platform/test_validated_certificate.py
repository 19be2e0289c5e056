"""The issued certificate: for the domain and its hosts, validated before anybody uses it."""

from __future__ import annotations

from functools import cache

from constructs.platform.validated_certificate import ValidatedCertificate, ValidatedCertificateProps
from tests.construct import Surroundings, alone
from tests.synthesis import ZONE, StackDocument

TAGS = {"tenant_id": "acme-corp"}


@cache
def certificate(*, wildcard: bool = True) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = ValidatedCertificateProps(
            domain="example.org", wildcard=wildcard, hosted_zone_id=ZONE, tags={} if wildcard else TAGS
        )
        around.output("arn", ValidatedCertificate(around.stack, "certificate", props).arn)

    return alone(build)


def test_it_is_for_the_domain_and_the_hosts_below_it() -> None:
    assert certificate().one("aws_acm_certificate") == {
        "domain_name": "example.org",
        "subject_alternative_names": ["*.example.org"],
        "validation_method": "DNS",
        "lifecycle": {"create_before_destroy": True},
    }


def test_a_tenants_own_host_has_no_hosts_below_it_and_the_certificate_is_the_tenants() -> None:
    assert certificate(wildcard=False).one("aws_acm_certificate") == {
        "domain_name": "example.org",
        "validation_method": "DNS",
        "lifecycle": {"create_before_destroy": True},
        "tags": TAGS,
    }


def test_one_record_of_the_zone_validates_both_names() -> None:
    stack = certificate()
    option = f"${{tolist({stack.address('aws_acm_certificate')}.domain_validation_options).0.resource_record_"
    assert stack.one("aws_route53_record") == {
        "zone_id": ZONE,
        "name": f"{option}name}}",
        "type": "CNAME",
        "records": [f"{option}value}}"],
        "ttl": 300,
        "allow_overwrite": True,
    }


def test_who_uses_it_waits_until_it_is_issued() -> None:
    stack = certificate()
    assert stack.one("aws_acm_certificate_validation") == {
        "certificate_arn": stack.reference("aws_acm_certificate"),
        "validation_record_fqdns": [stack.reference("aws_route53_record", attribute="fqdn")],
    }
    validated = stack.reference("aws_acm_certificate_validation", attribute="certificate_arn")
    assert stack.document["output"]["arn"]["value"] == validated
