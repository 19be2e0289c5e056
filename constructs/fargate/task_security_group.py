"""The security group of one tenant's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from constructs import Construct
from constructs.common.vpc import ANYWHERE, HTTP, ClosedVpc, NamedSecurityGroup, NamedSecurityGroupProps
from constructs.platform.load_balancer import LoadBalancer


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSecurityGroupProps:
    """Whose tasks, and who reaches them.

    Attributes:
        name: physical name.
        vpc: where the tasks are.
        load_balancer: the only one that opens a connection to them.
        tags: of the group and its rules.
    """

    name: str
    vpc: ClosedVpc
    load_balancer: LoadBalancer
    tags: Mapping[str, str]


class TaskSecurityGroup(Construct):
    """In from the load balancer alone, out to anywhere: no tenant's group admits another's.

    Attributes:
        resource: the group.
    """

    def __init__(self, scope: Construct, id: str, props: TaskSecurityGroupProps) -> None:
        super().__init__(scope, id)
        tags = dict(props.tags)
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
        VpcSecurityGroupEgressRule(
            self,
            "anywhere",
            security_group_id=self.resource.id,
            description="Images, AWS, the database and the internet",
            ip_protocol="-1",
            cidr_ipv4=ANYWHERE,
            tags=tags,
        )
