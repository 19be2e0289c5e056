"""Gaps of the emulator and their shims (`gaps.py`): VPC endpoints, flow logs and security groups."""

import json

from botocore.exceptions import ClientError

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator.gaps import assert_closed_by_a_shim, name, network
from tests.emulator.refused import outcome


def test_vpc_endpoints_keep_their_policy_groups_and_private_dns(shimmed: Emulator, bare: Emulator) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})

    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, subnet, group = network(emulator)
        gateway = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", PolicyDocument=policy
        )
        interface = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{REGION}.kms",
            VpcEndpointType="Interface",
            SubnetIds=[subnet],
            SecurityGroupIds=[group],
            PrivateDnsEnabled=True,
        )
        ids = [item["VpcEndpoint"]["VpcEndpointId"] for item in (gateway, interface)]
        found = {
            e["VpcEndpointId"]: e for e in ec2.describe_vpc_endpoints(VpcEndpointIds=ids)["VpcEndpoints"]
        }
        shown = found[ids[1]]
        return (
            found[ids[0]].get("PolicyDocument"),
            [item["GroupId"] for item in shown.get("Groups", [])] == [group],
            shown.get("PrivateDnsEnabled"),
        )

    assert_closed_by_a_shim(observe, (policy, True, True), shimmed=shimmed, bare=bare)


def test_a_vpc_endpoint_without_a_policy_has_the_one_that_admits_all(shimmed: Emulator) -> None:
    ec2 = shimmed.client("ec2")
    vpc, _, _ = network(shimmed)
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")["VpcEndpoint"]
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], PolicyDocument='{"Statement": []}')
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], ResetPolicy=True)
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    assert json.loads(found["PolicyDocument"])["Statement"][0]["Action"] == "*"


def test_flow_logs_keep_their_role_interval_and_tags(shimmed: Emulator, bare: Emulator) -> None:
    role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/flow-logs"

    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, _, _ = network(emulator)
        made = ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestination=f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/flow",
            DeliverLogsPermissionArn=role_arn,
            MaxAggregationInterval=60,
            TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "k", "Value": "v"}]}],
        )
        shown = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"][0]
        tags = [item["Key"] for item in shown.get("Tags", [])]
        return shown.get("DeliverLogsPermissionArn"), shown.get("MaxAggregationInterval"), tags

    assert_closed_by_a_shim(observe, (role_arn, 60, ["k"]), shimmed=shimmed, bare=bare)


def test_a_security_group_rule_keeps_its_prefix_list(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        _, _, group = network(emulator)
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "PrefixListIds": [{"PrefixListId": "pl-63a5400a"}],
        }
        made = ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])
        rule_id = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        shown = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"]
        return [item.get("PrefixListId") for item in shown]

    assert_closed_by_a_shim(observe, ["pl-63a5400a"], shimmed=shimmed, bare=bare)


def test_the_rule_for_all_traffic_is_revoked_whatever_ports_are_named(
    shimmed: Emulator, bare: Emulator
) -> None:
    """As the provider does with the rule that every new group has."""

    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        _, _, group = network(emulator)
        permission = {
            "IpProtocol": "-1",
            "FromPort": 0,
            "ToPort": 0,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        }
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[permission])
        (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return shown["IpPermissionsEgress"]

    assert_closed_by_a_shim(observe, [], shimmed=shimmed, bare=bare)


def test_subnets_are_in_the_accounts_own_zones(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2", region="ap-northeast-1")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        created: dict[str, object] = {}
        for position, letter in enumerate("abcd"):
            zone = f"ap-northeast-1{letter}"
            try:
                made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{position}.0/24", AvailabilityZone=zone)[
                    "Subnet"
                ]
                created[letter] = made["AvailabilityZone"]
            except ClientError as error:
                created[letter] = error.response["Error"]["Message"]
        zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
        return created, zones

    known = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]
    refusal = (
        "Value (ap-northeast-1b) for parameter availabilityZone is invalid. Subnets can currently only be created in "
        f"the following availability zones: {', '.join(known)}."
    )
    created = {"a": known[0], "b": refusal, "c": known[1], "d": known[2]}
    assert_closed_by_a_shim(observe, (created, known), shimmed=shimmed, bare=bare)


def test_a_subnet_without_a_zone_gets_one_that_the_account_has(shimmed: Emulator) -> None:
    ec2 = shimmed.client("ec2", region="us-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["AvailabilityZone"] == "us-west-1b"


def test_a_listener_has_certificates_beside_its_default_one(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        elb, acm = emulator.client("elbv2"), emulator.client("acm")
        first, second = (
            acm.request_certificate(DomainName=f"{name()}.example.com", ValidationMethod="DNS")[
                "CertificateArn"
            ]
            for _ in range(2)
        )
        balancer = elb.create_load_balancer(Name=name(), Subnets=[network(emulator)[1]])["LoadBalancers"][0]
        listener = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Port=443,
            Protocol="HTTPS",
            Certificates=[{"CertificateArn": first}],
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )["Listeners"][0]["ListenerArn"]

        def shown() -> object:
            try:
                found = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
            except ClientError as error:
                return error.response["Error"]["Code"]
            return [
                ("first" if one["CertificateArn"] == first else "second", one["IsDefault"]) for one in found
            ]

        further = {"ListenerArn": listener, "Certificates": [{"CertificateArn": second}]}
        unknown = {"ListenerArn": listener, "Certificates": [{"CertificateArn": f"{second}0"}]}
        return [
            outcome(elb.add_listener_certificates, **unknown),
            outcome(elb.add_listener_certificates, **further),
            outcome(elb.add_listener_certificates, **further),
            shown(),
            outcome(elb.remove_listener_certificates, **further),
            shown(),
            outcome(elb.add_listener_certificates, **{**further, "ListenerArn": f"{listener}0"}),
        ]

    wanted = [
        "CertificateNotFound",
        *("accepted", "accepted", [("first", True), ("second", False)], "accepted", [("first", True)]),
        "ListenerNotFound",
    ]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)
