"""The network of one tenant: a VPC with no way out but its endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from config.registry.tenants import InterfaceEndpoint
from constructs import Construct
from constructs.common.account import Account
from constructs.common.vpc import (
    HTTPS,
    ClosedVpc,
    ClosedVpcProps,
    NamedSecurityGroup,
    NamedSecurityGroupProps,
)
from policies.conditions import of_account, principal_tagged
from policies.grantee import PolicyDraft
from policies.statements import EVERYONE, Statement, policy_document
from tenancy.addressing import SiloAddresses
from tenancy.names.silo import SiloNames
from tenancy.owner import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloNetworkProps:
    """Where the network lies and what it reaches.

    Attributes:
        owner: the tenant.
        account: of the network.
        addresses: of the VPC and its subnets.
        interface_endpoints: AWS services reached through an address in the subnets.
    """

    owner: Owner[SiloNames]
    account: Account
    addresses: SiloAddresses
    interface_endpoints: tuple[InterfaceEndpoint, ...]


class SiloNetwork(Construct):
    """A VPC with two private subnets in two availability zones; nothing routes to the internet.

    S3 and DynamoDB are reached through gateway endpoints, which cost nothing and admit the tenant's own bucket and
    table alone.

    Attributes:
        vpc: the VPC.
        subnets: the private subnets, by zone letter.
        security_group: of the functions and the interface endpoints.
    """

    def __init__(self, scope: Construct, id: str, props: SiloNetworkProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self._names = props.owner.names
        self.vpc = ClosedVpc(self, "vpc", ClosedVpcProps(name=self._names.vpc, block=props.addresses.block))
        self.subnets = self._create_subnets()
        self._routes = self._create_routes()
        self.security_group = self._create_security_group()
        self._create_interface_endpoints()

    def create_gateway(self, service: str, admitted: PolicyDraft) -> VpcEndpoint:
        """Create the gateway to `service` (`s3` or `dynamodb`) for what is `admitted` and nothing else.

        The functions may open connections to that service's public addresses from then on.
        """
        endpoint = VpcEndpoint(
            self,
            f"{service}_endpoint",
            vpc_id=self.vpc.identifier,
            service_name=self._service_name(service),
            vpc_endpoint_type="Gateway",
            route_table_ids=[self._routes.id],
            policy=policy_document(admitted.statements),
            tags={"Name": self._names.endpoint(service)},
        )
        VpcSecurityGroupEgressRule(
            self,
            f"https_to_{service}",
            security_group_id=self.security_group.id,
            description=f"HTTPS to {service} through its gateway endpoint",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            prefix_list_id=endpoint.prefix_list_id,
        )
        return endpoint

    def _create_subnets(self) -> dict[str, Subnet]:
        return {
            zone: Subnet(
                self,
                f"private_subnet_{zone}",
                vpc_id=self.vpc.identifier,
                cidr_block=str(block),
                availability_zone=f"{self._props.account.region}{zone}",
                map_public_ip_on_launch=False,
                tags={"Name": self._names.subnet(index)},
            )
            for index, (zone, block) in enumerate(self._props.addresses.private.items())
        }

    def _create_routes(self) -> RouteTable:
        """Create a route table with no route but the VPC's own; the gateways join it."""
        table = RouteTable(
            self, "private_routes", vpc_id=self.vpc.identifier, tags={"Name": self._names.route_table}
        )
        for zone, subnet in self.subnets.items():
            RouteTableAssociation(
                self, f"private_routes_{zone}", subnet_id=subnet.id, route_table_id=table.id
            )
        return table

    def _create_security_group(self) -> NamedSecurityGroup:
        group = NamedSecurityGroup(
            self,
            "security_group",
            NamedSecurityGroupProps(
                name=self._names.security_group,
                description="Functions and interface endpoints of the tenant",
                vpc=self.vpc,
            ),
        )
        for rule, direction in (
            (VpcSecurityGroupIngressRule, "from"),
            (VpcSecurityGroupEgressRule, "to"),
        ):
            rule(
                self,
                f"https_{direction}_vpc",
                security_group_id=group.id,
                description=f"HTTPS {direction} the VPC",
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                cidr_ipv4=str(self._props.addresses.block),
            )
        return group

    def _create_interface_endpoints(self) -> None:
        for service in self._props.interface_endpoints:
            VpcEndpoint(
                self,
                f"{service}_endpoint",
                vpc_id=self.vpc.identifier,
                service_name=self._service_name(service),
                vpc_endpoint_type="Interface",
                subnet_ids=[subnet.id for subnet in self.subnets.values()],
                security_group_ids=[self.security_group.id],
                private_dns_enabled=True,
                policy=policy_document([self._only_own_principals(service)]),
                tags={"Name": self._names.endpoint(service)},
            )

    def _only_own_principals(self, service: InterfaceEndpoint) -> Statement:
        """Return the statement that admits this tenant's principals of this account to `service`."""
        return Statement(
            sid="PassOwnPrincipals",
            actions=(f"{service}:*",),
            resources=("*",),
            principal=EVERYONE,
            conditions=(
                of_account(self._props.account.id),
                principal_tagged(self._props.owner.tag, self._props.owner.tenant),
            ),
        )

    def _service_name(self, service: str) -> str:
        return f"com.amazonaws.{self._props.account.region}.{service}"
