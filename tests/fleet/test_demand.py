"""What the synthesized stacks take of each quota."""

from __future__ import annotations

from facts.quotas import QUOTAS
from fleet.demand import COUNTED, COUNTED_EACH, taken, taken_each
from fleet.synthesized import SynthesizedStack, read_stacks
from tests.synthesis import ONE_SILO, PRODUCTION, ZONE, fargate_registry, synthesize


def silo() -> SynthesizedStack:
    (stack,) = read_stacks(synthesize(ONE_SILO).outdir)
    return stack


def platform(*tenants: str, **variables: str) -> SynthesizedStack:
    (stack,) = read_stacks(synthesize(fargate_registry(*tenants), **variables).outdir)
    return stack


def test_each_count_is_of_a_quota_that_is_known() -> None:
    assert set(COUNTED) | set(COUNTED_EACH) <= set(QUOTAS)
    assert not set(COUNTED) & set(COUNTED_EACH)


def test_a_silo_takes_a_network_a_key_and_an_api_of_its_own() -> None:
    assert {name: count for name, count in taken([silo()]).items() if count} == {
        "VPCs per region": 1,
        "gateway endpoints per region": 2,
        "security groups per region": 2,
        # Of its functions, which share them, and of its endpoint, in two subnets.
        "network interfaces per region": 4,
        "storage of functions and layers": 1,
        "contributor insights rules": 4,
        "concurrent executions per region": 10,
        "rules per event bus": 1,
        "roles per account": 3,
        "HTTP APIs per region": 1,
        "user pools per region": 1,
        "tables per region": 1,
        "buckets per account": 1,
    }
    assert taken([silo(), silo()])["rules per event bus"] == 2
    # A gigabyte is begun once, not by each stack.
    assert taken([silo()] * 100)["storage of functions and layers"] == 1
    assert taken([silo()] * 200)["storage of functions and layers"] == 2


def test_a_platform_takes_more_with_each_tenant() -> None:
    one, three = platform("acme"), platform("acme", "globex", "initech")
    first, then = taken([one]), taken([three])
    assert {name: then[name] - first[name] for name in then if then[name] != first[name]} == {
        "security groups per region": 2,
        "network interfaces per region": 4,
        "target groups per region": 2,
        "roles per account": 4,
        "buckets per account": 2,
        "Fargate vCPUs per region": 4,
    }
    assert first["Fargate vCPUs per region"] == 2
    assert first["elastic IP addresses per region"] == 3
    assert first["gateway endpoints per region"] == 0
    assert taken([platform("acme", **PRODUCTION)])["gateway endpoints per region"] == 2
    assert taken_each(three) == {
        "rules per security group": 4,
        "target groups per load balancer": 3,
        "rules per load balancer": 3,
        "targets per load balancer": 6,
        "NAT gateways per zone": 1,
        # The listener's own is not counted.
        "certificates per load balancer": 0,
    }
    hosts = {"names": ["shop.acme.example", "www.acme.example"], "hosted_zone_id": ZONE}
    (own,) = read_stacks(
        synthesize(fargate_registry("acme", settings={"custom_hosts": hosts}, hosted_zone_id=ZONE)).outdir
    )
    assert taken_each(own)["certificates per load balancer"] == 2


def test_what_runs_counts_and_not_what_could() -> None:
    """A service of two tasks of half a vCPU takes one, and two of three quarters take two."""

    def services(cpu: str, tasks: int) -> SynthesizedStack:
        return SynthesizedStack(
            id="platform",
            region="us-east-1",
            backend={},
            folder=silo().folder,
            resources={
                "aws_ecs_task_definition": {"task": {"cpu": cpu}},
                "aws_ecs_service": {
                    "service": {
                        "desired_count": tasks,
                        "task_definition": "${aws_ecs_task_definition.task.arn}",
                    }
                },
            },
        )

    name = "Fargate vCPUs per region"
    assert [taken([services(cpu, 2)])[name] for cpu in ("512", "768", "1024")] == [1, 2, 2]
