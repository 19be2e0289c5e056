"""The security group of one tenant's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from constructs import Construct
from constructs.load_balancer import HTTP, LoadBalancer
from constructs.platform_network import ANYWHERE


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
    vpc: Vpc
    load_balancer: LoadBalancer
    tags: Mapping[str, str]


class TaskSecurityGroup(Construct):
    """In from the load balancer alone, out to anywhere: no tenant's group admits another's.

    Attributes:
        group: the group.
    """

    def __init__(self, scope: Construct, id: str, props: TaskSecurityGroupProps) -> None:
        super().__init__(scope, id)
        tags = dict(props.tags)
        self.group = SecurityGroup(
            self,
            "group",
            name=props.name,
            description="Tasks of the tenant",
            vpc_id=props.vpc.id,
            tags={"Name": props.name, **tags},
        )
        VpcSecurityGroupIngressRule(
            self,
            "http_from_load_balancer",
            security_group_id=self.group.id,
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
            security_group_id=self.group.id,
            description="Images, AWS, the database and the internet",
            ip_protocol="-1",
            cidr_ipv4=ANYWHERE,
            tags=tags,
        )
