"""The security group of one tenant's tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from constructs import Construct
from constructs.common.vpc import ANYWHERE, HTTP, ClosedVpc, NamedSecurityGroup, NamedSecurityGroupProps
from constructs.platform.aurora_cluster import AuroraCluster
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.private_endpoints import PrivateEndpoints
from tenancy.containers import Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSecurityGroupProps:
    """Whose tasks, and who reaches them.

    Attributes:
        name: physical name.
        vpc: where the tasks are.
        load_balancer: the only one that opens a connection to them.
        database: that they reach.
        endpoints: through which they reach AWS, and nothing else but the database and `egress`; `None` lets them reach
            anything.
        egress: what else they reach.
        tags: of the group and its rules.
    """

    name: str
    vpc: ClosedVpc
    load_balancer: LoadBalancer
    database: AuroraCluster
    endpoints: PrivateEndpoints | None
    egress: Sequence[Destination]
    tags: Mapping[str, str]


class TaskSecurityGroup(Construct):
    """In from the load balancer alone; out to what tasks need, or to anywhere. No tenant's group admits another's.

    Queries to the VPC's resolver pass, whatever the rules are: groups do not filter them
    (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html, read 2026-11-27).

    Attributes:
        resource: the group.
        ways_out: to depend on: without them no image is pulled.
    """

    def __init__(self, scope: Construct, id: str, props: TaskSecurityGroupProps) -> None:
        super().__init__(scope, id)
        self._props, tags = props, dict(props.tags)
        self.resource = NamedSecurityGroup(
            self,
            "group",
            NamedSecurityGroupProps(
                name=props.name, description="Tasks of the tenant", vpc=props.vpc, tags=tags
            ),
        )
        VpcSecurityGroupIngressRule(
            self,
            "http_from_load_balancer",
            security_group_id=self.resource.id,
            description="HTTP from the load balancer",
            ip_protocol="tcp",
            from_port=HTTP,
            to_port=HTTP,
            referenced_security_group_id=props.load_balancer.security_group.id,
            tags=tags,
        )
        self.ways_out: list[ITerraformDependable] = (
            [self._let_out_anywhere()] if props.endpoints is None else self._let_out(props.endpoints)
        )

    def _let_out_anywhere(self) -> ITerraformDependable:
        return VpcSecurityGroupEgressRule(
            self,
            "anywhere",
            security_group_id=self.resource.id,
            description="Images, AWS, the database and the internet",
            ip_protocol="-1",
            cidr_ipv4=ANYWHERE,
            tags=dict(self._props.tags),
        )

    def _let_out(self, endpoints: PrivateEndpoints) -> list[ITerraformDependable]:
        """Create a rule for each thing that the tasks reach, and return what must exist before a task does."""
        tags = self._props.tags
        return [
            endpoints.grant_reach(self, "https_to_endpoints", self.resource, tags=tags),
            endpoints.grant_reach_s3(self, "https_to_s3", self.resource, tags=tags),
            self._props.database.grant_reach(self, "postgresql", self.resource, tags=tags),
            *map(self._let_out_to, self._props.egress),
            *endpoints.resources,
        ]

    def _let_out_to(self, destination: Destination) -> ITerraformDependable:
        place = re.sub("[^a-z0-9]", "_", destination.place)
        return VpcSecurityGroupEgressRule(
            self,
            f"to_{place}_{destination.protocol}_{destination.port}",
            security_group_id=self.resource.id,
            description="What the registry lets the tenant reach",
            ip_protocol=destination.protocol,
            from_port=destination.port,
            to_port=destination.port,
            cidr_ipv4=None if destination.is_prefix_list else destination.place,
            prefix_list_id=destination.place if destination.is_prefix_list else None,
            tags=dict(self._props.tags),
        )
