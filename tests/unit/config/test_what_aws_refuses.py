"""Mistakes that people make in a registry or an environment, which AWS refuses: each is refused before AWS is asked."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from config.loading import load
from config.problems import ConfigurationError

ACCOUNT, OTHER = "123456789012", "210987654321"
UUID = "01234567-89ab-cdef-0123-456789abcdef"
CERTIFICATE = f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/{UUID}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"
HOSTS = {"names": ["shop.acme.example"], "certificate_arn": CERTIFICATE}
EGRESS = {"cidr": "203.0.113.0/24", "port": 443, "reason": "The tenant's own customers are there."}
REGISTRY: dict[str, Any] = {
    "created_at": "2026-01-01T00:00:00Z",
    "platform": {"cidr": "10.0.0.0/16", "domain": "example.com", "hosted_zone_id": "Z0123456789"},
    "environments": {
        "live": {
            "profile": "development",
            "account": ACCOUNT,
            "region": "eu-west-1",
            "state_bucket": "acme-state",
            "package_bucket": "acme-packages",
            "alarm_topic_arn": TOPIC,
            "backup": {"retention_days": 35, "copy_to_region": "eu-central-1"},
        }
    },
    "tenants": {
        "acme": {
            "silo": {"cidr": "10.1.0.0/16", "api_authorization": "iam", "api_callers": ["orders"]},
            "fargate": {"listener_priority": 1, "custom_hosts": HOSTS, "egress": [EGRESS]},
        },
        "globex": {"fargate": {"listener_priority": 2}},
    },
}
VARIABLES = {"ENVIRONMENT_SUFFIX": "live", "KEY_ADMINISTRATOR_ARNS": ROLE}
LIVE, SILO, FARGATE = "environments.live", "tenants.acme.silo", "tenants.acme.fargate"


def read(folder: Path, registry: object, **variables: str) -> None:
    (folder / "tenants.yaml").write_text(json.dumps(registry, indent=1))
    load({**VARIABLES, **variables}, root=folder)


def changed(path: str, value: object) -> dict[str, Any]:
    registry = copy.deepcopy(REGISTRY)
    *folders, last = path.split(".")
    found = registry
    for folder in folders:
        found = found.setdefault(folder, {})
    found[last] = value
    return registry


def refused(folder: Path, registry: object, **variables: str) -> str:
    """Every mistake that is found, one in a line."""
    with pytest.raises(ConfigurationError) as caught:
        read(folder, registry, **variables)
    return str(caught.value)


def test_without_a_mistake_it_is_accepted(tmp_path: Path) -> None:
    read(tmp_path, REGISTRY)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
        ("platform.cidr", "10.0.0.0/8"),
        (f"{SILO}.cidr", "10.1.0.0/29"),
        (f"{SILO}.cidr", "10.1.0.0"),
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html
        ("platform.domain", "exa_mple.com"),
        ("platform.domain", f"{'a' * 60}.{'b' * 60}.com"),
        # https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html
        ("platform.domain", "saas.internal"),
        ("platform.domain", "saas.local"),
        ("platform.domain", "localhost"),
        # https://repost.aws/knowledge-center/acm-certificate-fail
        ("platform.domain", "acme.eu-west-1.elasticbeanstalk.com"),
        ("platform.domain", "acme-1234.eu-west-1.elb.amazonaws.com"),
        # https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
        ("platform.hosted_zone_id", "/hostedzone/Z0123456789"),
        ("platform.hosted_zone_id", "example.com"),
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
        ("platform.requests_per_address", 5),
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
        (f"{FARGATE}.listener_priority", 0),
        (f"{FARGATE}.listener_priority", 50_001),
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
        (f"{FARGATE}.image", "Acme/App:1.0"),
        (f"{FARGATE}.image", f"acme/app:{'1' * 129}"),
        (f"{FARGATE}.image", "https://registry.example/acme/app"),
        (f"{FARGATE}.writable_folders", ["data"]),
        # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
        (f"{FARGATE}.maximum_tasks", 1),
        # https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html
        (f"{FARGATE}.custom_hosts.certificate_arn", CERTIFICATE.replace("eu-west-1", "us-east-1")),
        (f"{FARGATE}.custom_hosts.certificate_arn", CERTIFICATE.replace(ACCOUNT, OTHER)),
        (
            f"{FARGATE}.custom_hosts.certificate_arn",
            f"arn:aws:iam::{ACCOUNT}:server-certificate/shop.acme.example",
        ),
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
        (f"{FARGATE}.custom_hosts.names", [f"h{number}.acme.example" for number in range(4)]),
        # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
        (f"{SILO}.log_retention_days", 45),
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
        (f"{SILO}.object_expiration_days", 0),
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
        (f"{SILO}.largest_object_bytes", 6 * 1024**3),
        # https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
        (f"{LIVE}.account", "1234-5678-9012"),
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        (f"{LIVE}.state_bucket", "Acme-State"),
        (f"{LIVE}.state_bucket", "acme_state"),
        (f"{LIVE}.state_bucket", "acme..state"),
        (f"{LIVE}.state_bucket", "192.168.5.4"),
        (f"{LIVE}.state_bucket", "s3://acme-state"),
        (f"{LIVE}.package_bucket", "acme-packages-s3alias"),
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
        (f"{LIVE}.alarm_topic_arn", f"{TOPIC}.fifo"),
        (f"{LIVE}.alarm_topic_arn", TOPIC.replace("eu-west-1", "us-east-1")),
        (f"{LIVE}.alarm_topic_arn", "oncall@acme.example"),
        # https://docs.aws.amazon.com/cost-management/latest/APIReference/API_budgets_Spend.html
        (f"{LIVE}.monthly_budget_usd", 0),
        # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
        (f"{LIVE}.backup.retention_days", 40_000),
        (f"{LIVE}.backup.copy_to_region", "us-gov-west-1"),
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html
        (f"{LIVE}.database.instances", 17),
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
        (f"{LIVE}.database.instance_class", "db.t2.micro"),
    ],
)
def test_a_value_that_aws_refuses(tmp_path: Path, path: str, value: object) -> None:
    assert f" {path}" in refused(tmp_path, changed(path, value))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cidr", "203.0.113.0/33"),
        ("cidr", "2001:db8::/32"),
        ("port", 70_000),
        ("protocol", "http"),
        ("prefix_list", "pl-63a5400a"),
    ],
)
def test_a_rule_that_no_security_group_has(tmp_path: Path, field: str, value: object) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html."""
    assert f" {FARGATE}.egress.0" in refused(
        tmp_path, changed(f"{FARGATE}.egress", [{**EGRESS, field: value}])
    )


def test_a_rule_that_a_security_group_has_already(tmp_path: Path) -> None:
    """`InvalidPermission.Duplicate`: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html."""
    assert f" {FARGATE}.egress.1" in refused(tmp_path, changed(f"{FARGATE}.egress", [EGRESS, EGRESS]))


@pytest.mark.parametrize("id_", ["Acme", "acme_corp", "acme.corp", "-acme", "acme--corp", "a" * 31])
def test_an_id_that_makes_names_which_s3_or_rds_refuses(tmp_path: Path, id_: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html."""
    assert f" tenants.{id_}: " in refused(
        tmp_path, changed("tenants", {id_: {"silo": {"cidr": "10.1.0.0/16"}}})
    )


def test_callers_that_iam_has_no_name_for(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    for name in ("order service", f"role/{'x' * 3}", "x" * 65, "*"):
        assert f" {SILO}.api_callers.0" in refused(tmp_path, changed(f"{SILO}.api_callers", [name]))


def test_a_priority_that_another_rule_has(tmp_path: Path) -> None:
    """`PriorityInUse`: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html."""
    registry = changed("tenants.globex.fargate.listener_priority", 1)
    assert " tenants.globex.fargate.listener_priority" in refused(tmp_path, registry)


def test_more_connections_than_the_class_has(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html."""
    registry = changed(f"{FARGATE}.database", {"connections": 400})
    assert f" {LIVE}.database.instance_class" in refused(tmp_path, registry)


@pytest.mark.parametrize(
    "arn", [CERTIFICATE.replace("eu-west-1", "us-east-1"), CERTIFICATE.replace(ACCOUNT, OTHER)]
)
def test_the_platforms_certificate_is_of_its_region_and_account(tmp_path: Path, arn: str) -> None:
    platform = {"certificate_arn": arn}
    assert " platform.certificate_arn: received " in refused(tmp_path, changed("platform", platform))


@pytest.mark.parametrize("name", ["shop.acme.internal", "shop.acme.test", "d111111abcdef8.cloudfront.net"])
def test_a_host_that_no_certificate_is_issued_for(tmp_path: Path, name: str) -> None:
    """https://repost.aws/knowledge-center/acm-certificate-fail."""
    issued = {"names": [name], "hosted_zone_id": "Z0123456789"}
    line = refused(tmp_path, changed(f"{FARGATE}.custom_hosts", issued))
    assert f" {FARGATE}.custom_hosts.names.0: received '{name}', expected a public domain" in line
    # A certificate that is given was issued by whoever can.
    read(tmp_path, changed(f"{FARGATE}.custom_hosts", {**HOSTS, "names": [name]}))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        # https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
        ("COMMIT_AUTHOR", "Conan O'Brien"),
        ("TEAM", "aws:platform"),
        ("TEAM", "platform & data"),
        ("REPOSITORY", "x" * 257),
        ("PR_NUMBER", "#12"),
        # https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
        ("AVAILABILITY_ZONES", "eu-west-1a"),
        ("AVAILABILITY_ZONES", "us-east-1a,us-east-1b"),
        ("AVAILABILITY_ZONES", "euw1-az1,euw1-az2"),
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
        ("KEY_ADMINISTRATOR_ARNS", f"arn:aws:iam::{ACCOUNT}:root"),
        ("KEY_ADMINISTRATOR_ARNS", f"arn:aws:iam::{ACCOUNT}:role/*"),
        ("KEY_ADMINISTRATOR_ARNS", f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/me"),
        ("KEY_ADMINISTRATOR_ARNS", ROLE.replace("arn:aws:", "arn:aws-us-gov:")),
        ("KEY_ADMINISTRATOR_ARNS", f"{ROLE},{ROLE.replace(ACCOUNT, OTHER)}"),
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
        ("STATE_BUCKET_REGION", "us-gov-west-1"),
        ("STATE_BUCKET_REGION", "eu-west-9"),
    ],
)
def test_a_variable_that_aws_refuses(tmp_path: Path, variable: str, value: str) -> None:
    assert refused(tmp_path, REGISTRY, **{variable: value}).startswith(f"{variable}: received ")


@pytest.mark.parametrize("suffix", ["s3alias", "an", "Prod", "us-east", "x" * 13])
def test_a_suffix_that_makes_names_which_s3_refuses(tmp_path: Path, suffix: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html."""
    without = {key: value for key, value in REGISTRY.items() if key != "environments"}
    assert refused(tmp_path, without, ENVIRONMENT_SUFFIX=suffix).startswith("ENVIRONMENT_SUFFIX: received ")
