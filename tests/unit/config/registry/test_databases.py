"""The shared database: which instances an environment may have, and how many connections tenants may be promised."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from config.loading import load
from config.problems import ConfigurationError
from config.profiles import DEVELOPMENT, PRODUCTION
from config.registry.databases import EnvironmentDatabase, TenantDatabase
from config.registry.models import Registry
from facts.instance_classes import INSTANCE_CLASSES, RESERVED_CONNECTIONS

ACCOUNT = "123456789012"
PROD = {
    "profile": "production",
    "account": ACCOUNT,
    "region": "eu-west-1",
    "alarm_topic_arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:pager",
}
DEV = {"profile": "development", "account": ACCOUNT, "region": "eu-west-1"}
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:{'0' * 64}"


def loaded(
    folder: Path, environments: Mapping[str, object], *connections: int | None, **variables: str
) -> Registry:
    """Load a registry with a Fargate tenant for each of `connections`; `None` leaves it to the default."""
    tenants = {
        f"t{number}": {
            "fargate": {
                "listener_priority": number,
                "image": IMAGE,
                **({} if limit is None else {"database": {"connections": limit}}),
            }
        }
        for number, limit in enumerate(connections, 1)
    }
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "environments": environments,
        "platform": {"hosted_zone_id": "Z0123456789"},
        "tenants": tenants,
    }
    (folder / "tenants.yaml").write_text(yaml.safe_dump(registry, sort_keys=False))
    return load(variables, root=folder)[1]


def refused(
    folder: Path, environments: Mapping[str, object], *connections: int | None, **variables: str
) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, environments, *connections, **variables)
    return str(caught.value).splitlines()


def prod(**database: object) -> dict[str, object]:
    return {"prod": {**PROD, "database": database}}


def test_fifty_nine_tenants_of_twenty_connections_exceed_a_small_instance(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, {"dev": DEV}, *[None] * 59, ENVIRONMENT_SUFFIX="dev")
    assert problem == (
        "tenants.yaml:3: environments.dev.database.instance_class: received 'db.t3.medium', expected a class of 'dev' "
        "that holds 1180 connections, the sum of 'fargate.database.connections' of 59 tenants: it has 420, 18 of them "
        "kept for AWS, operators and the provisioner, so 402 are left; 'db.r6g.large' would, or limits of 6 for each "
        "tenant would"
    )


def test_they_fit_where_the_environment_has_a_larger_class(tmp_path: Path) -> None:
    larger = {"dev": {**DEV, "database": {"instance_class": "db.r6g.large"}}}
    loaded(tmp_path, larger, *[None] * 59, ENVIRONMENT_SUFFIX="dev")
    loaded(tmp_path, {"dev": DEV}, *[6] * 59, ENVIRONMENT_SUFFIX="dev")


@pytest.mark.parametrize("profile", [DEVELOPMENT, PRODUCTION], ids=lambda profile: profile.name)
def test_what_is_left_of_the_class_fits_to_the_last_connection(tmp_path: Path, profile: object) -> None:
    suffix, entry = ("dev", DEV) if profile is DEVELOPMENT else ("prod", PROD)
    variables = {"ENVIRONMENT_SUFFIX": suffix, "KEY_ADMINISTRATOR_ARNS": f"arn:aws:iam::{ACCOUNT}:role/d"}
    left = (402 if profile is DEVELOPMENT else 1704) - 100
    loaded(tmp_path, {suffix: entry}, 100, left, **variables)
    (problem,) = refused(tmp_path, {suffix: entry}, 101, left, **variables)
    assert f"environments.{suffix}.database.instance_class: received" in problem


def test_an_environment_that_is_not_declared_has_the_profiles_class(tmp_path: Path) -> None:
    loaded(tmp_path, {}, 402)
    (problem,) = refused(tmp_path, {}, 403)
    assert problem.startswith(
        "tenants.yaml:5: tenants: received 'db.t3.medium', expected a class of an environment that is not declared "
        "that holds 403 connections"
    )
    assert problem.endswith("so 402 are left; 'db.t3.large' would, or limits of 402 for each tenant would")


def test_each_declared_environment_is_asked_in_every_run(tmp_path: Path) -> None:
    """A tenant too many for production is refused in development already."""
    environments = {"dev": {**DEV, "database": {"instance_class": "db.r6g.xlarge"}}, "prod": PROD}
    (problem,) = refused(tmp_path, environments, 2000, ENVIRONMENT_SUFFIX="dev")
    assert "environments.prod.database.instance_class: received 'db.r6g.large'" in problem
    assert "'db.r6g.xlarge' would" in problem


def test_more_than_any_class_holds(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, {"dev": DEV}, 4000, 983, ENVIRONMENT_SUFFIX="dev")
    assert problem.endswith("so 402 are left; limits of 201 for each tenant would")
    many = [5000] * 403
    assert refused(tmp_path, {"dev": DEV}, *many, ENVIRONMENT_SUFFIX="dev")[-1].endswith(
        "so 402 are left; fewer tenants would"
    )


@pytest.mark.parametrize("instance_class", ["db.t3.medium", "db.t3.large", "db.t4g.medium", "db.t4g.large"])
def test_a_burstable_class_is_refused_in_production(tmp_path: Path, instance_class: str) -> None:
    assert refused(tmp_path, prod(instance_class=instance_class), 1) == [
        "tenants.yaml:9: environments.prod.database.instance_class: received "
        f"'{instance_class}', expected a class that is not burstable: without CPU credits it slows down for every "
        "tenant, and the profile is 'production'; 'db.r6g.large' is its default"
    ]
    loaded(tmp_path, {"dev": {**DEV, "database": {"instance_class": instance_class}}}, 1)


def test_production_keeps_a_reader(tmp_path: Path) -> None:
    assert refused(tmp_path, prod(instances=1), 1) == [
        "tenants.yaml:9: environments.prod.database.instances: received 1, expected 2 or more, so that a reader in "
        "another zone can take over: the profile is 'production'"
    ]
    loaded(tmp_path, prod(instances=16), 1)


def test_all_that_production_lacks_is_one_list(tmp_path: Path) -> None:
    found = refused(
        tmp_path, prod(instance_class="db.t3.medium", instances=1), 500, ENVIRONMENT_SUFFIX="prod"
    )
    assert [
        problem.split(": received ")[0].split(": ")[-1] for problem in found if problem[:7] == "tenants"
    ] == [
        "environments.prod.database.instance_class",
        "environments.prod.database.instance_class",
        "environments.prod.database.instances",
    ]
    assert "'db.r6g.large' would" in found[-2], "a class that production does not take is no advice"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"instance_class": "db.t3.micro"}, "one of the instance classes db.t3.medium, "),
        ({"instance_class": ""}, "one of the instance classes db.t3.medium, "),
        ({"instances": 0}, "a writer and its readers, 1 to 16"),
        ({"instances": 17}, "a writer and its readers, 1 to 16"),
        ({"instances": True}, "a writer and its readers, 1 to 16"),
        ({"class": "db.r6g.large"}, "one of the keys 'instance_class', 'instances'"),
    ],
)
def test_what_an_environment_may_not_say(tmp_path: Path, wrong: dict[str, object], expected: str) -> None:
    (problem,) = refused(tmp_path, prod(**wrong), 1)
    assert "environments.prod.database." in problem
    assert f"expected {expected}" in problem


@pytest.mark.parametrize("field", TenantDatabase.model_fields)
@pytest.mark.parametrize("value", [0, -1, 86_401, "60", True, 1.5])
def test_what_a_tenant_may_not_say(tmp_path: Path, field: str, value: object) -> None:
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": {},
        "tenants": {"a": {"fargate": {"listener_priority": 1, "database": {field: value}}}},
    }
    (tmp_path / "tenants.yaml").write_text(yaml.safe_dump(registry))
    with pytest.raises(ConfigurationError, match=rf"tenants\.a\.fargate\.database\.{field}: received .* 1 "):
        load({}, root=tmp_path)


def test_timeouts_can_be_off_and_connections_cannot() -> None:
    off = dict.fromkeys(set(TenantDatabase.model_fields) - {"connections"})
    assert TenantDatabase.model_validate(off).statement_timeout_seconds is None
    assert TenantDatabase() == TenantDatabase(
        connections=20,
        statement_timeout_seconds=60,
        idle_in_transaction_timeout_seconds=60,
        idle_session_timeout_seconds=3600,
    )
    with pytest.raises(ValueError, match="connections"):
        TenantDatabase.model_validate({"connections": None})


def test_the_profiles_classes() -> None:
    plain = EnvironmentDatabase()
    assert plain.instance_class_in(DEVELOPMENT).name == "db.t3.medium"
    assert plain.instance_class_in(PRODUCTION).name == "db.r6g.large"
    assert (plain.instances_in(DEVELOPMENT), plain.instances_in(PRODUCTION)) == (1, 2)
    own = EnvironmentDatabase(instance_class="db.r6g.2xlarge", instances=3)
    assert (own.instance_class_in(PRODUCTION).name, own.instances_in(PRODUCTION)) == ("db.r6g.2xlarge", 3)


def test_something_is_left_of_the_smallest_class() -> None:
    assert min(fact.value.connections for fact in INSTANCE_CLASSES.values()) == 405
    assert RESERVED_CONNECTIONS == 18
