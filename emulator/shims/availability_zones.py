"""A subnet in a zone that the account does not have is refused, and the account's own zones are listed.

MiniStack has the zones a, b and c in every region and creates subnets in any zone. The account of this local AWS sees
the zones that most accounts see (https://github.com/aws-cloudformation/cfn-lint/pull/1447), and in us-west-1 b and c.

AWS: EC2 API reference, `CreateSubnet` and `DescribeAvailabilityZones`; the error is as AWS gave it in
https://github.com/cloudfoundry/bosh-bootloader/issues/162.
"""

from typing import Any

from emulator.shims._patching import part, service, wrap_action

ZONES = {
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
    "us-east-1": "abcdef",
    "us-west-1": "bc",
    "us-west-2": "abcd",
}
USUAL = "abc"


def apply() -> None:
    """Look at the zone of a new subnet, and list the zones."""
    ec2 = service("services.ec2")
    value, error, region, xml = (part(ec2, name) for name in ("_p", "_error", "get_region", "_xml"))
    zone_id = part(ec2, "_az_id_for_zone_name")

    def zones() -> list[str]:
        return [f"{region()}{letter}" for letter in ZONES.get(region(), USUAL)]

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        wanted, known = value(request, "AvailabilityZone"), zones()
        if wanted and wanted not in known:
            text = (
                f"Value ({wanted}) for parameter availabilityZone is invalid. Subnets can currently only be created in "
                f"the following availability zones: {', '.join(known)}."
            )
            return error("InvalidParameterValue", text, 400)
        if not wanted and not value(request, "AvailabilityZoneId"):
            request = {**request, "AvailabilityZone": [known[0]]}
        return original(request)

    def describe(_original: Any, _request: Any) -> Any:  # noqa: ANN401
        items = "".join(
            f"<item><zoneName>{name}</zoneName><zoneState>available</zoneState><regionName>{region()}</regionName>"
            f"<zoneId>{zone_id(name)}</zoneId><groupName>{region()}-zg-1</groupName>"
            f"<networkBorderGroup>{region()}</networkBorderGroup><optInStatus>opt-in-not-required</optInStatus>"
            "<zoneType>availability-zone</zoneType></item>"
            for name in zones()
        )
        return xml(
            200, "DescribeAvailabilityZonesResponse", f"<availabilityZoneInfo>{items}</availabilityZoneInfo>"
        )

    wrap_action(ec2, "_ACTION_MAP", "CreateSubnet", create)
    wrap_action(ec2, "_ACTION_MAP", "DescribeAvailabilityZones", describe)
