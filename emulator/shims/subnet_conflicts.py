"""A subnet whose addresses overlap those of another subnet of its VPC is refused.

MiniStack makes it. A request that is sent again (CreateSubnet takes no client token) then leaves a second subnet that
no state knows, and that keeps its VPC from being destroyed.

AWS: EC2 API reference, `CreateSubnet` ("If you've associated more than one subnet with the VPC, their CIDR blocks must
not overlap": https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html) and "Error codes for the
Amazon EC2 API" (`InvalidSubnet.Conflict`: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
"""

import ipaddress
from typing import Any

from emulator.shims._patching import part, service, wrap_action


def apply() -> None:
    """Look at the other subnets of the VPC first."""
    ec2 = service("services.ec2")
    subnets, value, error = part(ec2, "_subnets"), part(ec2, "_p"), part(ec2, "_error")

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        wanted = value(request, "CidrBlock")
        if wanted:
            block = ipaddress.IPv4Network(wanted, strict=False)
            for subnet in subnets.values():
                if subnet["VpcId"] == value(request, "VpcId") and block.overlaps(
                    ipaddress.IPv4Network(subnet["CidrBlock"], strict=False)
                ):
                    return error(
                        "InvalidSubnet.Conflict", f"The CIDR '{wanted}' conflicts with another subnet", 400
                    )
        return original(request)

    wrap_action(ec2, "_ACTION_MAP", "CreateSubnet", create)
