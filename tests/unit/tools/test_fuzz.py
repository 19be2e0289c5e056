"""The fuzzer: what it tries has no fault, and its oracle would see one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import pytest
from jsonschema import Draft202012Validator

from config.loading import load
from config.registry.environments import Environment
from config.registry.schema import json_schema
from config.settings import Settings
from tools.fuzz import texts
from tools.fuzz.cases import FILE, environment_case, registry_case
from tools.fuzz.environments import environment
from tools.fuzz.oracle.environments import environment_objections
from tools.fuzz.oracle.hosts import issuance_objections, zone_objections
from tools.fuzz.oracle.meaning import meaning_objections
from tools.fuzz.oracle.names import (
    bucket_objections,
    certificate_objections,
    delivery_objections,
    domain_objections,
    endpoint_objections,
    id_objections,
    image_objections,
    network_objections,
    principal_objections,
    tag_objections,
    time_objections,
)
from tools.fuzz.oracle.registry import registry_objections
from tools.fuzz.oracle.settings import settings_objections
from tools.fuzz.registries import good, registry, written

SHIPPED = Path(__file__).parents[3] / FILE
SCHEMA = Draft202012Validator(json_schema())
REGISTRIES, ENVIRONMENTS = 500, 300
"""Tried by every run of the tests; `make fuzz` tries more."""


def test_edited_registries_have_no_fault(tmp_path: Path) -> None:
    outcomes = {number: registry_case(number, tmp_path) for number in range(REGISTRIES)}
    assert {number: outcome.faults for number, outcome in outcomes.items() if outcome.faults} == {}
    accepted = sum(outcome.accepted for outcome in outcomes.values())
    assert REGISTRIES / 20 < accepted < REGISTRIES / 2, "too few of one kind: the other is hardly tried"


def test_environments_have_no_fault(tmp_path: Path) -> None:
    outcomes = {number: environment_case(number, tmp_path, SHIPPED) for number in range(ENVIRONMENTS)}
    assert {number: outcome.faults for number, outcome in outcomes.items() if outcome.faults} == {}
    accepted = sum(outcome.accepted for outcome in outcomes.values())
    assert ENVIRONMENTS / 10 < accepted < ENVIRONMENTS * 3 / 4


def test_a_number_is_always_the_same_case() -> None:
    for number in range(20):
        assert registry(Random(number)) == registry(Random(number))
        assert environment(Random(number)) == environment(Random(number))
    assert len({registry(Random(number)) for number in range(20)}) == 20


def test_a_registry_is_right_before_it_is_edited(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / FILE).write_text(written(good(Random(number))))
        load({}, root=tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes", {"a": True}),
        ("a: 017", {"a": 15}),
        ("a: 0x10", {"a": 16}),
        ("a: 1_000", {"a": 1000}),
        ("a: 1:30", {"a": 90}),
        ("a: 1.0", {"a": 1}),
        ("a: '5'", {"a": 5}),
        ("a: 2026-01-01", {"a": None}),
        ("a: null", {"a": "null"}),
        ("a: 1\na: 2", {"a": 2}),
        ("[1, 2]", [1]),
        ("a: {}", {"a": []}),
    ],
)
def test_the_oracle_sees_what_yaml_does_not_mean(text: str, value: object) -> None:
    assert list(meaning_objections(text, value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 017", {"a": 17}),
        ("a: !!str null", {"a": "null"}),
        ("a: !!int '30'", {"a": 30}),
        ("\ufeffa: !!int '30'", {"a": 30}),
        ("a: yes", {"a": "yes"}),
        ("a: [~, True]", {"a": [None, True]}),
        ("{}", {}),
    ],
)
def test_the_oracle_leaves_what_yaml_means(text: str, value: object) -> None:
    assert not list(meaning_objections(text, value))


REFUSED: dict[Callable[..., Iterable[str]], list[str | None]] = {
    id_objections: ["", "A", "a--b", "a-", "-a", "1a", "a" * 31, "a_b", "é"],
    network_objections: [
        "10.1.0.0/255.255.0.0",
        "10.1.0.0/016",
        "10.1.0.0/8",
        "11.0.0.0/16",
        "x",
        "100.64.0.0/16",
    ],
    time_objections: ["2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "now", None],
    domain_objections: [
        "example",
        "a..b",
        "-a.com",
        "a_b.com",
        "1.2.3.4",
        "x" * 64 + ".com",
        "a." * 48 + "b",
    ],
    image_objections: [
        *(
            "x..//:::",
            "A",
            "a:",
            "a:-t",
            f"a:{'t' * 129}",
            "localhost/x",
            "registry:5000/x",
            "10.1.0.0",
            "a/",
        ),
        *("registry.example:70000/x", "a@sha256:0", "a" * 256, "10.1.0.0/16"),
    ],
    bucket_objections: ["ab", "a..b", "192.168.1.1", "xn--a", "a-s3alias", "A-b", "-ab", "a" * 64],
    tag_objections: ["", "x" * 257, "aws:x", "a;b", "a\nb"],
    zone_objections: ["Z", "z0123", "/hostedzone/Z0123", "Z" * 33, "Z01-23", "example.com"],
    issuance_objections: [
        *("a.internal", "a.local", "a.test", "localhost", "a.home.arpa", f"{'a' * 61}.com"),
        *("a.elb.amazonaws.com", "cloudfront.net", "a.elasticbeanstalk.com"),
    ],
}


@pytest.mark.parametrize(
    ("objections", "value"), [(rule, value) for rule, values in REFUSED.items() for value in values]
)
def test_the_oracle_knows_what_aws_refuses(
    objections: Callable[..., Iterable[str]], value: str | None
) -> None:
    assert list(objections(value))


def test_the_oracle_knows_which_delivery_cannot_roll_out() -> None:
    image, arn = f"{texts.ECR}/deployer@sha256:{texts.DIGEST}", "arn:aws:iam::123456789012:role/deployer"

    def objections(image: str = image, arn: str = arn) -> list[str]:
        delivery = {"image": image, "deployer_role_arn": arn}
        return list(
            delivery_objections({"account": "123456789012", "region": "us-east-1", "delivery": delivery})
        )

    assert objections() == []
    for wrong in ("123456789012", "us-east-1", "@sha256:", "/deployer", "amazonaws.com"):
        assert objections(image=image.replace(wrong, "")), wrong
    for wrong in (arn.replace("9", "8"), arn.replace("role", "user"), "arn:aws:iam::123456789012:root"):
        assert objections(arn=wrong), wrong


def test_the_oracle_knows_regions_and_partitions() -> None:
    arn = f"arn:aws:acm:us-east-1:123456789012:certificate/{texts.UUID}"
    assert not list(certificate_objections(arn, "us-east-1"))
    for wrong in (
        arn.replace("123", "12"),
        arn[:-1],
        arn.replace("certificate", "x"),
        arn.replace("aws", "aws-cn"),
    ):
        assert list(certificate_objections(wrong, "us-east-1"))
    assert list(certificate_objections(arn, "eu-west-1"))
    principal = "arn:aws:iam::123456789012:role/a"
    assert not list(principal_objections(principal, "eu-west-1"))
    assert list(principal_objections(principal, "us-gov-west-1"))
    for wrong in (
        "arn:aws:iam::123456789012:root",
        f"{principal}{'a' * 64}",
        principal.replace("role/a", "role/*"),
    ):
        assert list(principal_objections(wrong, "eu-west-1"))


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://a",
            "http://",
            "http://u:p@a",
            "http://a/b",
            "http://a?b",
            "http://a#b",
            "http://a b",
            "http://a:0",
        ),
        *("http://999.1.1.1", "http://[::1:1", "http://a:70000"),
    ],
)
def test_the_oracle_knows_what_is_no_endpoint(url: str) -> None:
    assert list(endpoint_objections(url, production=False))


def test_the_oracle_wants_encryption_in_production() -> None:
    assert list(endpoint_objections("http://aws.example", production=True))
    assert not list(endpoint_objections("http://127.0.0.1:4566", production=True))


def registry_of(**tenant: object) -> dict[str, object]:
    return {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": {},
        "tenants": {"a": tenant, "b": {"silo": {"cidr": "10.2.0.0/16"}, "fargate": {"listener_priority": 2}}},
        "retired": {"c": {"cidr": "10.3.0.0/16", "listener_priority": 3}},
    }


@pytest.mark.parametrize(
    "value",
    [
        registry_of(),
        registry_of(silo={"cidr": "10.2.0.0/16"}),
        registry_of(silo={"cidr": "10.3.240.0/22"}),
        registry_of(silo={"cidr": "10.0.4.0/22"}),
        registry_of(fargate={"listener_priority": 2}),
        registry_of(fargate={"listener_priority": 3}),
        registry_of(fargate={"listener_priority": 0}),
        registry_of(fargate={"listener_priority": 4, "minimum_tasks": 9, "maximum_tasks": 8}),
        registry_of(fargate={"listener_priority": 4, "image": "localhost/x"}),
        registry_of(silo={"cidr": "10.4.0.0/16", "log_retention_days": 2}),
        registry_of(silo={"cidr": "10.4.0.0/16", "object_expiration_days": 0}),
        registry_of(silo={"cidr": "10.4.0.0/16", "interface_endpoints": ["kms", "kms"]}),
        registry_of(silo={"cidr": "10.4.0.0/16"}, created_at="2026-02-30T00:00:00Z"),
        registry_of(silo={"cidr": "10.4.0.0/16"}, other=1),
        {**registry_of(silo={"cidr": "10.4.0.0/16"}), "platform": None},
        {**registry_of(silo={"cidr": "10.4.0.0/16"}), "platform": {"cidr": "10.0.0.0/22"}},
        {**registry_of(silo={"cidr": "10.4.0.0/16"}), "retired": {"a": {}}},
        {**registry_of(silo={"cidr": "10.4.0.0/16"}), "created_at": "now"},
        [],
    ],
)
def test_the_oracle_knows_what_no_registry_can_have(value: object) -> None:
    assert list(registry_objections(SCHEMA, value, "us-east-1"))


def registry_with_hosts(*given: object, **platform: object) -> dict[str, object]:
    tenants = {
        f"t{number}": {"fargate": {"listener_priority": number, "custom_hosts": hosts}}
        for number, hosts in enumerate(given, 1)
    }
    return {"created_at": "2026-01-01T00:00:00Z", "platform": platform, "tenants": tenants}


ZONE = {"hosted_zone_id": "Z0123456789"}
SHOWN = {"certificate_arn": f"arn:aws:acm:us-east-1:123456789012:certificate/{texts.UUID}"}


@pytest.mark.parametrize(
    "value",
    [
        registry_with_hosts({"names": ["a.example"], **ZONE}),
        registry_with_hosts({"names": ["a.example"]}, **ZONE),
        registry_with_hosts({"names": ["a.example"], **ZONE, **SHOWN}, **ZONE),
        registry_with_hosts({"names": ["a.example"], **SHOWN}, {"names": ["a.example"], **SHOWN}, **ZONE),
        registry_with_hosts({"names": ["a.example.com"], **SHOWN}, **ZONE),
        registry_with_hosts({"names": ["example.org"], **SHOWN}, domain="example.org", **ZONE),
        registry_with_hosts({"names": ["a.test"], **ZONE}, **ZONE),
        registry_with_hosts({"names": ["a.x.cloudfront.net"], **ZONE}, **ZONE),
        registry_with_hosts({"names": [f"{'a.' * 31}bcd"], **ZONE}, **ZONE),
        registry_with_hosts(domain="saas.internal", **ZONE),
    ],
)
def test_the_oracle_knows_what_hosts_nobody_can_have(value: object) -> None:
    found = list(registry_objections(SCHEMA, value, "us-east-1"))
    assert found
    assert not [objection for objection in found if "schema" in objection]


def test_the_oracle_takes_hosts_that_are_right() -> None:
    value = registry_with_hosts({"names": ["a.example"], **SHOWN}, {"names": ["b.example"], **ZONE}, **ZONE)
    assert not list(registry_objections(SCHEMA, value, "us-east-1"))
    assert list(registry_objections(SCHEMA, value, "eu-west-1"))
    assert not list(registry_objections(SCHEMA, value, "us-east-1", "123456789012"))
    assert list(registry_objections(SCHEMA, value, "us-east-1", "210987654321"))


@pytest.mark.parametrize(
    "change",
    [
        {"account": "12345678901"},
        {"region": "us-foo-9"},
        *(
            {"tracing": {"collector_image": image}}
            for image in (
                *("collector:1", f"localhost/x@sha256:{texts.DIGEST}", f"a/b:1@sha256:{texts.DIGEST}"),
                # An image that production may not take from there.
                f"quay.io/collector@sha256:{texts.DIGEST}",
            )
        ),
        *({"tracing": {"untraced_functions": reason}} for reason in ("short", "x" * 501, "a\n" + "x" * 20)),
    ],
)
def test_the_oracle_knows_what_no_environment_can_have(change: dict[str, object]) -> None:
    environment = {"profile": "production", "account": "123456789012", "region": "us-east-1"}
    assert list(environment_objections(environment | change))
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/collector@sha256:{texts.DIGEST}"
    tracing = {"collector_image": image, "untraced_functions": "What they do is seen in logs."}
    assert not list(environment_objections({**environment, "tracing": tracing}))


def test_the_oracle_takes_what_is_right() -> None:
    value = registry_of(silo={"cidr": "10.4.0.0/16"}, fargate={"listener_priority": 4})
    assert not list(registry_objections(SCHEMA, value, "us-east-1"))
    assert not list(settings_objections(Settings()))


@pytest.mark.parametrize(
    "change",
    [
        {"region": "cn-north-1"},
        {"region": "us-foo-9"},
        {"state_bucket_region": "us-foo-9"},
        {"availability_zones": ("us-east-1a",)},
        {"availability_zones": ("us-east-1a", "us-east-1a")},
        {"availability_zones": ("us-east-1a", "us-west-2a")},
        {"environment_suffix": "a-b"},
        {"environment_suffix": "s3alias"},
        {"state_directory": "a\nb"},
        {"state_directory": "${a}"},
        {"team": "a;b"},
        {"state_bucket": "a..b"},
        {"endpoint_url": "http://u:p@a"},
        {"key_administrator_arns": ("*",)},
        {"state_bucket_region": "us-gov-west-1"},
        {
            "declared": Environment(profile="development", account="210987654321", region="us-east-1"),
            "key_administrator_arns": ("arn:aws:iam::123456789012:role/a",),
        },
    ],
)
def test_the_oracle_knows_what_no_settings_can_have(change: dict[str, object]) -> None:
    assert list(settings_objections(Settings().model_copy(update=change)))
