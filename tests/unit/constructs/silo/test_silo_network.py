"""The tenant's network: private, and out through its own endpoints only."""

from __future__ import annotations

from typing import Any

from tests.synthesis import ACCOUNT, SynthesizedStack, silo

TENANT_TAG = {"aws:PrincipalTag/TenantId": ["acme-corp"], "aws:PrincipalAccount": [ACCOUNT]}


def rules(stack: SynthesizedStack) -> list[tuple[str, dict[str, Any]]]:
    return [
        (direction, rule)
        for direction in ("ingress", "egress")
        for rule in stack.all(f"aws_vpc_security_group_{direction}_rule").values()
    ]


def test_the_vpc_has_the_registrys_block_and_names() -> None:
    vpc = silo(cidr="172.16.4.0/22").one("aws_vpc")
    assert vpc["cidr_block"] == "172.16.4.0/22"
    assert vpc["enable_dns_support"] is vpc["enable_dns_hostnames"] is True
    assert vpc["tags"] == {"Name": "tenant-acme-corp-vpc-test"}


def test_two_private_subnets_in_two_zones() -> None:
    subnets = silo(AWS_REGION="eu-west-1").all("aws_subnet").values()
    assert [
        (s["availability_zone"], s["cidr_block"], s["map_public_ip_on_launch"], s["tags"]["Name"])
        for s in subnets
    ] == [
        ("eu-west-1a", "10.1.0.0/24", False, "tenant-acme-corp-subnet-0-test"),
        ("eu-west-1b", "10.1.1.0/24", False, "tenant-acme-corp-subnet-1-test"),
    ]


def test_nothing_routes_out_of_the_vpc() -> None:
    stack = silo()
    kinds = set(stack.document["resource"])
    assert not kinds & {
        "aws_internet_gateway",
        "aws_egress_only_internet_gateway",
        "aws_nat_gateway",
        "aws_route",
        "aws_vpc_peering_connection",
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_eip",
    }
    table = stack.one("aws_route_table")
    assert "route" not in table
    associated = {a["subnet_id"] for a in stack.all("aws_route_table_association").values()}
    assert associated == {f"${{aws_subnet.{name}.id}}" for name in stack.all("aws_subnet")}


def test_the_default_security_group_has_no_rule() -> None:
    stack = silo()
    group = stack.one("aws_default_security_group")
    assert group["vpc_id"] == f"${{{stack.address('aws_vpc')}.id}}"
    assert not {"ingress", "egress"} & set(group)


def test_the_security_group_is_open_for_https_within_and_to_the_gateways_alone() -> None:
    stack = silo()
    group = stack.one("aws_security_group")
    assert group["name"] == "tenant-acme-corp-sg-test"
    assert not {"ingress", "egress"} & set(group), "rules are resources of their own"
    found = {
        (direction, rule.get("cidr_ipv4") or rule["prefix_list_id"].split(".")[1].rsplit("_", 1)[0])
        for direction, rule in rules(stack)
    }
    assert found == {
        ("ingress", "10.1.0.0/16"),
        ("egress", "10.1.0.0/16"),
        ("egress", "network_s3_endpoint"),
        ("egress", "network_dynamodb_endpoint"),
    }
    for _, rule in rules(stack):
        assert (rule["ip_protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 443, 443)


def test_the_gateways_admit_only_this_tenants_bucket_and_table() -> None:
    stack = silo()
    s3 = stack.statements("aws_vpc_endpoint", "network_s3_endpoint")
    assert [statement["Resource"] for statement in s3.values()] == [
        ["arn:aws:s3:::tenant-acme-corp-data-test/*"],
        ["arn:aws:s3:::tenant-acme-corp-data-test"],
    ]
    dynamodb = stack.statements("aws_vpc_endpoint", "network_dynamodb_endpoint")
    assert [statement["Resource"] for statement in dynamodb.values()] == [
        [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/tenant-acme-corp-metadata-test"]
    ]
    for name in ("network_s3_endpoint", "network_dynamodb_endpoint"):
        endpoint = stack.one("aws_vpc_endpoint", name)
        assert endpoint["vpc_endpoint_type"] == "Gateway"
        assert endpoint["route_table_ids"] == [f"${{{stack.address('aws_route_table')}.id}}"]


def test_a_gateway_lets_through_what_the_functions_may_do() -> None:
    """An action that a role has and the gateway lacks would fail in AWS and nowhere else."""
    stack = silo()
    gateways = {
        action
        for name in ("network_s3_endpoint", "network_dynamodb_endpoint")
        for statement in stack.statements("aws_vpc_endpoint", name).values()
        for action in statement["Action"]
    }
    roles = {
        action
        for name in ("api_role", "provisioner_role")
        for statement in stack.statements("aws_iam_role_policy", name).values()
        for action in statement["Action"]
        if action.split(":")[0] in {"s3", "dynamodb"}
    }
    assert roles == gateways


def test_interface_endpoints_are_optional_and_for_this_tenants_principals() -> None:
    assert [e["service_name"] for e in silo().all("aws_vpc_endpoint").values() if "subnet_ids" in e] == [
        "com.amazonaws.us-east-1.events"
    ]
    stack = silo(interface_endpoints=["logs", "kms", "events"])
    interfaces = {e["service_name"].rsplit(".", 1)[1]: e for e in stack.all("aws_vpc_endpoint").values()}
    for service in ("events", "kms", "logs"):
        endpoint = interfaces[service]
        assert endpoint["vpc_endpoint_type"] == "Interface"
        assert endpoint["private_dns_enabled"] is True
        assert len(endpoint["subnet_ids"]) == 2
        assert endpoint["security_group_ids"] == [f"${{{stack.address('aws_security_group')}.id}}"]
        (statement,) = stack.statements("aws_vpc_endpoint", f"network_{service}_endpoint").values()
        assert statement["Action"] == [f"{service}:*"]
        assert statement["Condition"] == {"StringEquals": TENANT_TAG}
    assert not [e for e in silo(interface_endpoints=[]).all("aws_vpc_endpoint").values() if "subnet_ids" in e]


def test_flow_logs_go_to_their_own_encrypted_group() -> None:
    stack = silo()
    log = stack.one("aws_flow_log")
    assert (log["traffic_type"], log["log_destination_type"]) == ("ALL", "cloud-watch-logs")
    assert stack.resolved(log["log_destination"]).endswith(
        ":log-group:/aws/vpc/tenant-acme-corp-flow-logs-test"
    )
    (statement,) = stack.statements("aws_iam_role", "flow_logs", "assume_role_policy").values()
    assert statement["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        "ArnLike": {"aws:SourceArn": [f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc-flow-log/*"]},
    }
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/vpc/tenant-acme-corp-flow-logs-test"
    delivery = stack.statements("aws_iam_role_policy", "flow_logs")
    assert delivery["WriteOwnLogGroup"]["Resource"] == [group, f"{group}:log-stream:*"]
