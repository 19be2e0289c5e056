"""The network of a root of a tenant."""

from emulator.server import REGION
from tests.emulator.roots.writing import Block, allow, policy, trust


def network(cidr: str = "10.1.0.0/16") -> dict[str, Block]:
    """A tenant's network: subnets, routes, endpoints, flow logs, a closed default group."""
    first, second = (cidr.replace(".0.0/16", f".{i}.0/24") for i in (0, 1))
    return {
        "aws_vpc.main": {"cidr_block": cidr, "enable_dns_hostnames": True, "enable_dns_support": True},
        "aws_default_security_group.closed": {"vpc_id": "${aws_vpc.main.id}"},
        "aws_subnet.a": {
            "vpc_id": "${aws_vpc.main.id}",
            "cidr_block": first,
            "availability_zone": f"{REGION}a",
            "map_public_ip_on_launch": False,
        },
        "aws_subnet.b": {
            "vpc_id": "${aws_vpc.main.id}",
            "cidr_block": second,
            "availability_zone": f"{REGION}b",
            "map_public_ip_on_launch": False,
        },
        "aws_route_table.private": {"vpc_id": "${aws_vpc.main.id}"},
        "aws_route_table_association.a": {
            "subnet_id": "${aws_subnet.a.id}",
            "route_table_id": "${aws_route_table.private.id}",
        },
        "aws_vpc_endpoint.s3": {
            "vpc_id": "${aws_vpc.main.id}",
            "service_name": f"com.amazonaws.{REGION}.s3",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": ["${aws_route_table.private.id}"],
            "policy": policy(allow("s3:*", "arn:aws:s3:::mine/*", Principal="*")),
        },
        "aws_vpc_endpoint.dynamodb": {
            "vpc_id": "${aws_vpc.main.id}",
            "service_name": f"com.amazonaws.{REGION}.dynamodb",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": ["${aws_route_table.private.id}"],
        },
        "aws_vpc_endpoint.kms": {
            "vpc_id": "${aws_vpc.main.id}",
            "service_name": f"com.amazonaws.{REGION}.kms",
            "vpc_endpoint_type": "Interface",
            "subnet_ids": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
            "security_group_ids": ["${aws_security_group.functions.id}"],
            "private_dns_enabled": True,
        },
        "aws_security_group.functions": {
            "name": "functions",
            "description": "f",
            "vpc_id": "${aws_vpc.main.id}",
        },
        "aws_vpc_security_group_ingress_rule.https": {
            "security_group_id": "${aws_security_group.functions.id}",
            "cidr_ipv4": cidr,
            "from_port": 443,
            "to_port": 443,
            "ip_protocol": "tcp",
        },
        "aws_vpc_security_group_egress_rule.s3": {
            "security_group_id": "${aws_security_group.functions.id}",
            "prefix_list_id": "${aws_vpc_endpoint.s3.prefix_list_id}",
            "from_port": 443,
            "to_port": 443,
            "ip_protocol": "tcp",
        },
        "aws_flow_log.vpc": {
            "vpc_id": "${aws_vpc.main.id}",
            "traffic_type": "ALL",
            "log_destination": "${aws_cloudwatch_log_group.flow.arn}",
            "iam_role_arn": "${aws_iam_role.flow.arn}",
            "max_aggregation_interval": 60,
        },
        "aws_cloudwatch_log_group.flow": {"name": "/vpc/flow", "retention_in_days": 30},
        "aws_iam_role.flow": {
            "name": "flow",
            "assume_role_policy": trust("vpc-flow-logs.amazonaws.com"),
        },
    }
