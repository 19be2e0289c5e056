"""The certificate authorities of Amazon RDS in one region, which clients of a database there check its certificate by.

They come from the locked npm package that `make setup` packs for the database's function, and from nowhere else. AWS
publishes them at https://truststore.pki.rds.amazonaws.com
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html).
"""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import Final

from bundling.function_package import VENDORED, PackageError

BUNDLE: Final = VENDORED / "database_provisioner" / "rds-authorities.pem"
_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n(?P<body>[^-]+)-----END CERTIFICATE-----\n")


@cache
def region_authorities(region: str) -> str:
    """Return the authorities of `region` in PEM, in the order of the bundle: three, of about 1.5 KB each.

    Raises:
        PackageError: the bundle is not there, or knows no authority of `region`.
    """
    if not BUNDLE.is_file():
        raise PackageError(
            "build/lambda/database_provisioner/rds-authorities.pem: received no such file, expected the authorities of "
            "Amazon RDS; run `make setup`"
        )
    # An authority's name is text in its DER, as `Amazon RDS eu-west-1 Root CA RSA2048 G1`.
    name = f"Amazon RDS {region} Root CA ".encode()
    found = [
        certificate[0]
        for certificate in _CERTIFICATE.finditer(BUNDLE.read_text(encoding="ascii"))
        if name in base64.b64decode(certificate["body"])
    ]
    if not found:
        raise PackageError(
            f"rds-authorities.pem: received no authority of {region}, expected those of the database's region"
        )
    return "".join(found)
