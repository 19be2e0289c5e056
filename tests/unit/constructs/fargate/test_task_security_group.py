"""The security group of one tenant's tasks."""

from __future__ import annotations

from functools import cache

from constructs.fargate.task_security_group import TaskSecurityGroup, TaskSecurityGroupProps
from constructs.platform.private_endpoints import PrivateEndpoints, PrivateEndpointsProps
from tenancy.containers import Destination
from tests.construct import ADDRESSES, PLATFORM, Surroundings, alone
from tests.synthesis import StackDocument

TAGS = {"tenant_id": "acme-corp"}
EGRESS = (
    Destination(place="203.0.113.0/24", is_prefix_list=False, protocol="tcp", port=5671),
    Destination(place="pl-01234567", is_prefix_list=True, protocol="udp", port=53),
)


@cache
def tasks(*, closed: bool = False) -> StackDocument:
    def build(around: Surroundings) -> None:
        endpoints = PrivateEndpointsProps(
            names=PLATFORM,
            account=around.account,
            network=around.network,
            block=ADDRESSES.block,
            other_registries=False,
            traces=False,
        )
        props = TaskSecurityGroupProps(
            name="a-group",
            vpc=around.network.vpc,
            load_balancer=around.load_balancer,
            database=around.database,
            endpoints=PrivateEndpoints(around.stack, "endpoints", endpoints) if closed else None,
            egress=EGRESS,
            tags=TAGS,
        )
        TaskSecurityGroup(around.stack, "tasks", props)

    return alone(build)


def test_it_admits_the_load_balancer_alone_and_reaches_anything() -> None:
    stack = tasks()
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


def test_where_there_are_endpoints_it_reaches_them_the_database_and_what_is_listed() -> None:
    stack = tasks(closed=True)
    group = stack.reference("aws_security_group", "tasks", "id")

    def to(protocol: str, port: int, description: str, **place: str) -> dict[str, object]:
        ports = {"ip_protocol": protocol, "from_port": port, "to_port": port}
        return {"security_group_id": group, "description": description, **ports, **place, "tags": TAGS}

    listed = "What the registry lets the tenant reach"
    endpoints, database = (
        stack.reference("aws_security_group", role, "id") for role in ("endpoints", "database")
    )
    s3 = stack.reference("aws_vpc_endpoint", "endpoints_s3", "prefix_list_id")
    assert list(stack.all("aws_vpc_security_group_egress_rule").values())[1:] == [
        to(
            "tcp", 443, "HTTPS to AWS through the interface endpoints", referenced_security_group_id=endpoints
        ),
        to("tcp", 443, "HTTPS to s3 through its gateway endpoint", prefix_list_id=s3),
        to("tcp", 5432, "PostgreSQL to the cluster", referenced_security_group_id=database),
        to("tcp", 5671, listed, cidr_ipv4="203.0.113.0/24"),
        to("udp", 53, listed, prefix_list_id="pl-01234567"),
    ]
