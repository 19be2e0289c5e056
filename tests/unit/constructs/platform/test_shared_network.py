"""The platform's network: three zones, each with its own way out."""

from __future__ import annotations

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, platform


def test_the_vpc_has_the_registrys_block_and_dns() -> None:
    vpc = platform().one("aws_vpc")
    assert vpc["cidr_block"] == "10.0.0.0/16"
    assert vpc["enable_dns_support"] is vpc["enable_dns_hostnames"] is True
    assert vpc["tags"] == {"Name": "shared-platform-vpc-test"}
    assert platform(cidr="172.16.0.0/18").one("aws_vpc")["cidr_block"] == "172.16.0.0/18"


def test_a_public_and_a_private_subnet_in_each_of_three_zones() -> None:
    subnets = platform(variables={"AWS_REGION": "eu-west-1"}).all("aws_subnet").values()
    assert {
        (s["tags"]["Name"], s["availability_zone"], s["cidr_block"], s["map_public_ip_on_launch"])
        for s in subnets
    } == {
        ("shared-platform-public-a-test", "eu-west-1a", "10.0.1.0/24", False),
        ("shared-platform-public-b-test", "eu-west-1b", "10.0.2.0/24", False),
        ("shared-platform-public-c-test", "eu-west-1c", "10.0.3.0/24", False),
        ("shared-platform-private-a-test", "eu-west-1a", "10.0.11.0/24", False),
        ("shared-platform-private-b-test", "eu-west-1b", "10.0.12.0/24", False),
        ("shared-platform-private-c-test", "eu-west-1c", "10.0.13.0/24", False),
    }


def test_each_private_subnet_goes_out_through_the_nat_gateway_of_its_own_zone() -> None:
    stack = platform()
    for zone in "abc":
        gateway = stack.one("aws_nat_gateway", f"network_nat_gateway_{zone}")
        assert (
            gateway["subnet_id"] == f"${{{stack.address('aws_subnet', f'network_public_subnet_{zone}')}.id}}"
        )
        route = stack.one("aws_route", f"network_private_default_route_{zone}")
        assert route["destination_cidr_block"] == "0.0.0.0/0"
        assert route["nat_gateway_id"] == (
            f"${{{stack.address('aws_nat_gateway', f'network_nat_gateway_{zone}')}.id}}"
        )
        table = f"${{{stack.address('aws_route_table', f'network_private_routes_{zone}')}.id}}"
        assert route["route_table_id"] == table
        association = stack.one("aws_route_table_association", f"network_private_association_{zone}")
        assert association == {
            **association,
            "route_table_id": table,
            "subnet_id": f"${{{stack.address('aws_subnet', f'network_private_subnet_{zone}')}.id}}",
        }
    assert len(stack.all("aws_eip")) == len(stack.all("aws_nat_gateway")) == 3


def test_the_public_subnets_go_out_through_the_internet_gateway() -> None:
    stack = platform()
    route = stack.one("aws_route", "network_public_default_route")
    assert route["gateway_id"] == f"${{{stack.address('aws_internet_gateway')}.id}}"
    for zone in "abc":
        association = stack.one("aws_route_table_association", f"network_public_association_{zone}")
        assert association["route_table_id"] == (
            f"${{{stack.address('aws_route_table', 'network_public_routes')}.id}}"
        )


def test_the_default_security_group_has_no_rule() -> None:
    group = platform().one("aws_default_security_group")
    assert not {"ingress", "egress"} & set(group)


def test_flow_logs_go_to_their_own_encrypted_group() -> None:
    stack = platform()
    log = stack.one("aws_flow_log")
    assert (log["traffic_type"], log["max_aggregation_interval"]) == ("ALL", 60)
    group = stack.one("aws_cloudwatch_log_group", "flow_logs")
    assert group["name"] == "/aws/vpc/shared-platform-flow-logs-test"
    assert group["kms_key_id"] == f"${{{stack.address('aws_kms_key', 'platform_key')}.arn}}"
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group['name']}"
    delivery = stack.statements("aws_iam_role_policy", "flow_logs")
    assert delivery["WriteOwnLogGroup"]["Resource"] == [arn, f"{arn}:log-stream:*"]


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_production_reaches_s3_and_dynamodb_through_gateways(service: str) -> None:
    stack = platform(variables=PRODUCTION)
    endpoint = stack.one("aws_vpc_endpoint", f"endpoints_{service}_endpoint")
    assert endpoint["vpc_endpoint_type"] == "Gateway"
    assert endpoint["service_name"] == f"com.amazonaws.us-east-1.{service}"
    assert set(endpoint["route_table_ids"]) == {
        f"${{{stack.address('aws_route_table', f'network_private_routes_{zone}')}.id}}" for zone in "abc"
    }
    own = stack.statements("aws_vpc_endpoint", f"endpoints_{service}_endpoint")["PassOwnAccount"]
    assert own["Condition"] == {
        "StringEquals": {"aws:PrincipalAccount": [ACCOUNT], "aws:ResourceAccount": [ACCOUNT]}
    }


def test_production_reaches_other_services_through_private_addresses() -> None:
    stack = platform(variables=PRODUCTION)
    interfaces = [e for e in stack.all("aws_vpc_endpoint").values() if e["vpc_endpoint_type"] == "Interface"]
    assert {e["service_name"].removeprefix("com.amazonaws.us-east-1.") for e in interfaces} == {
        "ecr.api",
        "ecr.dkr",
        "kms",
        "logs",
        "secretsmanager",
    }
    group = f"${{{stack.address('aws_security_group', 'endpoints')}.id}}"
    for endpoint in interfaces:
        assert endpoint["private_dns_enabled"] is True
        assert len(endpoint["subnet_ids"]) == 3
        assert endpoint["security_group_ids"] == [group]
    rule = stack.one("aws_vpc_security_group_ingress_rule", "endpoints_https")
    assert (rule["from_port"], rule["to_port"], rule["cidr_ipv4"]) == (443, 443, "10.0.0.0/16")


def test_images_layers_come_through_the_gateway_too() -> None:
    """They lie in a bucket of AWS's: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html."""
    layers = platform(variables=PRODUCTION).statements("aws_vpc_endpoint", "endpoints_s3")["PassImageLayers"]
    assert layers["Action"] == ["s3:GetObject"]
    assert layers["Resource"] == ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"]


def test_development_has_no_endpoints() -> None:
    assert not platform().all("aws_vpc_endpoint")
