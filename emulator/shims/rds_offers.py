"""RDS lists the classes that Aurora PostgreSQL can be ordered on, and its certificate authorities.

MiniStack lists ten classes for every engine, none of which is db.r6g or db.t4g, and knows no certificate authority.

AWS: RDS API reference, `DescribeOrderableDBInstanceOptions` and `DescribeCertificates`
(https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeCertificates.html). Classes and authorities are
those of `facts/`: a test changes the fact to see a difference.
"""

from __future__ import annotations

from typing import Any

from emulator.shims._patching import part, service, wrap_action
from facts.authorities import AUTHORITIES
from facts.engines import ENGINE
from facts.instance_classes import INSTANCE_CLASSES

VALID_TILL = "2061-05-25T23:59:59Z"


def apply() -> None:
    """Add the classes and the authorities."""
    rds = service("services.rds")
    xml, value = part(rds, "_xml"), part(rds, "_p")
    actions: dict[str, Any] = part(rds, "_ACTION_MAP")
    region = part(service("core.responses"), "get_region")

    def offer(original: Any, request: Any) -> Any:  # noqa: ANN401
        answer = original(request)
        wanted, version = value(request, "DBInstanceClass"), value(request, "EngineVersion")
        if value(request, "Engine") != ENGINE or answer[0] != 200:  # noqa: PLR2004
            return answer
        members = "".join(
            _option(name, version, region())
            for name, fact in INSTANCE_CLASSES.items()
            if wanted in {"", None, name} and (not version or version.split(".")[0] in fact.value.majors)
        )
        return xml(
            200, *_wrapped("DescribeOrderableDBInstanceOptions", "OrderableDBInstanceOptions", members)
        )

    def certificates(_request: Any) -> Any:  # noqa: ANN401
        members = "".join(
            f"<Certificate><CertificateIdentifier>{name}</CertificateIdentifier>"
            f"<CertificateType>CA</CertificateType><ValidTill>{VALID_TILL}</ValidTill></Certificate>"
            for name in sorted(AUTHORITIES.value)
        )
        return xml(200, *_wrapped("DescribeCertificates", "Certificates", members))

    wrap_action(rds, "_ACTION_MAP", "DescribeOrderableDBInstanceOptions", offer)
    actions.setdefault("DescribeCertificates", certificates)


def _wrapped(action: str, field: str, members: str) -> tuple[str, str]:
    """Return the response's name and what is in it."""
    return f"{action}Response", f"<{action}Result><{field}>{members}</{field}></{action}Result>"


def _option(name: str, version: str, region: str) -> str:
    zones = "".join(f"<AvailabilityZone><Name>{region}{letter}</Name></AvailabilityZone>" for letter in "ab")
    return (
        f"<OrderableDBInstanceOption><Engine>{ENGINE}</Engine><EngineVersion>{version}</EngineVersion>"
        f"<DBInstanceClass>{name}</DBInstanceClass><AvailabilityZones>{zones}</AvailabilityZones>"
        "<Vpc>true</Vpc><SupportsStorageEncryption>true</SupportsStorageEncryption>"
        "<StorageType>aurora</StorageType></OrderableDBInstanceOption>"
    )
