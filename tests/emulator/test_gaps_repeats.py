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


def test_a_certificate_is_requested_once_per_token(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        acm = emulator.client("acm")

        def requested(token: str, host: str = "a.example.com") -> str:
            asked = {"DomainName": host, "ValidationMethod": "DNS", "IdempotencyToken": token}
            return str(acm.request_certificate(**asked)["CertificateArn"])

        first, again, other = requested("one"), requested("one"), requested("two")
        acm.delete_certificate(CertificateArn=first)
        return again == first, other == first, requested("one") == first

    assert_closed_by_a_shim(observe, (True, False, False), shimmed=shimmed, bare=bare)


def test_a_part_of_a_load_balancer_is_not_made_twice(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        elb = emulator.client("elbv2")
        vpc, subnet, _ = network(emulator)
        balancer = {"Name": name(), "Subnets": [subnet]}
        group = {"Name": name(), "Protocol": "HTTP", "Port": 80, "VpcId": vpc}
        first = elb.create_load_balancer(**balancer)["LoadBalancers"][0]["LoadBalancerArn"]
        target = elb.create_target_group(**group)["TargetGroups"][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": target}]
        listener = {
            "LoadBalancerArn": first,
            "Protocol": "HTTP",
            "Port": 80,
            "DefaultActions": forward,
        }
        port = elb.create_listener(**listener)["Listeners"][0]["ListenerArn"]
        path = [{"Field": "path-pattern", "Values": ["/a"]}]
        rule = {"ListenerArn": port, "Priority": 5, "Conditions": path, "Actions": forward}
        elb.create_rule(**rule)
        found = [
            error_of(elb.create_load_balancer, **balancer),
            error_of(elb.create_load_balancer, **balancer | {"Scheme": "internal"}),
            error_of(elb.create_target_group, **group),
            error_of(elb.create_target_group, **group | {"Port": 81}),
            error_of(elb.create_listener, **listener),
            error_of(elb.create_listener, **listener | {"Protocol": "HTTPS"}),
            error_of(elb.create_rule, **rule),
            error_of(elb.create_rule, **rule | {"Priority": 6}),
        ]
        # The rule that goes leaves its priority free.
        for item in elb.describe_rules(ListenerArn=port)["Rules"]:
            if item["Priority"] == "5":
                elb.delete_rule(RuleArn=item["RuleArn"])
        found.append(error_of(elb.create_rule, **rule))
        return *found, len(elb.describe_listeners(LoadBalancerArn=first)["Listeners"])

    wanted = (
        *("", "DuplicateLoadBalancerName"),
        *("", "DuplicateTargetGroupName"),
        *("", "DuplicateListener"),
        *("PriorityInUse", "", "", 1),
    )
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_route_and_the_association_of_a_subnet_are_made_once(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, subnet, _ = network(emulator)
        one, other = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        route = {"RouteTableId": one, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
        found = [error_of(ec2.create_route, **route) for _ in range(2)]
        first, again = (
            ec2.associate_route_table(RouteTableId=one, SubnetId=subnet)["AssociationId"] for _ in range(2)
        )
        found.append(error_of(ec2.associate_route_table, RouteTableId=other, SubnetId=subnet))
        ec2.disassociate_route_table(AssociationId=first)
        found.append(error_of(ec2.associate_route_table, RouteTableId=other, SubnetId=subnet))
        return first == again, found

    wanted = (True, ["", "RouteAlreadyExists", "Resource.AlreadyAssociated", ""])
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_rule_of_a_security_group_is_made_once(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        _, _, group = network(emulator)

        def rule(port: int) -> list[dict[str, Any]]:
            ranges = [{"CidrIp": "10.0.0.0/8", "Description": str(port)}]
            return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}]

        def to_list(number: int) -> list[dict[str, Any]]:
            return [rule(443)[0] | {"IpRanges": [], "PrefixListIds": [{"PrefixListId": f"pl-{number}"}]}]

        return [
            error_of(authorize, GroupId=group, IpPermissions=asked)
            for authorize in (ec2.authorize_security_group_ingress, ec2.authorize_security_group_egress)
            for asked in (rule(443), rule(443), rule(444), to_list(1), to_list(2))
        ]

    wanted = ["", "InvalidPermission.Duplicate", "", "", ""] * 2
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_route_and_a_stage_of_an_api_are_made_once(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        gateway = emulator.client("apigatewayv2")
        one, other = (gateway.create_api(Name=name(), ProtocolType="HTTP")["ApiId"] for _ in range(2))
        return [
            error_of(create, ApiId=api, **arguments)
            for create, arguments in (
                (gateway.create_route, {"RouteKey": "GET /a"}),
                (gateway.create_stage, {"StageName": "$default"}),
            )
            for api in (one, one, other)
        ]

    wanted = ["", "ConflictException", ""] * 2
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_subnet_group_is_made_once(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        _, subnet, _ = network(emulator)
        group = {"DBSubnetGroupName": name(), "DBSubnetGroupDescription": "test", "SubnetIds": [subnet]}
        return [error_of(emulator.client("rds").create_db_subnet_group, **group) for _ in range(2)]

    assert_closed_by_a_shim(observe, ["", "DBSubnetGroupAlreadyExists"], shimmed=shimmed, bare=bare)
