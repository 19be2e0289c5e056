"""What is known of VPCs: protocols, where a resource says that it runs, and the names of endpoints' services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

NETWORKS: Final = (
    "aws_vpc",
    "aws_subnet",
    "aws_security_group",
    "aws_route_table",
    "aws_vpc_endpoint",
    "aws_internet_gateway",
    "aws_ec2_managed_prefix_list",
    "aws_eip",
    "aws_flow_log",
    "aws_nat_gateway",
    "aws_network_acl",
    "aws_vpc_peering_connection",
)
"""Types that are a part of a network, each with an ARN of its own."""

PROTOCOLS: Final[Mapping[str, str]] = {"all": "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
"""By the number, or another name, the name of a protocol; -1 is all
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html)."""

WITH_PORTS: Final = frozenset({"tcp", "udp"})
"""Protocols that have ports: for ICMP the arguments hold its type and code."""

SUBNET_ARGUMENTS: Final = frozenset({"client_subnets", "subnet_id", "subnet_ids", "subnets"})
SUBNET_GROUP_ARGUMENTS: Final = frozenset({"db_subnet_group_name"})
GROUP_ARGUMENTS: Final = frozenset(
    {"security_group", "security_group_ids", "security_groups", "vpc_security_group_ids"}
)
"""Arguments, in whichever block, that say where in a network something runs."""

PLACES_NOTHING: Final = re.compile(
    r"aws_(default_)?(security_group|subnet|route|network_acl|vpc|nat_gateway|eip|flow_log|ec2_)\w*|aws_\w+_subnet_group|module"
)
"""Types that are a network, rather than run in one."""

PUBLIC_ARGUMENTS: Final = ("assign_public_ip", "associate_public_ip_address", "publicly_accessible")
"""Arguments that give what runs an address on the internet."""

BALANCER: Final = "aws_lb"

DATABASES: Final = ("aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster")
"""Types that hold data of whoever shares them, and that may have an address on the internet."""

ENDPOINT_SERVICE: Final = re.compile(r"(?:cn\.)?com\.amazonaws\.[a-z]{2}(?:-[a-z0-9]+)+\.([a-z0-9.-]+)")
"""The name of a service's endpoint (https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html)."""

BEHIND_ENDPOINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "autoscaling": (),
    "ec2messages": (),
    "elasticloadbalancing": (),
    "monitoring": (),
    "ssmmessages": (),
    "states": (),
    "sync-states": (),
    "sts": ("sts",),
    "xray": (),
}
"""By the last part of an endpoint's name: the services behind it, where they are not what it begins with."""
