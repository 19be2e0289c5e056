"""The shapes of the arguments that are read: a value of another shape is refused, as Terraform refuses it.

https://developer.hashicorp.com/terraform/language/syntax/json. `TEXT` and `NUMBER` follow Terraform's conversions: a
number may be written as a text and the other way round. `null` is an argument that is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Shape = Literal["text", "texts", "number", "boolean", "block", "map", "address", "addresses"]

SHAPES: Final[Mapping[str, Shape]] = {
    **dict.fromkeys(
        (
            "access_log_settings",
            "dead_letter_config",
            "default_tags",
            "egress",
            "ingress",
            "inline_policy",
            "jwt_configuration",
            "lifecycle",
            "network_configuration",
            "replica",
            "route",
            "vpc_config",
        ),
        "block",
    ),
    **dict.fromkeys(
        (
            "audience",
            "cidr_blocks",
            "depends_on",
            "identity_sources",
            "ipv6_cidr_blocks",
            "managed_policy_arns",
            "operations",
            "prefix_list_ids",
            "route_table_ids",
            "security_group_ids",
            "security_groups",
            "subnet_ids",
            "subnets",
            "vpc_security_group_ids",
        ),
        "texts",
    ),
    **dict.fromkeys(
        (
            "acl",
            "action",
            "arn",
            "assume_role_policy",
            "authorization_type",
            "authorizer_id",
            "bucket",
            "cluster",
            "event_bus_name",
            "event_pattern",
            "execution_role_arn",
            "function_name",
            "gateway_id",
            "grantee_principal",
            "ip_protocol",
            "issuer",
            "key_id",
            "name",
            "name_prefix",
            "path",
            "peer_vpc_id",
            "permissions_boundary",
            "policy",
            "policy_arn",
            "policy_document",
            "prefix_list_id",
            "principal",
            "principal_org_id",
            "protocol",
            "queue_url",
            "referenced_security_group_id",
            "repository",
            "resource_arn",
            "role",
            "role_arn",
            "route_table_id",
            "secret_arn",
            "security_group_id",
            "service_name",
            "source_account",
            "source_arn",
            "source_security_group_id",
            "target_key_id",
            "task_definition",
            "task_role_arn",
            "type",
            "vpc_id",
            "vpc_peering_connection_id",
        ),
        "text",
    ),
    **dict.fromkeys(("from_port", "to_port"), "number"),
    **dict.fromkeys(
        ("assign_public_ip", "manage_master_user_password", "map_public_ip_on_launch", "self"), "boolean"
    ),
    **dict.fromkeys(("cidr_block", "cidr_ipv4", "destination_cidr_block"), "address"),
    "cidr_blocks": "addresses",
    "tags": "map",
}
"""By the name of an argument of a type that is read, and of the blocks in it that are read."""

SHAPES_OF: Final[Mapping[tuple[str, str], Shape]] = {
    ("aws_lb_listener_rule", "action"): "block",
}
"""By type and argument: shapes that differ from what the same name means elsewhere."""
