"""Arguments of networks and of the addresses in them.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/ is the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

_RULE: Final = "cidr_blocks from_port ipv6_cidr_blocks prefix_list_ids protocol security_groups self to_port"
"""What a rule inside a security group has."""

_OTHER_WAYS: Final = """carrier_gateway_id core_network_arn local_gateway_id network_interface_id transit_gateway_id
    vpc_endpoint_id vpc_peering_connection_id"""
"""Where a route may lead, apart from the internet."""


def _inside(block: str, arguments: str) -> str:
    return " ".join(f"{block}.{name}" for name in arguments.split())


NETWORK: Final[Mapping[str, Arguments]] = {
    "aws_default_security_group": {
        Use.PART: "vpc_id",
        Use.NAME: "egress.description ingress.description",
        Use.CHANGED: "revoke_rules_on_delete",
        Use.READ: f"{_inside('egress', _RULE)} {_inside('ingress', _RULE)}",
    },
    "aws_ec2_managed_prefix_list": {
        Use.READ: "entry.cidr",
        Use.NAME: "entry.description name",
        Use.RESTRICTED: "address_family",
        Use.SIZE: "max_entries",
    },
    "aws_ec2_managed_prefix_list_entry": {
        Use.PART: "prefix_list_id",
        Use.READ: "cidr",
        Use.NAME: "description",
    },
    "aws_eip": {
        Use.LINK: "instance network_interface",
        Use.PLACED: """address associate_with_private_ip customer_owned_ipv4_pool domain ipam_pool_id
            network_border_group public_ipv4_pool vpc""",
    },
    "aws_flow_log": {
        Use.LINK: """eni_id iam_role_arn log_destination log_group_name subnet_id transit_gateway_attachment_id
            transit_gateway_id vpc_id""",
        Use.FORMAT: """destination_options.file_format destination_options.hive_compatible_partitions
            destination_options.per_hour_partition log_destination_type log_format traffic_type""",
        Use.TIME: "max_aggregation_interval",
        Use.UNMODELLED: "deliver_cross_account_role",
    },
    "aws_internet_gateway": {Use.LINK: "vpc_id"},
    "aws_nat_gateway": {
        Use.LINK: "allocation_id secondary_allocation_ids subnet_id",
        Use.PLACED: """connectivity_type private_ip secondary_private_ip_address_count
            secondary_private_ip_addresses""",
    },
    "aws_network_acl": {
        Use.LINK: "subnet_ids vpc_id",
        Use.RESTRICTED: """egress.action egress.cidr_block egress.from_port egress.icmp_code egress.icmp_type
            egress.ipv6_cidr_block egress.protocol egress.rule_no egress.to_port ingress.action
            ingress.cidr_block ingress.from_port ingress.icmp_code ingress.icmp_type ingress.ipv6_cidr_block
            ingress.protocol ingress.rule_no ingress.to_port""",
    },
    "aws_network_acl_rule": {
        Use.PART: "network_acl_id",
        Use.RESTRICTED: """cidr_block egress from_port icmp_code icmp_type ipv6_cidr_block protocol rule_action
            rule_number to_port""",
    },
    "aws_route": {
        Use.PART: "route_table_id",
        Use.READ: f"destination_cidr_block gateway_id {_OTHER_WAYS}",
        Use.LINK: "nat_gateway_id egress_only_gateway_id",
        Use.UNMODELLED: "destination_ipv6_cidr_block destination_prefix_list_id",
    },
    "aws_route_table": {
        Use.READ: f"vpc_id route.cidr_block route.gateway_id {_inside('route', _OTHER_WAYS)}",
        Use.LINK: "route.nat_gateway_id route.egress_only_gateway_id",
        Use.UNMODELLED: "propagating_vgws route.destination_prefix_list_id route.ipv6_cidr_block",
    },
    "aws_route_table_association": {
        Use.PART: "subnet_id",
        Use.LINK: "route_table_id gateway_id",
    },
    "aws_security_group": {
        Use.READ: f"{_inside('egress', _RULE)} {_inside('ingress', _RULE)}",
        Use.LINK: "vpc_id",
        Use.NAME: "name name_prefix description egress.description ingress.description",
        Use.CHANGED: "revoke_rules_on_delete",
    },
    "aws_security_group_rule": {
        Use.PART: "security_group_id",
        Use.READ: """cidr_blocks from_port ipv6_cidr_blocks prefix_list_ids protocol self
            source_security_group_id to_port type""",
        Use.NAME: "description",
    },
    "aws_subnet": {
        Use.READ: "cidr_block map_public_ip_on_launch vpc_id",
        Use.PLACED: "availability_zone availability_zone_id private_dns_hostname_type_on_launch",
        Use.FORMAT: """enable_resource_name_dns_a_record_on_launch
            enable_resource_name_dns_aaaa_record_on_launch""",
        Use.UNMODELLED: """assign_ipv6_address_on_creation customer_owned_ipv4_pool enable_dns64
            enable_lni_at_device_index ipv6_cidr_block ipv6_native map_customer_owned_ip_on_launch outpost_arn""",
    },
    "aws_vpc": {
        Use.READ: "cidr_block",
        Use.FORMAT: "enable_dns_hostnames enable_dns_support",
        Use.PLACED: "instance_tenancy",
        Use.MEASURED: "enable_network_address_usage_metrics",
        Use.UNMODELLED: """assign_generated_ipv6_cidr_block ipv4_ipam_pool_id ipv4_netmask_length ipv6_cidr_block
            ipv6_cidr_block_network_border_group ipv6_ipam_pool_id ipv6_netmask_length""",
    },
    "aws_vpc_endpoint": {
        Use.READ: "service_name",
        Use.POLICY: "policy",
        Use.LINK: "route_table_ids security_group_ids subnet_configuration.subnet_id subnet_ids vpc_id",
        Use.FORMAT: """dns_options.dns_record_ip_type dns_options.private_dns_only_for_inbound_resolver_endpoint
            private_dns_enabled vpc_endpoint_type""",
        Use.PLACED: "ip_address_type subnet_configuration.ipv4 subnet_configuration.ipv6",
        Use.CHANGED: "auto_accept",
        Use.UNMODELLED: "resource_configuration_arn service_network_arn service_region",
    },
    "aws_vpc_endpoint_route_table_association": {
        Use.PART: "vpc_endpoint_id",
        Use.LINK: "route_table_id",
    },
    "aws_vpc_peering_connection": {
        Use.READ: "peer_vpc_id vpc_id",
        Use.FORMAT: "accepter.allow_remote_vpc_dns_resolution requester.allow_remote_vpc_dns_resolution",
        Use.PLACED: "peer_region",
        Use.CHANGED: "auto_accept",
        Use.UNMODELLED: "peer_owner_id",
    },
    "aws_vpc_security_group_egress_rule": {
        Use.PART: "security_group_id",
        Use.READ: "cidr_ipv4 cidr_ipv6 from_port ip_protocol prefix_list_id referenced_security_group_id to_port",
        Use.NAME: "description",
    },
    "aws_vpc_security_group_ingress_rule": {
        Use.PART: "security_group_id",
        Use.READ: "cidr_ipv4 cidr_ipv6 from_port ip_protocol prefix_list_id referenced_security_group_id to_port",
        Use.NAME: "description",
    },
}
"""By resource type."""
