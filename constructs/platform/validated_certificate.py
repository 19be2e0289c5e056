"""A certificate of the load balancer, issued and renewed by ACM through the domain's hosted zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.route53_record import Route53Record

from constructs import Construct

RECORD_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedCertificateProps:
    """What the certificate is for.

    Attributes:
        domain: the certificate's own name.
        wildcard: whether it is for every host directly below the domain as well.
        hosted_zone_id: the public hosted zone of the domain.
        tags: of the certificate, beyond the provider's.
    """

    domain: str
    wildcard: bool
    hosted_zone_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


class ValidatedCertificate(Construct):
    """A certificate for the domain, and for `*.{domain}` or not, and the record that proves the domain to ACM.

    A host below a tenant's (`www.tenant.example.com`) is not covered: a wildcard stands for one label.

    Attributes:
        arn: known once the certificate is issued, so that a listener never gets one that is not.
    """

    def __init__(self, scope: Construct, id: str, props: ValidatedCertificateProps) -> None:
        super().__init__(scope, id)
        certificate = AcmCertificate(
            self,
            "certificate",
            domain_name=props.domain,
            subject_alternative_names=[f"*.{props.domain}"] if props.wildcard else None,
            validation_method="DNS",
            # A listener holds on to its certificate: the next one comes first.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags=dict(props.tags) or None,
        )
        # One record for both names: ACM validates a domain and its wildcard by the same one
        # (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html, read 2026-11-27).
        option = certificate.domain_validation_options.get(0)
        record = Route53Record(
            self,
            "validation_record",
            zone_id=props.hosted_zone_id,
            name=option.resource_record_name,
            type="CNAME",
            records=[option.resource_record_value],
            ttl=RECORD_SECONDS,
            # The next certificate of the same account and domain is validated by the same record.
            allow_overwrite=True,
        )
        validation = AcmCertificateValidation(
            self,
            "validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
        )
        self.arn: str = validation.certificate_arn
