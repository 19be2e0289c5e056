"""A VPC has one internet gateway, and its subnets lie in its own address space.

MiniStack attaches a second gateway, and makes a subnet of any addresses.

AWS: VPC user guide, "Enable internet access for a VPC using an internet gateway" (one for each VPC:
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html, "you can attach only one internet gateway to a
VPC at a time"), with the error that users report ("InvalidParameterValue: Network vpc-... already has an internet
gateway attached", https://github.com/binlab/terraform-aws-vault-ha-raft/issues/54, read 2026-11-28). EC2 API reference,
`CreateSubnet` ("The CIDR block ... must be a subset of the CIDR block of the VPC" in "Subnet CIDR blocks",
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html) and "Error codes", `InvalidSubnet.Range`
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
"""

import ipaddress
from typing import Any

from emulator.shims._patching import part, service, wrap_action


def apply() -> None:
    """Look at the VPC before a gateway is attached to it and before it gets a subnet."""
    ec2 = service("services.ec2")
    gateways, vpcs = part(ec2, "_internet_gateways"), part(ec2, "_vpcs")
    value, error = part(ec2, "_p"), part(ec2, "_error")

    def attach(original: Any, request: Any) -> Any:  # noqa: ANN401
        vpc, wanted = value(request, "VpcId"), value(request, "InternetGatewayId")
        for id_, gateway in gateways.items():
            if id_ != wanted and vpc in {one["VpcId"] for one in gateway.get("Attachments") or ()}:
                text = f"Network {vpc} already has an internet gateway attached"
                return error("InvalidParameterValue", text, 400)
        return original(request)

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        vpc, wanted = vpcs.get(value(request, "VpcId")), value(request, "CidrBlock")
        if vpc and wanted:
            associated = [one.get("CidrBlock") for one in vpc.get("CidrBlockAssociationSet") or ()]
            blocks = {block for block in (vpc["CidrBlock"], *associated) if block}
            subnet = ipaddress.IPv4Network(wanted, strict=False)
            if not any(subnet.subnet_of(ipaddress.IPv4Network(block, strict=False)) for block in blocks):
                return error("InvalidSubnet.Range", f"The CIDR '{wanted}' is invalid.", 400)
        return original(request)

    wrap_action(ec2, "_ACTION_MAP", "AttachInternetGateway", attach)
    wrap_action(ec2, "_ACTION_MAP", "CreateSubnet", create)
