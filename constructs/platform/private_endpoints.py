"""VPC endpoints of the shared network: AWS's own services without the internet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from constructs import Construct
from constructs.common.account import Account
from constructs.common.vpc import HTTPS, NamedSecurityGroup, NamedSecurityGroupProps
from constructs.platform.shared_network import SharedNetwork
from policies.conditions import of_account
from policies.statements import EVERYONE, Condition, Statement, policy_document
from tenancy.names.platform import PlatformNames

GATEWAYS: Final = ("dynamodb", "s3")
INTERFACES: Final = ("ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager")
TRACES: Final = "xray"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEndpointsProps:
    """Which network they serve.

    Attributes:
        names: the platform's.
        account: whose principals and resources they admit.
        network: that they are in, and that reaches them.
        block: the network's addresses.
        other_registries: whether images come from registries other than ECR.
        traces: whether tasks send traces.
    """

    names: PlatformNames
    account: Account
    network: SharedNetwork
    block: IPv4Network
    other_registries: bool
    traces: bool


class PrivateEndpoints(Construct):
    """Endpoints for what tasks and functions call, for this account's principals and resources alone.

    The exception is what others publish in S3. Layers of ECR's images lie in a bucket of AWS's own
    (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms). Public registries
    keep theirs in buckets of their own, and hand out URLs that their own principals signed; a bucket of this region is
    reached through the gateway, whose refusal would end each pull with 403
    (https://github.com/docker/hub-feedback/issues/1318). So where images come from such registries, objects of other
    accounts can be read, by whoever has such a URL, and never written.

    What calls which: the agent that starts tasks `ecr.api`, `ecr.dkr`, `s3`, `secretsmanager` and `logs`; tasks `s3`,
    and `xray` where they send traces; the database provisioner `secretsmanager`. Functions' traces are sent by Lambda
    itself. Nobody calls `kms` and `dynamodb` yet: they are the platform's contract (docs/decisions/0027).

    Attributes:
        resources: the endpoints, to depend on.
    """

    def __init__(self, scope: Construct, id: str, props: PrivateEndpointsProps) -> None:
        super().__init__(scope, id)
        self._props = props
        gateways = self._create_gateways()
        self._s3 = gateways["s3"]
        self._group = self._create_security_group()
        interfaces = self._create_interfaces()
        self.resources: list[ITerraformDependable] = [*gateways.values(), *interfaces]

    def grant_reach(
        self, scope: Construct, id: str, group: SecurityGroup, *, tags: Mapping[str, str] | None = None
    ) -> VpcSecurityGroupEgressRule:
        """Let `group` reach the interface endpoints, by a rule of its own that belongs to `scope`."""
        return VpcSecurityGroupEgressRule(
            scope,
            id,
            security_group_id=group.id,
            description="HTTPS to AWS through the interface endpoints",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            referenced_security_group_id=self._group.id,
            tags=dict(tags) if tags else None,
        )

    def grant_reach_s3(
        self, scope: Construct, id: str, group: SecurityGroup, *, tags: Mapping[str, str] | None = None
    ) -> VpcSecurityGroupEgressRule:
        """Let `group` reach S3 through its gateway, by a rule of its own that belongs to `scope`."""
        return VpcSecurityGroupEgressRule(
            scope,
            id,
            security_group_id=group.id,
            description="HTTPS to s3 through its gateway endpoint",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            prefix_list_id=self._s3.prefix_list_id,
            tags=dict(tags) if tags else None,
        )

    def _create_gateways(self) -> dict[str, VpcEndpoint]:
        network = self._props.network
        return {
            service: VpcEndpoint(
                self,
                f"{service}_endpoint",
                vpc_id=network.vpc.identifier,
                service_name=self._service_name(service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in network.private_routes.values()],
                policy=policy_document(self._policy_statements(service)),
                tags={"Name": self._props.names.endpoint(service)},
            )
            for service in GATEWAYS
        }

    def _create_interfaces(self) -> list[VpcEndpoint]:
        network = self._props.network
        return [
            VpcEndpoint(
                self,
                f"{service.replace('.', '_')}_endpoint",
                vpc_id=network.vpc.identifier,
                service_name=self._service_name(service),
                vpc_endpoint_type="Interface",
                subnet_ids=[subnet.id for subnet in network.private_subnets.values()],
                security_group_ids=[self._group.id],
                private_dns_enabled=True,
                policy=policy_document(self._policy_statements(service)),
                tags={"Name": self._props.names.endpoint(service)},
            )
            for service in (*INTERFACES, *([TRACES] if self._props.traces else []))
        ]

    def _create_security_group(self) -> NamedSecurityGroup:
        group = NamedSecurityGroup(
            self,
            "security_group",
            NamedSecurityGroupProps(
                name=self._props.names.endpoints_security_group,
                description="Interface endpoints of the platform",
                vpc=self._props.network.vpc,
            ),
        )
        VpcSecurityGroupIngressRule(
            self,
            "https_from_vpc",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4=str(self._props.block),
        )
        return group

    def _policy_statements(self, service: str) -> list[Statement]:
        account = self._props.account
        own = of_account(account.id)
        kept = Condition(operator="StringEquals", key="aws:ResourceAccount", values=(account.id,))
        statements = [
            Statement(
                sid="PassOwnAccount",
                actions=(f"{service.partition('.')[0]}:*",),
                resources=("*",),
                principal=EVERYONE,
                # An image may lie in another account's repository; data goes to this account alone. A trace is of no
                # resource, and always of the account that sends it.
                conditions=(own,) if service.startswith(("ecr.", TRACES)) else (own, kept),
            )
        ]
        if service == "s3":
            layers = f"arn:{account.partition}:s3:::prod-{account.region}-starport-layer-bucket/*"
            statements.append(
                Statement(
                    sid="PassImageLayers", actions=("s3:GetObject",), resources=(layers,), principal=EVERYONE
                )
            )
        if service == "s3" and self._props.other_registries:
            foreign = Condition(operator="StringNotEquals", key="aws:ResourceAccount", values=(account.id,))
            statements.append(
                Statement(
                    sid="ReadObjectsOfOtherAccounts",
                    actions=("s3:GetObject",),
                    resources=("*",),
                    principal=EVERYONE,
                    conditions=(foreign,),
                )
            )
        return statements

    def _service_name(self, service: str) -> str:
        return f"com.amazonaws.{self._props.account.region}.{service}"
