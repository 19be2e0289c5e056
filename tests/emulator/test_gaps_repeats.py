"""Gaps of the emulator and their shims (`gaps.py`): requests that are sent again."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator.gaps import assert_closed_by_a_shim, name, network


def error_of(call: Any, **arguments: Any) -> str:
    """The code of the error that a call ends in, or nothing."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_an_ec2_request_with_the_same_token_makes_nothing_again(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, subnet, _ = network(emulator)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        logs = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/flow"
        requests: list[tuple[Any, dict[str, Any], Any]] = [
            (ec2.create_route_table, {"VpcId": vpc}, lambda made: made["RouteTable"]["RouteTableId"]),
            (
                ec2.create_nat_gateway,
                {"SubnetId": subnet, "AllocationId": address},
                lambda made: made["NatGateway"]["NatGatewayId"],
            ),
            (
                ec2.create_vpc_endpoint,
                {"VpcId": vpc, "ServiceName": f"com.amazonaws.{REGION}.s3"},
                lambda made: made["VpcEndpoint"]["VpcEndpointId"],
            ),
            (
                ec2.create_flow_logs,
                {
                    "ResourceIds": [vpc],
                    "ResourceType": "VPC",
                    "TrafficType": "ALL",
                    "LogDestination": logs,
                },
                lambda made: made["FlowLogIds"][0],
            ),
        ]
        same = []
        for create, arguments, id_of in requests:
            token = name()
            first, again = (id_of(create(**arguments, ClientToken=token)) for _ in range(2))
            other = id_of(create(**arguments, ClientToken=name()))
            same.append((first == again, first == other))
        return same

    assert_closed_by_a_shim(observe, [(True, False)] * 4, shimmed=shimmed, bare=bare)


def test_a_token_of_ec2_is_for_one_request_and_forgotten_with_the_rest(shimmed: Emulator) -> None:
    ec2, token = shimmed.client("ec2"), name()
    vpc, _, _ = network(shimmed)
    other, _, _ = network(shimmed)
    ec2.create_route_table(VpcId=vpc, ClientToken=token)
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        ec2.create_route_table(VpcId=other, ClientToken=token)
    with Emulator() as emulator:
        ec2 = emulator.client("ec2")
        before = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        ec2.create_route_table(VpcId=before, ClientToken=token)
        emulator.reset()
        made = ec2.create_route_table(VpcId=before, ClientToken=token)["RouteTable"]["RouteTableId"]
        assert made in {table["RouteTableId"] for table in ec2.describe_route_tables()["RouteTables"]}


def test_a_subnet_that_overlaps_another_is_refused(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, _, _ = network(emulator)
        elsewhere = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        return [
            error_of(ec2.create_subnet, VpcId=where, CidrBlock=block)
            for where, block in (
                (vpc, "10.9.0.0/24"),
                (vpc, "10.9.0.128/25"),
                (vpc, "10.9.1.0/24"),
                (elsewhere, "10.9.0.0/24"),
            )
        ]

    conflict = "InvalidSubnet.Conflict"
    assert_closed_by_a_shim(observe, [conflict, conflict, "", ""], shimmed=shimmed, bare=bare)


def test_an_ecs_service_is_made_once_per_token(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ecs, cluster, family = emulator.client("ecs"), name(), name()
        ecs.create_cluster(clusterName=cluster)
        ecs.register_task_definition(
            family=family, containerDefinitions=[{"name": "web", "image": "nginx", "memory": 64}]
        )
        settings = {
            "cluster": cluster,
            "serviceName": name(),
            "taskDefinition": family,
            "desiredCount": 0,
            "clientToken": name(),
        }
        return [
            error_of(ecs.create_service, **settings),
            error_of(ecs.create_service, **settings),
            error_of(ecs.create_service, **settings | {"desiredCount": 1}),
            error_of(ecs.create_service, **settings | {"clientToken": name()}),
        ]

    wanted = ["", "", "ConflictException", "ClientException"]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_token_names_a_version_of_a_secret_that_does_not_change(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        secrets, secret = emulator.client("secretsmanager"), name()
        first, second = "1" * 32, "2" * 32
        creation = {"Name": secret, "SecretString": "a", "ClientRequestToken": first}
        write = {"SecretId": secret, "SecretString": "b", "ClientRequestToken": second}
        found = [
            error_of(secrets.create_secret, **creation),
            error_of(secrets.create_secret, **creation),
            error_of(secrets.create_secret, **creation | {"SecretString": "c"}),
            error_of(secrets.put_secret_value, **write),
            error_of(secrets.put_secret_value, **write),
            error_of(secrets.put_secret_value, **write | {"SecretString": "c"}),
        ]
        stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
        found.append(secrets.get_secret_value(SecretId=secret)["SecretString"])
        return found, stages.get(first), stages.get(second)

    exists = "ResourceExistsException"
    wanted = (["", "", exists, "", "", exists, "b"], ["AWSPREVIOUS"], ["AWSCURRENT"])
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)
