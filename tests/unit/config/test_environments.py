"""Declared environments: the suffix says which profile, account and region it is, and no variable says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.loading import load
from config.problems import ConfigurationError
from config.settings import Settings

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:pager"
PROD: dict[str, Any] = {
    "profile": "production",
    "account": ACCOUNT,
    "region": "eu-west-1",
    "alarm_topic_arn": TOPIC,
}
ADMINISTRATED = {
    "ENVIRONMENT_SUFFIX": "prod",
    "KEY_ADMINISTRATOR_ARNS": f"arn:aws:iam::{ACCOUNT}:role/deployer",
}
LIFTED = {
    "tenant": "a",
    "stack": "silo",
    "resource": "bucket",
    "reason": "The tenant has left, and its data was handed over.",
    "until": "2026-12-31",
}
TENANTS = {
    "a": {"silo": {"cidr": "10.1.0.0/16"}},
    "b": {"fargate": {"listener_priority": 1, "maximum_tasks": 8}},
}


def settings(folder: Path, prod: object = PROD, tenants: object = TENANTS, /, **variables: str) -> Settings:
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "environments": {"prod": prod},
        "platform": {"hosted_zone_id": "Z0123456789"},
        "tenants": tenants,
    }
    (folder / "tenants.yaml").write_text(yaml.safe_dump(registry, sort_keys=False))
    return load(variables, root=folder)[0]


def refused(folder: Path, prod: object = PROD, tenants: object = TENANTS, /, **variables: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        settings(folder, prod, tenants, **variables)
    return str(caught.value).splitlines()


def silos(**tenants: str) -> dict[str, object]:
    return {id_: {"silo": {"cidr": cidr}} for id_, cidr in tenants.items()}


SILO = silos(a="10.1.0.0/16")


def test_the_suffix_is_enough(tmp_path: Path) -> None:
    declared = {**PROD, "state_bucket": "states", "package_bucket": "packages"}
    found = settings(tmp_path, declared, SILO, **ADMINISTRATED)
    assert (found.profile.name, found.region, found.state_bucket) == ("production", "eu-west-1", "states")
    assert found.package_bucket == "packages"
    assert found.declared is not None
    assert found.declared.account == ACCOUNT


def test_variables_may_repeat_what_is_declared(tmp_path: Path) -> None:
    repeated = {"PROFILE": "production", "AWS_REGION": "eu-west-1", "STATE_BUCKET": "states"}
    assert settings(tmp_path, PROD, SILO, **ADMINISTRATED, **repeated).state_bucket == "states"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        (
            "PROFILE",
            "development",
            "'production', as tenants.yaml:4: environments.prod.profile says, or nothing",
        ),
        ("PROFILE", "prod", "'production', as tenants.yaml:4: environments.prod.profile says, or nothing"),
        (
            "AWS_REGION",
            "us-east-1",
            "'eu-west-1', as tenants.yaml:6: environments.prod.region says, or nothing",
        ),
        (
            "STATE_BUCKET",
            "mine",
            "'states', as tenants.yaml:8: environments.prod.state_bucket says, or nothing",
        ),
        (
            "PACKAGE_BUCKET",
            "mine",
            "'packages', as tenants.yaml:9: environments.prod.package_bucket says, or nothing",
        ),
    ],
)
def test_a_variable_that_says_otherwise_is_refused(
    tmp_path: Path, variable: str, value: str, expected: str
) -> None:
    prod = {**PROD, "state_bucket": "states", "package_bucket": "packages"}
    (line,) = refused(tmp_path, prod, SILO, **ADMINISTRATED, **{variable: value})
    assert line == f"{variable}: received {value!r}, expected {expected}"


def test_a_development_environment_is_not_taken_for_production_either(tmp_path: Path) -> None:
    (line,) = refused(
        tmp_path, {**PROD, "profile": "development"}, SILO, **ADMINISTRATED, PROFILE="production"
    )
    assert line.startswith("PROFILE: received 'production', expected 'development'")


def test_production_is_declared(tmp_path: Path) -> None:
    (line,) = refused(
        tmp_path, PROD, SILO, **{**ADMINISTRATED, "ENVIRONMENT_SUFFIX": "live"}, PROFILE="production"
    )
    assert line == (
        "ENVIRONMENT_SUFFIX: received 'live', expected the suffix of an environment that tenants.yaml declares under "
        "'environments', with its 'profile', 'account' and 'region': the profile 'production' is for no other"
    )
    assert settings(tmp_path, PROD, SILO, ENVIRONMENT_SUFFIX="pr7").profile.name == "development"


def test_a_mistake_in_the_entry_hides_no_disagreement_and_unprotects_nothing(tmp_path: Path) -> None:
    lines = refused(tmp_path, {**PROD, "limit": 1}, SILO, ENVIRONMENT_SUFFIX="prod", PROFILE="development")
    assert [line.partition(": received")[0] for line in lines] == [
        "PROFILE",
        "KEY_ADMINISTRATOR_ARNS",
        "tenants.yaml:8: environments.prod.limit",
    ]
    lines = refused(tmp_path, {"profile": "production"}, SILO, ENVIRONMENT_SUFFIX="prod")
    assert [line.partition(", expected")[0] for line in lines] == [
        f"tenants.yaml:3: environments.prod.{field}: received nothing"
        for field in ("account", "region", "alarm_topic_arn")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"account": account} for account in (int(ACCOUNT), "12345678901", "x" * 12, None)),
        {"profile": "prod"},
        {"region": "eu-west-99"},
        {"state_keys": "account"},
        {"state_bucket": "A"},
        {"package_bucket": "A"},
        {"alarm_topic_arn": "pager"},
        {"alarm_topic_arn": f"{TOPIC}.fifo"},
        {"limits": {"silos": 1}},
        {"limits": {"tasks": -1}},
        {"unprotected": {}},
        {"dashboards": "yes"},
        {"backup": {"retention_days": 0}},
        {"backup": {"retention_days": 36_501}},
        {"backup": {"copy_to_region": "nowhere"}},
    ],
)
def test_what_no_entry_may_say(tmp_path: Path, wrong: dict[str, object]) -> None:
    (line,) = refused(tmp_path, {**PROD, **wrong}, {}, ENVIRONMENT_SUFFIX="other")
    (field,) = wrong
    assert f"environments.prod.{field}" in line


def test_a_suffix_that_names_no_environment(tmp_path: Path) -> None:
    registry = {"created_at": "2026-01-01T00:00:00Z", "tenants": {}}
    for suffix, expected in (("Prod-1", "1 to 12 lowercase letters"), ("an", "another suffix")):
        text = yaml.safe_dump({**registry, "environments": {suffix: PROD}}, sort_keys=False)
        (tmp_path / "tenants.yaml").write_text(text)
        with pytest.raises(
            ConfigurationError, match=f"environments.{suffix}: received '{suffix}', expected {expected}"
        ):
            load({}, root=tmp_path)


@pytest.mark.parametrize(("limit", "taken"), [("silo_tenants", 1), ("fargate_tenants", 1), ("tasks", 8)])
def test_more_than_an_environment_may_hold_is_refused_in_each(tmp_path: Path, limit: str, taken: int) -> None:
    settings(tmp_path, {**PROD, "limits": {limit: taken}}, TENANTS)
    (line,) = refused(tmp_path, {**PROD, "limits": {limit: taken - 1}}, TENANTS)
    assert line == (
        f"tenants.yaml:9: environments.prod.limits.{limit}: received {taken - 1}, expected at least {taken}, which "
        "the tenants of this registry take"
    )


def test_protection_is_lifted_of_one_resource_for_a_reason_until_a_day(tmp_path: Path) -> None:
    found = settings(tmp_path, {**PROD, "unprotected": [LIFTED]}, SILO, **ADMINISTRATED).declared
    assert found is not None
    (lifted,) = found.unprotected
    assert (lifted.tenant, lifted.stack, lifted.resource, lifted.until) == (
        "a",
        "silo",
        "bucket",
        "2026-12-31",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": "left"}, "unprotected.0.reason: received 'left', expected why its data may be lost"),
        ({"reason": " " * 20}, "unprotected.0.reason: received"),
        ({"until": "2026-02-30"}, "unprotected.0.until: received '2026-02-30'"),
        ({"until": "20261231"}, "unprotected.0.until: received"),
        ({"until": "9999-12-31"}, "unprotected.0.until: received"),
        ({"until": None}, "unprotected.0.until: received nothing"),
        ({"resource": "everything"}, "unprotected.0.resource: received 'everything'"),
        (
            {"tenant": "c"},
            "unprotected.0: received 'c silo bucket', expected a tenant of this registry that has a 'silo'",
        ),
        (
            {"tenant": "b"},
            "unprotected.0: received 'b silo bucket', expected a tenant of this registry that has a 'silo'",
        ),
        (
            {"tenant": "b", "stack": "platform", "resource": "table"},
            "unprotected.0: received 'b platform table', expected one of 'bucket', 'key', 'vault', which are protected "
            "in 'platform'",
        ),
    ],
)
def test_what_lifts_no_protection(tmp_path: Path, change: dict[str, object], said: str) -> None:
    (line,) = refused(tmp_path, {**PROD, "unprotected": [{**LIFTED, **change}]}, TENANTS)
    assert f"environments.prod.{said}" in line


def test_protection_is_lifted_once_and_where_there_is_one(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, {**PROD, "unprotected": [LIFTED, LIFTED]}, TENANTS)
    assert "environments.prod.unprotected.1: received 'a silo bucket', expected each resource once" in line
    (line,) = refused(tmp_path, {**PROD, "profile": "development", "unprotected": [LIFTED]}, TENANTS)
    assert line.endswith("expected nothing: the profile 'development' protects no tenant's data")


def test_production_says_who_hears_its_alarms(tmp_path: Path) -> None:
    unheard = {key: value for key, value in PROD.items() if key != "alarm_topic_arn"}
    (line,) = refused(tmp_path, unheard, SILO, ENVIRONMENT_SUFFIX="other")
    assert line == (
        "tenants.yaml:3: environments.prod.alarm_topic_arn: received nothing, expected the ARN of an SNS topic: the "
        "profile 'production' has alarms, and somebody has to hear of them"
    )
    settings(tmp_path, {**unheard, "profile": "development"}, SILO)


@pytest.mark.parametrize(
    "topic",
    [
        f"arn:aws:sns:us-east-1:{ACCOUNT}:pager",
        "arn:aws:sns:eu-west-1:210987654321:pager",
        f"arn:aws-cn:sns:eu-west-1:{ACCOUNT}:pager",
    ],
)
def test_alarms_are_heard_in_their_own_account_and_region(tmp_path: Path, topic: str) -> None:
    (line,) = refused(tmp_path, {**PROD, "alarm_topic_arn": topic}, SILO, **ADMINISTRATED)
    assert line == (
        f"tenants.yaml:7: environments.prod.alarm_topic_arn: received '{topic}', expected a topic of the environment's "
        f"account and region, 'arn:aws:sns:eu-west-1:{ACCOUNT}:...'"
    )


def test_backups_are_kept_as_the_environment_says(tmp_path: Path) -> None:
    found = settings(tmp_path, {**PROD, "backup": {"copy_to_region": "eu-central-1"}}, SILO, **ADMINISTRATED)
    assert found.declared is not None
    assert found.declared.backup.copy_to_region == "eu-central-1"


@pytest.mark.parametrize(
    ("profile", "copies", "expected"),
    [
        ("production", "eu-west-1", "another region than the environment's own"),
        ("production", "us-gov-west-1", "a region of the environment's partition, 'aws'"),
        (
            "development",
            "eu-central-1",
            "nothing, or 'retention_days' as well: the profile 'development' makes no backups",
        ),
    ],
)
def test_copies_that_cannot_be_made_are_refused(
    tmp_path: Path, profile: str, copies: str, expected: str
) -> None:
    entry = {**PROD, "profile": profile, "backup": {"copy_to_region": copies}}
    (line,) = refused(tmp_path, entry, SILO, **ADMINISTRATED)
    assert line == (
        f"tenants.yaml:9: environments.prod.backup.copy_to_region: received '{copies}', expected {expected}"
    )


def test_a_dashboard_without_alarms_is_refused(tmp_path: Path) -> None:
    entry = {**PROD, "profile": "development", "dashboards": True}
    (line,) = refused(tmp_path, entry, SILO, ENVIRONMENT_SUFFIX="prod")
    assert line == (
        "tenants.yaml:8: environments.prod.dashboards: received True, expected false, or nothing: the profile "
        "'development' has no alarms to show"
    )
