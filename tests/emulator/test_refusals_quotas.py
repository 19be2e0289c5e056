"""Quotas: refused one above, and Service Quotas says the same number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator import quotas
from emulator.patches import PatchError
from emulator.server import Emulator
from tests.emulator import gaps
from tests.emulator.refused import outcome

LOW = {
    quota.code: value
    for quota, value in (
        (quotas.VPCS, 3),
        (quotas.GATEWAY_ENDPOINTS, 2),
        (quotas.ADDRESSES, 2),
        (quotas.RULES, 2),
        (quotas.CONCURRENCY, 102),
        (quotas.TARGET_GROUPS, 2),
        (quotas.INSIGHTS, 6),
    )
    if quota.code is not None
}
Create = Callable[[Emulator], Callable[[], str]]


@pytest.fixture(scope="module")
def low() -> Iterator[Emulator]:
    with Emulator(quotas=LOW) as emulator:
        yield emulator


def vpcs(emulator: Emulator) -> Callable[[], str]:
    ec2 = emulator.client("ec2")
    return lambda: outcome(ec2.create_vpc, CidrBlock="10.0.0.0/16")


def gateway_endpoints(emulator: Emulator) -> Callable[[], str]:
    ec2 = emulator.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    service = "com.amazonaws.us-east-1.s3"
    return lambda: outcome(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName=service)


def addresses(emulator: Emulator) -> Callable[[], str]:
    return lambda: outcome(emulator.client("ec2").allocate_address, Domain="vpc")


def rules(emulator: Emulator) -> Callable[[], str]:
    put = emulator.client("events").put_rule
    return lambda: outcome(put, Name=gaps.name(), ScheduleExpression="rate(1 day)")


def reserved_concurrency(emulator: Emulator) -> Callable[[], str]:
    def reserve() -> str:
        name, _ = gaps.function(emulator, "")
        put = emulator.client("lambda").put_function_concurrency
        return outcome(put, FunctionName=name, ReservedConcurrentExecutions=1)

    return reserve


def target_groups(emulator: Emulator) -> Callable[[], str]:
    elb = emulator.client("elbv2")
    vpc, subnet, _ = gaps.network(emulator) if emulator.quotas == {} else default_network(emulator)
    balancer = elb.create_load_balancer(Name=gaps.name(), Subnets=[subnet])["LoadBalancers"][0]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[answer]
    )["Listeners"][0]["ListenerArn"]
    priorities = iter(range(1, 100))

    def forward() -> str:
        made = elb.create_target_group(Name=gaps.name(), Protocol="HTTP", Port=80, VpcId=vpc)
        group = made["TargetGroups"][0]["TargetGroupArn"]
        return outcome(
            elb.create_rule,
            ListenerArn=listener,
            Priority=next(priorities),
            Conditions=[{"Field": "host-header", "Values": ["a.example.com"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
        )

    return forward


def default_network(emulator: Emulator) -> tuple[str, str, str]:
    ec2 = emulator.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    return subnet["VpcId"], subnet["SubnetId"], ""


def insights(emulator: Emulator) -> Callable[[], str]:
    dynamodb = emulator.client("dynamodb")

    def enable() -> str:
        name = gaps.name()
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.update_contributor_insights(TableName=name, ContributorInsightsAction="ENABLE")
        found = dynamodb.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"]
        return "accepted" if found in {"ENABLING", "ENABLED"} else str(found)

    return enable


@pytest.mark.parametrize(
    ("create", "room", "refused"),
    [
        # One VPC is there already.
        (vpcs, 2, "VpcLimitExceeded"),
        (gateway_endpoints, 2, "VpcEndpointLimitExceeded"),
        (addresses, 2, "AddressLimitExceeded"),
        (rules, 2, "LimitExceededException"),
        (reserved_concurrency, 2, "InvalidParameterValueException"),
        (target_groups, 2, "TooManyUniqueTargetGroupsPerLoadBalancer"),
        (insights, 3, "FAILED"),
    ],
)
def test_one_above_the_quota_is_refused(
    low: Emulator, shimmed: Emulator, create: Create, room: int, refused: str
) -> None:
    one_more = create(low)
    assert [one_more() for _ in range(room + 1)] == ["accepted"] * room + [refused]
    without = create(shimmed)
    assert [without() for _ in range(room + 1)] == ["accepted"] * (room + 1)


def test_a_rule_that_is_there_may_be_changed(low: Emulator) -> None:
    put = low.client("events").put_rule
    name = low.client("events").list_rules()["Rules"]
    one = rules(low)
    while one() == "accepted":
        pass
    name = low.client("events").list_rules()["Rules"][0]["Name"]
    assert outcome(put, Name=name, ScheduleExpression="rate(2 days)") == "accepted"


def test_the_quotas_without_overrides_are_awss_defaults() -> None:
    with Emulator(quotas={}) as emulator:
        assert [vpcs(emulator)() for _ in range(5)] == ["accepted"] * 4 + ["VpcLimitExceeded"]


def test_service_quotas_says_what_the_account_has_and_what_is_awss_default(
    low: Emulator, bare: Emulator
) -> None:
    def observe(emulator: Emulator) -> Any:
        client = emulator.client("service-quotas")
        asked = {"ServiceCode": "vpc", "QuotaCode": quotas.VPCS.code}
        if outcome(client.get_service_quota, **asked) != "accepted":
            return None
        listed = client.list_service_quotas(ServiceCode="vpc")["Quotas"]
        return (
            client.get_service_quota(**asked)["Quota"]["Value"],
            client.get_aws_default_service_quota(**asked)["Quota"]["Value"],
            {quota["QuotaCode"]: quota["Value"] for quota in listed}[quotas.VPCS.code],
            outcome(client.get_service_quota, ServiceCode="vpc", QuotaCode="L-00000000"),
        )

    assert observe(low) == (3, 5, 3, "NoSuchResourceException")
    assert observe(bare) is None


@pytest.mark.parametrize(
    ("values", "message"), [({"L-1": 1}, "unknown quota 'L-1'"), ({"L-F678F1CE": -1}, "expected 0 or more")]
)
def test_a_quota_that_does_not_exist_is_named(values: dict[str, int], message: str) -> None:
    with pytest.raises(PatchError, match=message):
        Emulator(quotas=values)
