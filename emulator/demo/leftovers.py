"""What is left of a stack that could not be destroyed, and what holds it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator import server


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A resource in a VPC, which keeps the VPC from being deleted.

    Attributes:
        kind: What it is: `subnet`.
        id: Its id.
        detail: What else helps to recognize it: its CIDR block, its name.
    """

    kind: str
    id: str
    detail: str = ""

    def __str__(self) -> str:
        """One phrase."""
        return f"{self.kind} {self.id}" + (f" ({self.detail})" if self.detail else "")


def holders(endpoint: str, vpc: str) -> list[Holder]:
    """List what is in a VPC, but for what AWS makes and deletes with it."""
    ec2 = server.client(endpoint, "ec2")
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    questions: list[tuple[str, Callable[[], Any], str, str, str]] = [
        ("subnet", lambda: ec2.describe_subnets(Filters=here), "Subnets", "SubnetId", "CidrBlock"),
        (
            "security group",
            lambda: ec2.describe_security_groups(Filters=here),
            "SecurityGroups",
            "GroupId",
            "GroupName",
        ),
        (
            "network interface",
            lambda: ec2.describe_network_interfaces(Filters=here),
            "NetworkInterfaces",
            "NetworkInterfaceId",
            "Description",
        ),
        (
            "internet gateway",
            lambda: ec2.describe_internet_gateways(Filters=attached),
            "InternetGateways",
            "InternetGatewayId",
            "",
        ),
        ("NAT gateway", lambda: ec2.describe_nat_gateways(Filters=here), "NatGateways", "NatGatewayId", ""),
        (
            "VPC endpoint",
            lambda: ec2.describe_vpc_endpoints(Filters=here),
            "VpcEndpoints",
            "VpcEndpointId",
            "ServiceName",
        ),
    ]
    return [
        Holder(kind=kind, id=item[key], detail=item.get(detail, ""))
        for kind, ask, field, key, detail in questions
        for item in ask()[field]
        if not _goes_with_its_vpc(kind, item)
    ]


def ids_in(states: Iterable[Mapping[str, Any]], *, kind: str = "") -> Iterator[str]:
    """List the ids of the managed resources in some states.

    Args:
        states: Terraform's state files, read.
        kind: A Terraform type, to list the ids of its resources only.
    """
    for state in states:
        for resource in state.get("resources", []):
            if resource["mode"] == "managed" and kind in {"", resource["type"]}:
                for instance in resource["instances"]:
                    yield str(instance["attributes"].get("id"))


def addresses_in(state: Mapping[str, Any]) -> list[str]:
    """List the addresses of the managed resources in a state."""
    resources = state.get("resources", [])
    return sorted(f"{item['type']}.{item['name']}" for item in resources if item["mode"] == "managed")


def _goes_with_its_vpc(kind: str, item: Mapping[str, Any]) -> bool:
    deleted = item.get("State") in {"deleted", "deleting"}
    return deleted or (kind == "security group" and item["GroupName"] == "default")
