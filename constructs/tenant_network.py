"""The network of one tenant: a VPC with no way out but its endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from config.addressing import silo_subnets
from config.naming import TenantNaming
from config.registry import InterfaceEndpoint
from constructs import Construct
from constructs.account import Account
from constructs.policy import EVERYONE, Condition, Statement, policy_document

HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantNetworkProps:
    """Where the network lies and what it reaches.

    Attributes:
        naming: the tenant's names.
        account: where it stands.
        block: the VPC's addresses, /16 to /22.
        interface_endpoints: AWS services reached through an address in the subnets.
    """

    naming: TenantNaming
    account: Account
    block: IPv4Network
    interface_endpoints: tuple[InterfaceEndpoint, ...]


class TenantNetwork(Construct):
    """A VPC with two private subnets in two availability zones; nothing routes to the internet.

    S3 and DynamoDB are reached through gateway endpoints, which cost nothing; `admit_through` narrows them to the
    tenant's own bucket and table.

    Attributes:
        vpc: the VPC.
        subnets: the private subnets, by zone letter.
        security_group: of the functions and the interface endpoints.
    """

    def __init__(self, scope: Construct, id: str, props: TenantNetworkProps) -> None:
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
        # Read once: each read is a message to the engine's process and back.
        self._vpc_id = self.vpc.id
        # Without rules: whatever is put into a VPC without naming a group can talk to nobody.
        DefaultSecurityGroup(self, "default_security_group", vpc_id=self._vpc_id)
        self.subnets = self._create_subnets()
        self._routes = self._create_routes()
        self.security_group = self._create_security_group()
        self._create_interface_endpoints()

    def admit_through(self, service: str, statements: list[Statement]) -> VpcEndpoint:
        """Open the gateway to `service` (`s3` or `dynamodb`) for `statements` and nothing else.

        The functions may open connections to that service's public addresses from then on.
        """
        endpoint = VpcEndpoint(
            self,
            f"{service}_endpoint",
            vpc_id=self._vpc_id,
            service_name=self._service_name(service),
            vpc_endpoint_type="Gateway",
            route_table_ids=[self._routes.id],
            policy=policy_document(statements),
            tags={"Name": self._props.naming.endpoint(service)},
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
        blocks = silo_subnets(self._props.block)
        return {
            zone: Subnet(
                self,
                f"private_subnet_{zone}",
                vpc_id=self._vpc_id,
                cidr_block=str(block),
                availability_zone=f"{self._props.account.region}{zone}",
                map_public_ip_on_launch=False,
                tags={"Name": self._props.naming.subnet(index)},
            )
            for index, (zone, block) in enumerate(blocks.items())
        }

    def _create_routes(self) -> RouteTable:
        """Create a route table that knows the VPC alone, and the gateways that join it."""
        table = RouteTable(
            self, "private_routes", vpc_id=self._vpc_id, tags={"Name": self._props.naming.route_table}
        )
        for zone, subnet in self.subnets.items():
            RouteTableAssociation(
                self, f"private_routes_{zone}", subnet_id=subnet.id, route_table_id=table.id
            )
        return table

    def _create_security_group(self) -> SecurityGroup:
        group = SecurityGroup(
            self,
            "security_group",
            name=self._props.naming.security_group,
            description="Functions and interface endpoints of the tenant",
            vpc_id=self._vpc_id,
            tags={"Name": self._props.naming.security_group},
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
                cidr_ipv4=str(self._props.block),
            )
        return group

    def _create_interface_endpoints(self) -> None:
        for service in self._props.interface_endpoints:
            VpcEndpoint(
                self,
                f"{service}_endpoint",
                vpc_id=self._vpc_id,
                service_name=self._service_name(service),
                vpc_endpoint_type="Interface",
                subnet_ids=[subnet.id for subnet in self.subnets.values()],
                security_group_ids=[self.security_group.id],
                private_dns_enabled=True,
                policy=policy_document([self._only_own_principals(service)]),
                tags={"Name": self._props.naming.endpoint(service)},
            )

    def _only_own_principals(self, service: InterfaceEndpoint) -> Statement:
        """Return the statement that admits this tenant's principals of this account to `service`."""
        return Statement(
            sid="OwnPrincipals",
            actions=(f"{service}:*",),
            resources=("*",),
            principal=EVERYONE,
            conditions=(
                Condition(
                    operator="StringEquals",
                    key="aws:PrincipalAccount",
                    values=(self._props.account.id,),
                ),
                Condition(
                    operator="StringEquals",
                    key="aws:PrincipalTag/TenantId",
                    values=(self._props.naming.tenant,),
                ),
            ),
        )

    def _service_name(self, service: str) -> str:
        return f"com.amazonaws.{self._props.account.region}.{service}"
