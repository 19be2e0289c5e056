"""The network that the Fargate tenants share: public and private subnets in three availability zones."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc

from config.addressing import platform_subnets
from config.naming import PlatformNaming
from constructs import Construct
from constructs.account import Account

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformNetworkProps:
    """Where the network lies.

    Attributes:
        naming: the platform's names.
        account: where it stands.
        block: the VPC's addresses, /16 to /20.
    """

    naming: PlatformNaming
    account: Account
    block: IPv4Network


class PlatformNetwork(Construct):
    """A VPC with a public and a private subnet in each of three availability zones.

    Each private subnet goes out through the NAT gateway of its own zone, so that a zone that fails takes no other's way
    out with it. Three of the five elastic IP addresses that a region gives by default are used
    (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).

    Attributes:
        vpc: the VPC.
        public_subnets: by zone letter; nothing gets a public address without asking for one.
        private_subnets: by zone letter.
        private_routes: the private subnets' route tables, by zone letter.
        way_out: what must stand while something in a private subnet calls out.
    """

    def __init__(self, scope: Construct, id: str, props: PlatformNetworkProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.vpc = Vpc(
            self,
            "vpc",
            cidr_block=str(props.block),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": props.naming.vpc},
        )
        # Without rules: whatever is put into a VPC without naming a group can talk to nobody.
        DefaultSecurityGroup(self, "default_security_group", vpc_id=self.vpc.id)
        blocks = platform_subnets(props.block)
        self.public_subnets = {zone: self._subnet("public", zone, b) for zone, b in blocks.public.items()}
        self.private_subnets = {zone: self._subnet("private", zone, b) for zone, b in blocks.private.items()}
        self.way_out: list[ITerraformDependable] = []
        internet = self._create_public_routes()
        self.private_routes = {zone: self._create_private_routes(zone, internet) for zone in blocks.private}

    def _subnet(self, tier: str, zone: str, block: IPv4Network) -> Subnet:
        return Subnet(
            self,
            f"{tier}_subnet_{zone}",
            vpc_id=self.vpc.id,
            cidr_block=str(block),
            availability_zone=f"{self._props.account.region}{zone}",
            map_public_ip_on_launch=False,
            tags={"Name": self._props.naming.subnet(tier, zone)},
        )

    def _create_public_routes(self) -> Route:
        """Create the way to the internet, and return it for others to depend on."""
        naming = self._props.naming
        gateway = InternetGateway(
            self, "internet_gateway", vpc_id=self.vpc.id, tags={"Name": naming.internet_gateway}
        )
        table = self._route_table("public_routes", naming.route_table("public"))
        for zone, subnet in self.public_subnets.items():
            self._associate(f"public_association_{zone}", subnet, table)
        route = Route(
            self,
            "public_default_route",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
        )
        self.way_out.append(route)
        return route

    def _create_private_routes(self, zone: str, internet: Route) -> RouteTable:
        name = self._props.naming.nat_gateway(zone)
        address = Eip(self, f"nat_address_{zone}", domain="vpc", tags={"Name": name}, depends_on=[internet])
        gateway = NatGateway(
            self,
            f"nat_gateway_{zone}",
            allocation_id=address.allocation_id,
            subnet_id=self.public_subnets[zone].id,
            tags={"Name": name},
            # https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/nat_gateway
            depends_on=[internet],
        )
        table = self._route_table(f"private_routes_{zone}", self._props.naming.route_table(f"private-{zone}"))
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
        return RouteTable(self, role, vpc_id=self.vpc.id, tags={"Name": name})

    def _associate(self, role: str, subnet: Subnet, table: RouteTable) -> RouteTableAssociation:
        return RouteTableAssociation(self, role, subnet_id=subnet.id, route_table_id=table.id)
