"""What the registry says of a Fargate tenant's tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.problems import ConfigurationError
from config.profiles import DEVELOPMENT, PRODUCTION
from config.registry.environments import Environment
from config.registry.loading import validated
from config.registry.models import Registry
from config.registry.tenants import Fargate
from config.yaml_file import read_yaml

REASON = "The tenant's broker is there, by contract."
TO = {"cidr": "203.0.113.0/24", "port": 5671, "reason": REASON}
DIGEST = f"@sha256:{'0' * 64}"
OWN = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


def registry(tmp_path: Path, declared: Environment | None = None, **fargate: Any) -> Registry:
    file = tmp_path / "tenants.yaml"
    value = {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": {"hosted_zone_id": "Z0123456789ABCDEFGHIJ"} if declared else {},
        "tenants": {"a": {"fargate": {"listener_priority": 1, **fargate}}},
    }
    file.write_text(json.dumps(value, indent=1))
    document = read_yaml(file, name="tenants.yaml")
    return validated(document, profile=PRODUCTION if declared else DEVELOPMENT, declared=declared)


def service(tmp_path: Path, **fargate: Any) -> Fargate:
    return registry(tmp_path, **fargate).fargate_tenants["a"]


def objection(tmp_path: Path, declared: Environment | None = None, **fargate: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        registry(tmp_path, declared, **fargate)
    (line,) = str(caught.value).splitlines()
    return line.partition(": ")[2]


def environment(**fields: Any) -> Environment:
    return Environment(profile="production", account="123456789012", region="eu-west-1", **fields)


@pytest.mark.parametrize("user", ["0:0", "0:101", "101:0", "nginx", "101", "65535:1", "1:1:1", "01:1"])
def test_no_container_runs_as_root_or_as_a_name(tmp_path: Path, user: str) -> None:
    said = objection(tmp_path, user=user)
    assert said.startswith(
        f"tenants.a.fargate.user: received '{user}', expected the numbers of a user and a group"
    )


@pytest.mark.parametrize(
    "path", ["/etc", "/tmp", "/usr/bin", "run", "/", "/a/", "/a/../etc", "/a//b", "/.hidden"]
)
def test_folders_of_the_system_stay_as_they_are(tmp_path: Path, path: str) -> None:
    said = objection(tmp_path, writable_folders=["/data", path])
    assert said.startswith(
        f"tenants.a.fargate.writable_folders.1: received '{path}', expected a list of at most 8"
    )


def test_folders_are_in_one_order_and_named_once(tmp_path: Path) -> None:
    assert service(tmp_path, writable_folders=["/run", "/data"]).writable_folders == ("/data", "/run")
    assert "writable_folders" in objection(tmp_path, writable_folders=["/run", "/run"])


def test_a_container_is_unconfined_for_a_reason(tmp_path: Path) -> None:
    assert service(tmp_path, unconfined=REASON).unconfined == REASON
    assert objection(tmp_path, unconfined="because").startswith(
        "tenants.a.fargate.unconfined: received 'because'"
    )


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({**TO, "cidr": "203.0.113.1/24"}, "cidr"),
        ({**TO, "cidr": "203.0.113.0"}, "cidr"),
        ({**TO, "cidr": "2001:db8::/32"}, "cidr"),
        ({"prefix_list": "pl-1", "port": 443, "reason": REASON}, "prefix_list"),
        ({**TO, "port": 0}, "port"),
        ({**TO, "port": 65_536}, "port"),
        ({**TO, "protocol": "icmp"}, "protocol"),
        ({**TO, "reason": "so"}, "reason"),
        ({"cidr": "0.0.0.0/0", "port": 443}, "reason"),
    ],
)
def test_a_destination_is_a_place_a_port_and_a_reason(
    tmp_path: Path, entry: dict[str, Any], field: str
) -> None:
    assert objection(tmp_path, egress=[entry]).startswith(f"tenants.a.fargate.egress.0.{field}: received ")


def test_a_destination_names_one_place_and_each_is_listed_once(tmp_path: Path) -> None:
    both = {**TO, "prefix_list": "pl-01234567"}
    here = "tenants.a.fargate.egress"
    assert (
        objection(tmp_path, egress=[both])
        == f"{here}.0: received 'both', expected either 'cidr' or 'prefix_list'"
    )
    neither = {"port": 443, "reason": REASON}
    assert objection(tmp_path, egress=[neither]).startswith(f"{here}.0: received 'neither'")
    again = {**TO, "protocol": "tcp", "reason": f"{REASON} Again."}
    expected = f"{here}.1: received '203.0.113.0/24', expected each destination once"
    assert objection(tmp_path, egress=[TO, again]) == expected
    assert len(service(tmp_path, egress=[TO, {**TO, "port": 5672}, {**TO, "protocol": "udp"}]).egress) == 3


def test_production_takes_images_of_its_own_registry(tmp_path: Path) -> None:
    """Another account, another region, a name that only begins like the registry's."""
    image = f"{OWN}/team/app{DIGEST}"
    assert registry(tmp_path, environment(), image=image).fargate_tenants["a"].image == image
    for other in (
        f"nginx{DIGEST}",
        f"210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/app{DIGEST}",
        f"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app{DIGEST}",
        f"{OWN}.example.org/team/app{DIGEST}",
    ):
        said = objection(tmp_path, environment(), image=other)
        assert said.startswith(f"tenants.a.fargate.image: received '{other[:40]}")
        assert said.endswith(
            f", expected an image of '{OWN}' or of 'image_registries' of the environment: the profile is 'production'"
        )


def test_an_environment_may_take_images_from_elsewhere(tmp_path: Path) -> None:
    declared = environment(image_registries=("public.ecr.aws/nginx",))
    registry(tmp_path, declared, image=f"public.ecr.aws/nginx/nginx{DIGEST}")
    assert "image_registries" in objection(tmp_path, declared, image=f"public.ecr.aws/nginxes/app{DIGEST}")


def traced(tmp_path: Path, profile: str, image: str, *registries: str) -> str:
    """What is wrong with an environment whose tasks' traces `image` collects, empty where nothing is."""
    file = tmp_path / "tenants.yaml"
    environments = {
        "live": {
            "profile": profile,
            "account": "123456789012",
            "region": "eu-west-1",
            "alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:pager",
            "image_registries": registries,
            "tracing": {"collector_image": image},
        }
    }
    value = {"created_at": "2026-01-01T00:00:00Z", "environments": environments, "tenants": {}}
    file.write_text(json.dumps(value, indent=1))
    try:
        validated(read_yaml(file, name="tenants.yaml"), profile=DEVELOPMENT)
    except ConfigurationError as error:
        return str(error).partition(": ")[2]
    return ""


def test_the_collector_of_traces_is_given_by_digest_and_comes_from_where_images_do(tmp_path: Path) -> None:
    place = "environments.live.tracing.collector_image: received "
    for image in ("adot", f"{OWN}/adot:v0.43.3", f"{OWN}/adot@sha256:0", f"a:70000/adot{DIGEST}"):
        said = traced(tmp_path, "development", image)
        assert said.startswith(f"{place}'{image[:40]}")
        assert ", expected the AWS Distro for OpenTelemetry's collector as an image by digest" in said
    public = f"public.ecr.aws/aws-observability/aws-otel-collector{DIGEST}"
    assert traced(tmp_path, "development", public) == ""
    assert traced(tmp_path, "production", f"{OWN}/adot{DIGEST}") == ""
    assert traced(tmp_path, "production", public, "public.ecr.aws/aws-observability") == ""
    said = traced(tmp_path, "production", public, "public.ecr.aws/nginx")
    assert said.startswith(f"{place}'{public[:40]}")
    assert said.endswith(
        f", expected an image of '{OWN}' or of 'image_registries' of the environment: the profile is 'production'"
    )
