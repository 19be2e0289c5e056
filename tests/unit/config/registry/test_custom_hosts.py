"""Hosts of a tenant's own: whose they are, and which certificate the load balancer can show for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.problems import ConfigurationError
from config.profiles import DEVELOPMENT
from config.registry.environments import Environment
from config.registry.loading import validated
from config.registry.models import Registry
from config.yaml_file import read_yaml

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
ENCRYPTED = {"domain": "example.org", "hosted_zone_id": "Z0123456789ABCDEFGHIJ"}


ELSEWHERE = Environment(profile="development", account="210987654321", region="eu-west-1")


def registry(
    tmp_path: Path,
    *tenants: Any,
    platform: dict[str, Any] = ENCRYPTED,
    region: str = "eu-west-1",
    declared: Environment | None = None,
) -> Registry:
    file = tmp_path / "tenants.yaml"
    value = {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": platform,
        "tenants": {
            f"t{number}": {"fargate": {"listener_priority": number, "custom_hosts": hosts}}
            for number, hosts in enumerate(tenants, 1)
        },
    }
    file.write_text(json.dumps(value, indent=1))
    document = read_yaml(file, name="tenants.yaml")
    return validated(document, profile=DEVELOPMENT, region=region, declared=declared)


def hosts(*names: str) -> dict[str, Any]:
    return {"names": list(names), "certificate_arn": CERTIFICATE}


def objection(tmp_path: Path, *tenants: Any, **given: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        registry(tmp_path, *tenants, **given)
    line = str(caught.value).splitlines()[0]
    return line.partition(": ")[2].removeprefix("tenants.")


def test_two_tenants_have_hosts_of_their_own(tmp_path: Path) -> None:
    found = registry(tmp_path, hosts("www.b.example", "a.example"), hosts("c.example"), None)
    first = found.fargate_tenants["t1"].custom_hosts
    assert first
    assert first.names == ("a.example", "www.b.example")
    assert found.fargate_tenants["t3"].custom_hosts is None


def test_a_host_is_one_tenants_and_none_of_the_platforms(tmp_path: Path) -> None:
    said = objection(tmp_path, hosts("a.example"), hosts("a.example"))
    assert said == (
        "t2.fargate.custom_hosts.names.0: received 'a.example', expected a host other than that of "
        "tenants.t1.fargate.custom_hosts.names.0"
    )
    for name in ("example.org", "t2.example.org", "a.t1.example.org"):
        assert objection(tmp_path, hosts(name)) == (
            f"t1.fargate.custom_hosts.names.0: received '{name}', expected a host that is not below the platform's "
            "domain, 'example.org'"
        )
    registry(tmp_path, hosts("notexample.org"))


def test_the_certificate_is_one_that_the_listener_can_use(tmp_path: Path) -> None:
    said = objection(tmp_path, hosts("a.example"), region="eu-west-2")
    assert said.startswith("t1.fargate.custom_hosts.certificate_arn: received ")
    assert said.endswith("expected a certificate of the stacks' region, 'arn:aws:acm:eu-west-2:...'")
    said = objection(tmp_path, hosts("a.example"), declared=ELSEWHERE)
    assert said.startswith("t1.fargate.custom_hosts.certificate_arn: received ")
    assert said.endswith("expected a certificate of the environment's account, '210987654321'")
    said = objection(tmp_path, hosts("a.example"), platform={"domain": "example.org"})
    assert said.startswith(
        "t1.fargate.custom_hosts: received 'a mapping', expected none where the platform has no"
    )


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["*.a.example"],
        ["A.example"],
        ["example"],
        ["a.example"] * 2,
        [f"{n}.example.net" for n in range(4)],
    ],
)
def test_hosts_are_a_few_names_without_wildcards(tmp_path: Path, names: list[str]) -> None:
    assert objection(tmp_path, hosts(*names)).startswith("t1.fargate.custom_hosts.names")


def test_hosts_have_one_certificate_or_the_zone_that_theirs_are_issued_through(tmp_path: Path) -> None:
    zone = {"hosted_zone_id": "Z0123456789"}
    expected = "expected either 'certificate_arn' or 'hosted_zone_id': "
    neither = objection(tmp_path, {"names": ["a.example"]})
    assert neither.startswith(f"t1.fargate.custom_hosts: received 'neither', {expected}")
    both = objection(tmp_path, hosts("a.example") | zone)
    assert both.startswith(f"t1.fargate.custom_hosts: received 'both', {expected}")
    long = f"{'a' * 57}.example"
    for number, name in enumerate((long[1:], long)):
        value = {"names": [name], **zone}
        if number == 0:
            assert registry(tmp_path, value, region="eu-west-2").fargate_tenants["t1"].custom_hosts
        else:
            assert "at most 64 characters" in objection(tmp_path, value)
    assert registry(tmp_path, hosts(long)).fargate_tenants["t1"].custom_hosts
    said = objection(tmp_path, {"names": ["a.example"], "hosted_zone_id": "a zone"})
    assert said.startswith("t1.fargate.custom_hosts.hosted_zone_id: received 'a zone'")
