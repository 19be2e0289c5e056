"""Each fault of an account, and that an account without it has nothing to hear."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from facts.authorities import AUTHORITIES
from facts.engines import CREATABLE, MAJOR
from facts.instance_classes import INSTANCE_CLASSES
from facts.runtimes import RUNTIME
from fleet.demand import COUNTED
from fleet.synthesized import read_stacks
from preflight.buckets import PRIVATE
from preflight.checks import (
    aged_facts,
    backups,
    caller,
    certificate,
    database,
    images,
    names,
    oversight,
    packages,
    quotas,
    region,
    roles,
    state,
)
from preflight.findings import Finding, Severity
from tests.emulator import gaps
from tests.preflight.conftest import deployment_of, stack_of
from tests.synthesis import ONE_SILO, PRODUCTION, fargate_registry, synthesize

BUCKET = {"bucket": "tenant-acme-data-test"}
SECRET = {"name": "rds/tenant/acme/test/password"}


def said(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Severity and text of each."""
    return [(finding.severity.value, finding.what) for finding in findings]


# Caller


def test_the_root_user_should_not_deploy() -> None:
    ((severity, what),) = said(caller.check(deployment_of(stack_of())))
    assert severity == "warns"
    assert "root user of 123456789012" in what


def test_another_account_than_the_environments_stops() -> None:
    def of(*accounts: str) -> list[tuple[str, str]]:
        return said(caller.check(deployment_of(replace(stack_of(), accounts=accounts))))

    (severity, what), _ = of("210987654321")
    assert severity == "stops"
    assert "the account 123456789012; the registry declares the environment in 210987654321" in what
    assert [severity for severity, _ in of("123456789012")] == ["warns"]


@pytest.fixture
def as_role(account: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """Act as a session of a role; return the role's ARN."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    arn: str = account.client("iam").create_role(
        RoleName="deployer", Path="/ci/", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )["Role"]["Arn"]
    session = account.client("sts").assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", session["SessionToken"])
    return arn


def test_kms_would_lock_out_a_caller_that_administers_no_key(as_role: str) -> None:
    """The keys are those of the stacks themselves, in both profiles."""
    security = "arn:aws:iam::123456789012:role/security"

    def found(registry: dict[str, Any], administrators: str) -> list[tuple[str, str]]:
        named = {**PRODUCTION, "KEY_ADMINISTRATOR_ARNS": administrators} if administrators else {}
        return said(caller.check(deployment_of(*read_stacks(synthesize(registry, **named).outdir))))

    for registry in (ONE_SILO, fargate_registry("acme-corp")):
        ((severity, what),) = found(registry, security)
        assert severity == "stops"
        assert f"assumed-role/deployer/run is none of the keys' administrators, {security}: KMS" in what
        assert not found(registry, f"{security},{as_role}")
        assert not found(registry, "")
    assert "assumed-role/deployer" in caller.seen(deployment_of(stack_of()))


# Region


def test_a_zone_that_the_account_lacks_is_named() -> None:
    subnets = [{"availability_zone": zone} for zone in ("us-east-1a", "us-east-1z")]
    ((severity, what),) = said(region.check(deployment_of(stack_of(aws_subnet=subnets))))
    assert severity == "stops"
    assert what.startswith("the account has no us-east-1z; it has us-east-1a, ")
    deployment = deployment_of(stack_of(aws_subnet=subnets[:1]))
    assert not said(region.check(deployment))
    assert region.seen(deployment) == "us-east-1, zones us-east-1a"


# State


def in_bucket(bucket: str) -> dict[str, Any]:
    return {"s3": {"bucket": bucket, "key": "tenant-acme-test/terraform.tfstate", "region": "us-east-1"}}


def test_states_in_files_are_a_warning() -> None:
    assert said(state.check(deployment_of(stack_of()))) == [("warns", "states are files on this machine.")]


def test_a_state_bucket_must_be_there_and_should_be_versioned_and_private(account: Emulator) -> None:
    deployment = deployment_of(stack_of(backend=in_bucket("states")))
    assert said(state.check(deployment)) == [("stops", "the state bucket states does not exist.")]
    s3 = account.client("s3")
    s3.create_bucket(Bucket="states")
    found = said(state.check(deployment))
    assert [severity for severity, _ in found] == ["warns", "warns"]
    assert "earlier versions" in found[0][1]
    assert "public access" in found[1][1]
    s3.put_bucket_versioning(Bucket="states", VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket="states", PublicAccessBlockConfiguration=dict.fromkeys(PRIVATE, True))
    assert not said(state.check(deployment))
    assert state.seen(deployment) == "states is versioned and private"


# Packages


def taking(package: bytes, **arguments: str) -> dict[str, str]:
    """A function whose package is in the bucket `ours`."""
    digest = hashlib.sha256(package)
    return {
        "s3_bucket": "ours",
        "s3_key": f"packages/{digest.hexdigest()}.zip",
        "source_code_hash": base64.b64encode(digest.digest()).decode(),
        **arguments,
    }


def test_packages_must_be_in_a_bucket_of_the_region_and_should_be_safe_there(account: Emulator) -> None:
    function = taking(b"package")
    where = f"s3://ours/{function['s3_key']}"
    deployment = deployment_of(stack_of(aws_lambda_function=[function, function]))
    assert said(packages.check(deployment)) == [("stops", "the bucket of packages ours does not exist.")]
    s3 = account.client("s3")
    s3.create_bucket(Bucket="ours")
    found = said(packages.check(deployment))
    assert [severity for severity, _ in found] == ["warns", "warns", "stops"]
    assert found[2][1] == f"{where} is not there."
    s3.put_bucket_versioning(Bucket="ours", VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket="ours", PublicAccessBlockConfiguration=dict.fromkeys(PRIVATE, True))
    s3.put_object(Bucket="ours", Key=function["s3_key"], Body=b"another", ChecksumAlgorithm="SHA256")
    ((severity, what),) = said(packages.check(deployment))
    assert severity == "stops"
    assert what.startswith(f"{where} has the SHA-256 ")
    assert what.endswith(f", and the stacks say {function['source_code_hash']}.")
    s3.put_object(Bucket="ours", Key=function["s3_key"], Body=b"package", ChecksumAlgorithm="SHA256")
    assert not said(packages.check(deployment))
    assert packages.seen(deployment) == "1 in ours, which is versioned and private"


def test_a_bucket_of_packages_elsewhere_stops(account: Emulator) -> None:
    account.client("s3", region="eu-west-1").create_bucket(
        Bucket="ours", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    deployment = deployment_of(stack_of(aws_lambda_function=[taking(b"package")]))
    assert said(packages.check(deployment))[0] == (
        "stops",
        "the bucket of packages ours is not in us-east-1.",
    )


def test_stacks_with_packages_of_their_own_ask_for_no_bucket() -> None:
    deployment = deployment_of(stack_of(aws_lambda_function=[{"filename": "assets/a.zip"}]))
    assert not said(packages.check(deployment))
    assert packages.seen(deployment) == "each stack uploads its own"


# Names


def test_a_bucket_that_no_state_knows_is_in_the_way(account: Emulator) -> None:
    deployment = deployment_of(stack_of(aws_s3_bucket=[BUCKET]))
    assert not said(names.check(deployment))
    account.client("s3").create_bucket(Bucket=BUCKET["bucket"])
    ((severity, what),) = said(names.check(deployment))
    assert (severity, "tenant-acme-data-test exists" in what) == ("stops", True)
    assert not said(names.check(deployment_of(stack_of(aws_s3_bucket=[BUCKET]), deployed=True)))


def test_a_secret_in_its_recovery_window_keeps_its_name_and_the_remedy_frees_it(account: Emulator) -> None:
    secrets = account.client("secretsmanager")
    secrets.create_secret(Name=SECRET["name"])
    secrets.delete_secret(SecretId=SECRET["name"], RecoveryWindowInDays=30)
    deployment = deployment_of(stack_of(aws_secretsmanager_secret=[SECRET]), deployed=True)
    (finding,) = names.check(deployment)
    assert finding.severity is Severity.STOPS
    assert "scheduled for deletion" in finding.what
    assert "--force-delete-without-recovery --secret-id rds/tenant/acme/test/password" in finding.remedy
    secrets.delete_secret(SecretId=SECRET["name"], ForceDeleteWithoutRecovery=True)
    assert not said(names.check(deployment))
    secrets.create_secret(Name=SECRET["name"])
    assert not said(names.check(deployment))
    assert len(said(names.check(deployment_of(stack_of(aws_secretsmanager_secret=[SECRET]))))) == 1


def create_role(account: Emulator) -> None:
    account.client("iam").create_role(RoleName="left", AssumeRolePolicyDocument="{}")


def create_table(account: Emulator) -> None:
    account.client("dynamodb").create_table(
        TableName="left",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def create_log_group(account: Emulator) -> None:
    # The check must not take one for another whose name begins like it.
    account.client("logs").create_log_group(logGroupName="left-over")
    assert not said(names.check(deployment_of(stack_of(aws_cloudwatch_log_group=[{"name": "left"}]))))
    account.client("logs").create_log_group(logGroupName="left")


def create_cluster(account: Emulator) -> None:
    account.client("rds").create_db_cluster(
        DBClusterIdentifier="left",
        Engine="aurora-postgresql",
        MasterUsername="master",
        ManageMasterUserPassword=True,
    )


def create_subnet_group(account: Emulator) -> None:
    subnets = [subnet["SubnetId"] for subnet in account.client("ec2").describe_subnets()["Subnets"]]
    account.client("rds").create_db_subnet_group(
        DBSubnetGroupName="left", DBSubnetGroupDescription="x", SubnetIds=subnets
    )


def create_parameter_group(account: Emulator) -> None:
    account.client("rds").create_db_cluster_parameter_group(
        DBClusterParameterGroupName="left", DBParameterGroupFamily="aurora-postgresql15", Description="x"
    )


def create_target_group(account: Emulator) -> None:
    (vpc,) = account.client("ec2").describe_vpcs()["Vpcs"]
    account.client("elbv2").create_target_group(Name="left", Protocol="HTTP", Port=80, VpcId=vpc["VpcId"])


def create_budget(account: Emulator) -> None:
    account.client("budgets").create_budget(
        AccountId="123456789012",
        Budget={
            "BudgetName": "left",
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
            "BudgetLimit": {"Amount": "10", "Unit": "USD"},
        },
    )


@pytest.mark.parametrize(
    ("kind", "argument", "create"),
    [
        ("aws_db_subnet_group", "name", create_subnet_group),
        ("aws_rds_cluster_parameter_group", "name", create_parameter_group),
        ("aws_lb_target_group", "name", create_target_group),
        (
            "aws_backup_vault",
            "name",
            lambda account: account.client("backup").create_backup_vault(BackupVaultName="left"),
        ),
        ("aws_budgets_budget", "name", create_budget),
        ("aws_iam_role", "name", create_role),
        ("aws_dynamodb_table", "name", create_table),
        ("aws_cloudwatch_log_group", "name", create_log_group),
        ("aws_rds_cluster", "cluster_identifier", create_cluster),
    ],
)
def test_what_an_earlier_run_left_behind_is_named(
    account: Emulator, kind: str, argument: str, create: Any
) -> None:
    resources: dict[str, Any] = {kind: [{argument: "left"}]}
    stack = stack_of(**resources)
    assert not said(names.check(deployment_of(stack)))
    create(account)
    ((severity, what),) = said(names.check(deployment_of(stack)))
    assert severity == "stops"
    assert "left exists, and tenant-acme-test has no state that knows it" in what
    assert not said(names.check(deployment_of(stack, deployed=True)))


def test_a_final_snapshot_is_in_the_way_of_the_next(account: Emulator) -> None:
    create_cluster(account)
    stack = stack_of(aws_rds_cluster=[{"cluster_identifier": "${x}", "final_snapshot_identifier": "final"}])
    assert not said(names.check(deployment_of(stack, deployed=True)))
    account.client("rds").create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier="final", DBClusterIdentifier="left"
    )
    ((severity, what),) = said(names.check(deployment_of(stack, deployed=True)))
    assert (severity, "snapshot final exists" in what) == ("warns", True)


# Database


def database_with(version: str, instance_class: str = "db.t3.medium") -> Any:
    return deployment_of(
        stack_of(
            aws_rds_cluster=[{"engine": "aurora-postgresql", "engine_version": version}],
            aws_rds_cluster_instance=[{"instance_class": instance_class}],
        )
    )


def test_an_engine_that_cannot_be_created_is_named() -> None:
    ((severity, what),) = said(database.check(database_with("15.8")))
    assert (severity, "15.8 can no longer be created" in what) == ("stops", True)
    assert not said(database.check(database_with("15")))
    assert database.seen(database_with("15")) == "aurora-postgresql 15 on db.t3.medium"


def test_a_class_that_the_engine_does_not_run_on_is_named() -> None:
    ((severity, what),) = said(database.check(database_with("15", "db.t1.micro")))
    assert (severity, "does not run on db.t1.micro" in what) == ("stops", True)


# Certificate


def issued_through(zone: str, domain: str) -> list[tuple[str, str]]:
    """What is found of two certificates: one for `domain` in the hosted zone, and one whose records are elsewhere."""
    option = "${tolist(aws_acm_certificate.aws_acm_certificate_0.domain_validation_options).0.resource_record_name}"
    stack = stack_of(
        aws_route53_record=[{"zone_id": zone, "name": option}, {"zone_id": "Z1", "name": "another record"}],
        aws_acm_certificate=[{"domain_name": domain}, {"domain_name": "another.example"}],
    )
    return said(certificate.check(deployment_of(stack)))


def test_a_certificate_is_issued_through_the_public_zone_of_its_domain(account: Emulator) -> None:
    route53 = account.client("route53")
    made = route53.create_hosted_zone(Name="example.org", CallerReference="a-zone")
    zone = made["HostedZone"]["Id"].removeprefix("/hostedzone/")
    assert issued_through(zone, "example.org") == issued_through(zone, "saas.example.org") == []
    for domain in ("anexample.org", "example.com", "org"):
        ((severity, what),) = issued_through(zone, domain)
        assert severity == "stops"
        assert f"is of example.org, which {domain} is not in" in what
    ((severity, what),) = issued_through("Z0123456789", "example.org")
    assert (severity, what) == ("stops", "the hosted zone Z0123456789 does not exist.")
    inside = route53.create_hosted_zone(
        Name="example.org", CallerReference="a-private-zone", HostedZoneConfig={"PrivateZone": True}
    )
    ((severity, what),) = issued_through(
        inside["HostedZone"]["Id"].removeprefix("/hostedzone/"), "example.org"
    )
    assert severity == "stops"
    assert "is private" in what
    stack = stack_of(aws_acm_certificate=[{"domain_name": "example.org"}])
    assert certificate.seen(deployment_of(stack)) == "one that is issued for example.org"


HOSTS = {"condition": [{"host_header": {"values": ["acme.example.com", "*.acme.example.com"]}}]}


def behind(arn: str) -> Any:
    return deployment_of(stack_of(aws_lb_listener=[{"certificate_arn": arn}], aws_lb_listener_rule=[HOSTS]))


def test_a_certificate_must_be_there_issued_of_the_region_and_should_name_every_host(
    account: Emulator,
) -> None:
    missing = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
    assert said(certificate.check(behind(missing))) == [("stops", f"{missing} does not exist.")]
    elsewhere = missing.replace("us-east-1", "eu-west-1")
    ((severity, what),) = said(certificate.check(behind(elsewhere)))
    assert (severity, "is of eu-west-1" in what) == ("stops", True)
    acm = account.client("acm")
    partial = acm.request_certificate(DomainName="*.example.com", ValidationMethod="DNS")["CertificateArn"]
    ((severity, what),) = said(certificate.check(behind(partial)))
    assert (severity, what.endswith("not for *.acme.example.com: browsers warn.")) == ("warns", True)
    whole = acm.request_certificate(
        DomainName="*.example.com", SubjectAlternativeNames=["*.acme.example.com"], ValidationMethod="DNS"
    )["CertificateArn"]
    assert not said(certificate.check(behind(whole)))


def test_hosts_of_a_tenants_own_have_certificates_of_their_own(account: Emulator) -> None:
    acm = account.client("acm")

    def requested(name: str) -> str:
        arn: str = acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
        return arn

    rules = [{"condition": [{"host_header": {"values": ["a.example.com", "shop.acme.org", "www.b.org"]}}]}]
    listener = [{"certificate_arn": requested("*.example.com")}]
    stack = stack_of(
        aws_lb_listener=listener,
        aws_lb_listener_certificate=[{"certificate_arn": requested("shop.acme.org")}],
        aws_acm_certificate=[{"domain_name": "www.b.org"}],
        aws_lb_listener_rule=rules,
    )
    assert not said(certificate.check(deployment_of(stack)))
    without = stack_of(aws_lb_listener=listener, aws_lb_listener_rule=rules)
    ((_, what),) = said(certificate.check(deployment_of(without)))
    assert what.endswith("for *.example.com, and not for shop.acme.org, www.b.org: browsers warn.")


@pytest.mark.parametrize(
    ("name", "host", "covered"),
    [
        ("example.com", "EXAMPLE.com", True),
        ("*.example.com", "acme.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "eu.acme.example.com", False),
        ("*.example.com", "*.acme.example.com", False),
        ("*.acme.example.com", "*.acme.example.com", True),
        ("acme.example.com", "acme.example.org", False),
    ],
)
def test_a_wildcard_stands_for_one_label(name: str, host: str, *, covered: bool) -> None:
    assert certificate.covers(name, host) is covered


# Images


def running(image: str) -> Any:
    text = json.dumps([{"image": image, "environment": [{"value": "${aws_vpc.x.id}"}]}])
    return deployment_of(stack_of(aws_ecs_task_definition=[{"container_definitions": text}]))


def test_an_image_must_be_in_its_repository(account: Emulator) -> None:
    repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web"
    ((severity, what),) = said(images.check(running(f"{repository}:1")))
    assert (severity, what) == ("stops", f"the image {repository}:1 does not exist.")
    ecr = account.client("ecr")
    ecr.create_repository(repositoryName="web")
    digest = ecr.put_image(repositoryName="web", imageManifest="{}", imageTag="1")["image"]["imageId"][
        "imageDigest"
    ]
    for version in (":1", f"@{digest}"):
        assert not said(images.check(running(f"{repository}{version}")))
    assert len(said(images.check(running(f"{repository}:2")))) == 1


# Roles


def test_a_service_linked_role_that_is_missing_is_a_warning_with_the_command_that_creates_it(
    account: Emulator,
) -> None:
    deployment = deployment_of(stack_of(aws_ecs_cluster=[{}]))
    (finding,) = roles.check(deployment)
    assert finding.severity is Severity.WARNS
    assert finding.remedy == "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"
    account.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    assert not said(roles.check(deployment))


# Quotas


def raise_quota(account: Emulator, service: str, code: str, value: int) -> None:
    account.client("service-quotas").request_service_quota_increase(
        ServiceCode=service, QuotaCode=code, DesiredValue=value
    )


def test_what_is_in_use_and_what_is_new_must_fit_together(account: Emulator) -> None:
    stacks = [stack_of(f"tenant-{number}", aws_vpc=[{}]) for number in range(4)]
    # The account's default VPC is the fifth.
    assert not said(quotas.check(deployment_of(*stacks)))
    account.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")
    (finding,) = quotas.check(deployment_of(*stacks))
    assert finding.severity is Severity.STOPS
    assert finding.what == "VPCs per region: 2 of 5 are in use, and the new stacks take 4."
    assert "--service-code vpc --quota-code L-F678F1CE" in finding.remedy
    assert not said(quotas.check(deployment_of(*stacks, deployed=True))), "what is deployed is in use"
    raise_quota(account, "vpc", "L-F678F1CE", 6)
    assert not said(quotas.check(deployment_of(*stacks)))


def use_vpc_endpoint(account: Emulator) -> None:
    ec2 = account.client("ec2")
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    ec2.create_vpc_endpoint(VpcId=vpc["VpcId"], ServiceName="com.amazonaws.us-east-1.s3")


def use_network_interface(account: Emulator) -> None:
    ec2 = account.client("ec2")
    ec2.create_network_interface(SubnetId=ec2.describe_subnets()["Subnets"][0]["SubnetId"])


def use_code(account: Emulator) -> None:
    """A function of a few bytes, which are a gigabyte begun."""
    gaps.function(account, "")


def use_load_balancer(account: Emulator) -> None:
    subnets = account.client("ec2").describe_subnets()["Subnets"]
    for kind in ("application", "network"):
        account.client("elbv2").create_load_balancer(
            Name=f"left-{kind}", Subnets=[subnets[0]["SubnetId"]], Type=kind
        )


def use_insights(account: Emulator) -> None:
    create_table(account)
    account.client("dynamodb").update_contributor_insights(
        TableName="left", ContributorInsightsAction="ENABLE"
    )


def use_cluster(account: Emulator) -> None:
    account.client("ecs").create_cluster(clusterName="left")
    account.client("ecs").register_task_definition(
        family="left",
        cpu="2048",
        memory="4096",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[{"name": "web", "image": "web"}],
    )
    account.client("ecs").create_service(
        cluster="left", serviceName="left", taskDefinition="left", desiredCount=3
    )


@pytest.mark.parametrize(
    ("name", "use", "used"),
    [
        ("VPCs per region", lambda account: account.client("ec2").create_vpc(CidrBlock="10.9.0.0/16"), 1),
        ("gateway endpoints per region", use_vpc_endpoint, 1),
        (
            "security groups per region",
            lambda account: account.client("ec2").create_security_group(GroupName="left", Description="x"),
            1,
        ),
        ("elastic IP addresses per region", lambda account: account.client("ec2").allocate_address(), 1),
        ("contributor insights rules", use_insights, 2),
        ("internet gateways per region", lambda account: account.client("ec2").create_internet_gateway(), 1),
        ("network interfaces per region", use_network_interface, 1),
        ("storage of functions and layers", use_code, 1),
        ("load balancers per region", use_load_balancer, 1),
        ("target groups per region", create_target_group, 1),
        (
            "rules per event bus",
            lambda account: account.client("events").put_rule(Name="left", EventPattern='{"source": ["x"]}'),
            1,
        ),
        ("roles per account", create_role, 1),
        (
            "HTTP APIs per region",
            lambda account: account.client("apigatewayv2").create_api(Name="left", ProtocolType="HTTP"),
            1,
        ),
        (
            "user pools per region",
            lambda account: account.client("cognito-idp").create_user_pool(PoolName="x"),
            1,
        ),
        ("tables per region", create_table, 1),
        ("buckets per account", lambda account: account.client("s3").create_bucket(Bucket="left-over"), 1),
        ("Fargate vCPUs per region", use_cluster, 6),
        ("database clusters per region", create_cluster, 1),
        ("cluster parameter groups per region", create_parameter_group, 1),
    ],
)
def test_what_the_account_uses_is_counted(account: Emulator, name: str, use: Any, used: int) -> None:
    asked = deployment_of(stack_of()).account
    before = quotas.IN_USE[name](asked)
    use(account)
    assert quotas.IN_USE[name](asked) - before == used


def test_every_quota_that_the_stacks_take_is_compared() -> None:
    assert set(COUNTED) == {*quotas.IN_USE, quotas.CONCURRENCY}


def test_one_build_at_a_time_is_enough_for_a_delivery(account: Emulator) -> None:
    project = {"environment": {"compute_type": "BUILD_GENERAL1_SMALL"}}
    for projects, found in ((1, 0), (2, 1)):
        stack = stack_of(aws_codebuild_project=[project] * projects)
        findings = list(quotas.check(deployment_of(stack)))
        assert len(findings) == found
    assert "concurrent builds on small Linux machines" in findings[0].what


def test_a_hundred_concurrent_executions_stay_free(account: Emulator) -> None:
    limits = account.client("lambda").get_account_settings()["AccountLimit"]
    left = limits["UnreservedConcurrentExecutions"] - 100
    assert left > 0
    for reserved, found in ((left, 0), (left + 1, 1)):
        stack = stack_of(aws_lambda_function=[{"reserved_concurrent_executions": reserved}, {}])
        findings = list(quotas.check(deployment_of(stack)))
        assert len(findings) == found
    assert f"the new stacks reserve {left + 1}, and {left} can be reserved" in findings[0].what


def test_one_load_balancer_has_its_own_limits(account: Emulator) -> None:
    hundred = stack_of("platform", aws_lb_target_group=[{}] * 100)
    assert not said(quotas.check(deployment_of(hundred, deployed=True)))
    ((severity, what),) = said(
        quotas.check(deployment_of(stack_of("platform", aws_lb_target_group=[{}] * 101), deployed=True))
    )
    assert severity == "stops"
    assert what == "target groups per load balancer: platform takes 101, and 100 are allowed."


# Oversight


def watched(account: Emulator, **trail: Any) -> None:
    """Give the account what it must have, the trail with other settings."""
    arn = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
    settings = {
        "IsMultiRegionTrail": True,
        "KmsKeyId": arn,
        "EnableLogFileValidation": True,
        **trail,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    account.client("s3").create_bucket(Bucket="trails")
    account.client("cloudtrail").create_trail(Name="all", S3BucketName="trails", **given)
    account.client("cloudtrail").start_logging(Name="all")
    role = "arn:aws:iam::123456789012:role/config"
    config = account.client("config")
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "trails"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    account.client("guardduty").create_detector(Enable=True)


@pytest.fixture
def root_has_mfa(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator gives its root user no device."""
    monkeypatch.setattr(oversight, "_root", lambda _: iter(()))


def test_an_account_that_nobody_watches_is_told_what_it_lacks() -> None:
    found = said(oversight.check(deployment_of(stack_of())))
    assert {severity for severity, _ in found} == {"warns"}
    assert [what.partition(":")[0] for _, what in found] == [
        "no trail of all regions is logging",
        "AWS Config records nothing in us-east-1",
        "GuardDuty is not enabled in us-east-1",
        "the root user has no MFA.",
    ]


@pytest.mark.usefixtures("root_has_mfa")
def test_an_account_that_is_watched_has_nothing_to_hear(account: Emulator) -> None:
    watched(account)
    assert not said(oversight.check(deployment_of(stack_of())))


@pytest.mark.usefixtures("root_has_mfa")
@pytest.mark.parametrize(
    ("trail", "says"),
    [
        ({"IsMultiRegionTrail": False}, "no trail of all regions is logging"),
        ({"KmsKeyId": None}, "no trail that is logging encrypts its logs with a KMS key."),
        ({"EnableLogFileValidation": False}, "no trail that is logging has its logs validated."),
    ],
)
def test_a_trail_must_be_of_all_regions_encrypted_and_validated(
    account: Emulator, trail: dict[str, Any], says: str
) -> None:
    watched(account, **trail)
    ((severity, what),) = said(oversight.check(deployment_of(stack_of())))
    assert severity == "warns"
    assert what.startswith(says)


@pytest.mark.usefixtures("root_has_mfa")
def test_what_was_stopped_watches_nothing(account: Emulator) -> None:
    watched(account)
    account.client("cloudtrail").stop_logging(Name="all")
    account.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")
    guardduty = account.client("guardduty")
    guardduty.update_detector(DetectorId=guardduty.list_detectors()["DetectorIds"][0], Enable=False)
    assert len(said(oversight.check(deployment_of(stack_of())))) == 3


def test_a_caller_that_may_not_see_it_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Any) -> Iterable[Finding]:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeTrails")

    monkeypatch.setattr(oversight, "_trail", refused)
    severity, what = said(oversight.check(deployment_of(stack_of())))[0]
    assert (severity, what) == (
        "warns",
        "DescribeTrails was refused: whether the account is watched is not known.",
    )


# Facts


def test_what_the_account_says_otherwise_is_a_warning(
    account: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = stack_of(aws_rds_cluster=[{}])
    assert not [what for _, what in said(aged_facts.check(deployment_of(stack))) if "engines" in what]
    known = dict(CREATABLE.value)
    older = replace(CREATABLE, value=known | {MAJOR: (*known[MAJOR][1:], "15.99")})
    monkeypatch.setattr(aged_facts, "CREATABLE", older)
    (what,) = [what for _, what in said(aged_facts.check(deployment_of(stack))) if "engines" in what]
    assert what.endswith(f"differs for aurora-postgresql 15: +{known[MAJOR][0]} -15.99.")


def test_classes_and_authorities_that_the_account_says_otherwise_are_warnings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack = stack_of(aws_rds_cluster=[{}])

    def found(word: str) -> list[str]:
        return [what for _, what in said(aged_facts.check(deployment_of(stack))) if word in what]

    assert found("instance_classes") == found("authorities") == []
    known, known_minors = INSTANCE_CLASSES, CREATABLE.value[MAJOR]
    gone = replace(known["db.r6g.large"], value=replace(known["db.r6g.large"].value, name="db.r0.large"))
    monkeypatch.setattr(aged_facts, "INSTANCE_CLASSES", {**known, "db.r0.large": gone})
    (what,) = found("instance_classes")
    newest = known_minors[-1]
    assert what.endswith(
        f"names db.r0.large, which aurora-postgresql {newest} cannot be ordered on in us-east-1."
    )
    fewer = replace(AUTHORITIES, value=AUTHORITIES.value - {"rds-ca-rsa2048-g1"})
    monkeypatch.setattr(aged_facts, "AUTHORITIES", fewer)
    (what,) = found("authorities")
    assert "does not know rds-ca-rsa2048-g1: a database" in what


def test_a_runtime_that_lambda_no_longer_takes_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    def said_of_runtime() -> list[tuple[str, str]]:
        return [found for found in said(aged_facts.check(deployment_of(stack_of()))) if "Lambda" in found[1]]

    assert not said_of_runtime()
    past = date(2020, 1, 1)
    old = replace(RUNTIME.value, deprecated=past)
    monkeypatch.setattr(aged_facts, "RUNTIME", replace(RUNTIME, value=old))
    assert [severity for severity, _ in said_of_runtime()] == ["warns"]
    older = replace(old, no_new_functions=past)
    monkeypatch.setattr(aged_facts, "RUNTIME", replace(RUNTIME, value=older))
    assert [severity for severity, _ in said_of_runtime()] == ["stops"]


# Backups


def plan(*regions: str) -> dict[str, Any]:
    account = "${data.aws_caller_identity.c.account_id}"
    vault = f"arn:${{data.aws_partition.p.partition}}:backup:%s:{account}:backup-vault:copies"
    return {"rule": [{"copy_action": [{"destination_vault_arn": vault % region} for region in regions]}]}


def test_the_vault_that_backups_are_copied_to_should_be_there(account: Emulator) -> None:
    assert not said(backups.check(deployment_of(stack_of())))
    copied = deployment_of(stack_of(aws_backup_plan=[plan("eu-west-1")]))
    ((severity, what),) = said(backups.check(copied))
    assert (severity, "the vault copies in eu-west-1" in what) == ("warns", True)
    account.client("backup", region="eu-west-1").create_backup_vault(BackupVaultName="copies")
    assert not said(backups.check(copied))


def test_what_the_account_has_opted_out_of_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = deployment_of(stack_of(aws_backup_plan=[plan()]))

    class Backup:
        @staticmethod
        def describe_region_settings() -> dict[str, Any]:
            return {
                "ResourceTypeOptInPreference": {"Aurora": True, "DynamoDB": True, "EFS": False, "S3": False},
                "ResourceTypeManagementPreference": {"DynamoDB": False},
            }

    monkeypatch.setattr(deployment.account, "client", lambda _: Backup)
    assert [(severity, what.partition(" in ")[0]) for severity, what in said(backups.check(deployment))] == [
        ("stops", "the account has opted out of backups of S3"),
        ("stops", "AWS Backup's advanced features for DynamoDB are off: tables would not be backed up."),
    ]
