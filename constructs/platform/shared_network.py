"""The network that the Fargate tenants share: public and private subnets in three availability zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet

from constructs import Construct
from constructs.common.account import Account
from constructs.common.vpc import ANYWHERE, ClosedVpc, ClosedVpcProps
from tenancy.addressing import PlatformAddresses
from tenancy.names.platform import PlatformNames


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNetworkProps:
    """Where the network lies.

    Attributes:
        names: the platform's.
        account: of the network.
        addresses: of the VPC and its subnets.
    """

    names: PlatformNames
    account: Account
    addresses: PlatformAddresses


class SharedNetwork(Construct):
    """A VPC with a public and a private subnet in each of three availability zones.

    Each private subnet goes out through the NAT gateway of its own zone, so that a zone that fails takes no other's way
    out with it. Three of the five elastic IP addresses that a region gives by default are used
    (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).

    Attributes:
        vpc: the VPC.
        public_subnets: by zone letter; nothing gets a public address without asking for one.
        private_subnets: by zone letter.
        private_routes: the private subnets' route tables, by zone letter.
        internet: the public subnets' route to the internet; what is reached from there depends on it.
        way_out: what must exist while something in a private subnet calls out.
    """

    def __init__(self, scope: Construct, id: str, props: SharedNetworkProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.vpc = ClosedVpc(self, "vpc", ClosedVpcProps(name=props.names.vpc, block=props.addresses.block))
        self.public_subnets = self._create_subnets("public", props.addresses.public)
        self.private_subnets = self._create_subnets("private", props.addresses.private)
        self.internet = self._create_public_routes()
        self.way_out: list[ITerraformDependable] = [self.internet]
        self.private_routes = {zone: self._create_private_routes(zone) for zone in self.private_subnets}

    def _create_subnets(self, tier: str, blocks: Mapping[str, IPv4Network]) -> dict[str, Subnet]:
        return {zone: self._create_subnet(tier, zone, block) for zone, block in blocks.items()}

    def _create_subnet(self, tier: str, zone: str, block: IPv4Network) -> Subnet:
        return Subnet(
            self,
            f"{tier}_subnet_{zone}",
            vpc_id=self.vpc.identifier,
            cidr_block=str(block),
            availability_zone=f"{self._props.account.region}{zone}",
            map_public_ip_on_launch=False,
            tags={"Name": self._props.names.subnet(tier, zone)},
        )

    def _create_public_routes(self) -> Route:
        """Create the route to the internet, and return it for others to depend on."""
        names = self._props.names
        gateway = InternetGateway(
            self, "internet_gateway", vpc_id=self.vpc.identifier, tags={"Name": names.internet_gateway}
        )
        table = self._route_table("public_routes", names.route_table("public"))
        for zone, subnet in self.public_subnets.items():
            self._associate(f"public_association_{zone}", subnet, table)
        return Route(
            self,
            "public_default_route",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
        )

    def _create_private_routes(self, zone: str) -> RouteTable:
        name = self._props.names.nat_gateway(zone)
        address = Eip(
            self, f"nat_address_{zone}", domain="vpc", tags={"Name": name}, depends_on=[self.internet]
        )
        gateway = NatGateway(
            self,
            f"nat_gateway_{zone}",
            allocation_id=address.allocation_id,
            subnet_id=self.public_subnets[zone].id,
            tags={"Name": name},
            # https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/nat_gateway
            depends_on=[self.internet],
        )
        table = self._route_table(f"private_routes_{zone}", self._props.names.route_table(f"private-{zone}"))
        route = Route(
            self,
            f"private_default_route_{zone}",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateway.id,
        )
        association = self._associate(f"private_association_{zone}", self.private_subnets[zone], table)
        self.way_out += [route, association]
        return table

    def _route_table(self, role: str, name: str) -> RouteTable:
        return RouteTable(self, role, vpc_id=self.vpc.identifier, tags={"Name": name})

    def _associate(self, role: str, subnet: Subnet, table: RouteTable) -> RouteTableAssociation:
        return RouteTableAssociation(self, role, subnet_id=subnet.id, route_table_id=table.id)
