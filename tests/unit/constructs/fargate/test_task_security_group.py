"""The security group of one tenant's tasks."""

from __future__ import annotations

from constructs.fargate.task_security_group import TaskSecurityGroup, TaskSecurityGroupProps
from tests.construct import Surroundings, alone

TAGS = {"tenant_id": "acme-corp"}


def test_it_admits_the_load_balancer_alone_and_reaches_anything() -> None:
    def build(around: Surroundings) -> None:
        props = TaskSecurityGroupProps(
            name="a-group", vpc=around.network.vpc, load_balancer=around.load_balancer, tags=TAGS
        )
        TaskSecurityGroup(around.stack, "tasks", props)

    stack = alone(build)
    assert stack.one("aws_security_group", "tasks") == {
        "name": "a-group",
        "description": "Tasks of the tenant",
        "vpc_id": stack.reference("aws_vpc", attribute="id"),
        "tags": {"Name": "a-group", **TAGS},
    }, "rules are resources of their own"
    group = stack.reference("aws_security_group", "tasks", "id")
    assert stack.one("aws_vpc_security_group_ingress_rule", "tasks") == {
        "security_group_id": group,
        "description": "HTTP from the load balancer",
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        "referenced_security_group_id": stack.reference("aws_security_group", "load_balancer", "id"),
        "tags": TAGS,
    }
    assert stack.one("aws_vpc_security_group_egress_rule", "tasks") == {
        "security_group_id": group,
        "description": "Images, AWS, the database and the internet",
        "ip_protocol": "-1",
        "cidr_ipv4": "0.0.0.0/0",
        "tags": TAGS,
    }
