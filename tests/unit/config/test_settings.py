"""Settings from environment variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from config.profiles import DEVELOPMENT, PRODUCTION
from config.settings import VARIABLE_NAMES, load_settings

ROOT = Path(__file__).resolve().parents[3]
ADMINISTRATOR = "arn:aws:iam::123456789012:role/team/deployer"


def problems(**environment: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environment)
    return str(caught.value).splitlines()


def test_nothing_set_is_the_development_environment_test_in_virginia() -> None:
    settings = load_settings({})
    assert settings.environment_suffix == "test"
    assert settings.region == "us-east-1"
    assert settings.profile is DEVELOPMENT
    assert settings.registry == "tenants.yaml"
    assert settings.state_bucket is None
    assert settings.package_bucket is None
    assert settings.created_at is None


def test_a_variable_that_is_set_but_empty_counts_as_not_set() -> None:
    assert load_settings(dict.fromkeys(VARIABLE_NAMES, "")) == load_settings({})


def test_each_variable_arrives() -> None:
    settings = load_settings(
        {
            "ENVIRONMENT_SUFFIX": "pr123",
            "AWS_REGION": "eu-central-1",
            "AVAILABILITY_ZONES": "eu-central-1b, eu-central-1c",
            "PROFILE": "production",
            "REPOSITORY": "acme/platform",
            "COMMIT_AUTHOR": "dev@example.com",
            "PR_NUMBER": "123",
            "TEAM": "platform",
            "CREATED_AT": "2026-02-03T05:05:06+01:00",
            "STATE_BUCKET": "acme-state",
            "STATE_BUCKET_REGION": "eu-west-1",
            "STATE_DIRECTORY": "elsewhere",
            "PACKAGE_BUCKET": "acme-packages",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
            "TENANT_REGISTRY": "other.yaml",
            "STACKS": "tenant-acme-corp-pr123, shared-platform-pr123",
            "SYNTH_PROCESSES": "4",
            "SYNTH_CACHE": "off",
            "KEY_ADMINISTRATOR_ARNS": f"{ADMINISTRATOR}, arn:aws:iam::123456789012:user/breakglass",
        }
    )
    assert dict(settings) == {
        "environment_suffix": "pr123",
        "region": "eu-central-1",
        "availability_zones": ("eu-central-1b", "eu-central-1c"),
        "profile": PRODUCTION,
        "repository": "acme/platform",
        "commit_author": "dev@example.com",
        "pr_number": "123",
        "team": "platform",
        "created_at": "2026-02-03T04:05:06Z",
        "state_bucket": "acme-state",
        "state_bucket_region": "eu-west-1",
        "state_directory": "elsewhere",
        "package_bucket": "acme-packages",
        "endpoint_url": "http://127.0.0.1:4566",
        "registry": "other.yaml",
        "stacks": ("tenant-acme-corp-pr123", "shared-platform-pr123"),
        "processes": 4,
        "cache": False,
        "key_administrator_arns": (ADMINISTRATOR, "arn:aws:iam::123456789012:user/breakglass"),
        "declared": None,
    }


def test_every_mistake_is_reported_at_once_by_variable() -> None:
    lines = problems(
        ENVIRONMENT_SUFFIX="a-b",
        AWS_REGION="virginia",
        PROFILE="prod",
        CREATED_AT="now",
        STATE_BUCKET="No_Bucket",
    )
    assert [line.split(": received ")[0] for line in lines] == [
        "AWS_REGION",
        "CREATED_AT",
        "ENVIRONMENT_SUFFIX",
        "PROFILE",
        "STATE_BUCKET",
    ]
    assert lines[2] == (
        "ENVIRONMENT_SUFFIX: received 'a-b', expected 1 to 12 lowercase letters and digits, such as 'dev' or 'pr123'"
    )


@pytest.mark.parametrize("suffix", ["a", "1", "a" * 12])
def test_a_short_word_is_an_environment_suffix(suffix: str) -> None:
    assert load_settings({"ENVIRONMENT_SUFFIX": suffix}).environment_suffix == suffix


@pytest.mark.parametrize("suffix", ["a" * 13, "Dev", "a-b", "a_b", "a b", "a\n", "ä", "../x", "a.b"])
def test_anything_else_is_not(suffix: str) -> None:
    (line,) = problems(ENVIRONMENT_SUFFIX=suffix)
    assert line.startswith(f"ENVIRONMENT_SUFFIX: received {suffix!r}, expected 1 to 12 ")


@pytest.mark.parametrize("variable", ["REPOSITORY", "COMMIT_AUTHOR", "PR_NUMBER", "TEAM"])
@pytest.mark.parametrize(
    "value", ["x" * 257, "a;b", "<script>", " padded ", "tab\there", "${data.x}", "%{if}"]
)
def test_a_tag_takes_what_aws_takes(variable: str, value: str) -> None:
    (line,) = problems(**{variable: value})
    assert line.startswith(f"{variable}: received ")
    assert "expected a tag value" in line


@pytest.mark.parametrize(
    "value", ["2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "1767225600", "yesterday"]
)
def test_a_creation_time_is_iso_8601_with_an_offset(value: str) -> None:
    (line,) = problems(CREATED_AT=value)
    assert line == (
        f"CREATED_AT: received {value!r}, expected an ISO 8601 time in UTC, such as '2026-01-31T12:00:00Z'"
    )


@pytest.mark.parametrize("processes", ["0", "-1", "65", "two", "1.5"])
def test_a_number_of_processes_is_a_small_whole_number(processes: str) -> None:
    (line,) = problems(SYNTH_PROCESSES=processes)
    assert line == (
        f"SYNTH_PROCESSES: received {processes!r}, expected a number of processes from 1 to 64, such as '4'"
    )


@pytest.mark.parametrize("switch", ["", "on", "off"])
def test_stacks_of_earlier_runs_are_used_unless_switched_off(switch: str) -> None:
    assert load_settings({"SYNTH_CACHE": switch}).cache == (switch != "off")


@pytest.mark.parametrize("switch", ["ON", "0", "true", " off"])
def test_a_switch_is_on_or_off(switch: str) -> None:
    assert problems(SYNTH_CACHE=switch) == [f"SYNTH_CACHE: received {switch!r}, expected 'on' or 'off'"]


@pytest.mark.parametrize(
    "arn", ["*", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/*", "deployer"]
)
def test_a_key_administrator_is_one_role_or_user(arn: str) -> None:
    (line,) = problems(KEY_ADMINISTRATOR_ARNS=f"{ADMINISTRATOR},{arn}")
    assert line.startswith("KEY_ADMINISTRATOR_ARNS: received ")


def test_a_key_policy_has_room_for_its_administrators() -> None:
    arns = [f"arn:aws:iam::123456789012:role/administrator-{number:03}" for number in range(85)]
    (line,) = problems(KEY_ADMINISTRATOR_ARNS=",".join(arns))
    assert line.startswith(
        "KEY_ADMINISTRATOR_ARNS: received '85 ARNs of 4335 bytes', expected ARNs of at most 4000 "
    )
    assert line.endswith("a key's policy names them up to 5 times, and AWS takes 32768 bytes of it")
    assert load_settings({"KEY_ADMINISTRATOR_ARNS": ",".join(arns[:78])}).key_administrator_arns


def test_production_names_its_key_administrators() -> None:
    (line,) = problems(PROFILE="production")
    assert line.startswith("KEY_ADMINISTRATOR_ARNS: received nothing, expected ARNs of IAM roles or users")
    assert len(problems(PROFILE="production", AWS_REGION="x")) == 2


def test_the_readme_names_every_variable() -> None:
    readme = (ROOT / "README.md").read_text()
    assert {name for name in VARIABLE_NAMES if not re.search(rf"`{name}`", readme)} == set()


@pytest.mark.parametrize("variable", ["AWS_REGION", "STATE_BUCKET_REGION"])
@pytest.mark.parametrize(
    "name", ["us-foo-9", "us-east-1a", "US-EAST-1", "cn-north-1", "us-iso-east-1", "eusc-de-east-1"]
)
def test_a_region_is_one_that_stacks_can_be_deployed_to(variable: str, name: str) -> None:
    (line,) = problems(**{variable: name})
    assert line == (
        f"{variable}: received {name!r}, expected a region of facts/regions.py, such as 'us-east-1': a newer one is "
        "added there; those of China, of the European sovereign cloud and of secret partitions are not supported"
    )


@pytest.mark.parametrize(
    "zones",
    [
        "us-east-1a",
        "us-east-1a,us-east-1a",
        "us-east-1a,us-east-1b,us-east-1b",
        "us-east-1a,us-east-1b,us-east-1c,us-east-1d",
        "us-east-1a,us-west-2b",
        "us-east-1a,us-east-1-bos-1a",
        "a,b,c",
        "us-east-1a,us-east-1",
        "us-east-1a,us-east-1B",
        "use1-az1,use1-az2",
    ],
)
def test_zones_are_two_or_three_of_the_region(zones: str) -> None:
    (line,) = problems(AVAILABILITY_ZONES=zones)
    assert line == (
        f"AVAILABILITY_ZONES: received {zones!r}, expected two or three zones of AWS_REGION, each once, separated by "
        "commas, such as 'us-east-1a,us-east-1b,us-east-1c': silos are in the first two, the platform in all three"
    )


def test_where_accounts_have_different_zones_they_must_be_named() -> None:
    (line,) = problems(AWS_REGION="us-west-1")
    assert line == (
        "AVAILABILITY_ZONES: received nothing, expected two or three zones of AWS_REGION, each once, separated by "
        "commas, such as 'us-east-1a,us-east-1b,us-east-1c': silos are in the first two, the platform in all three; "
        "which ones an account has differs in us-west-1 (`aws ec2 describe-availability-zones --region us-west-1`)"
    )
    named = load_settings({"AWS_REGION": "us-west-1", "AVAILABILITY_ZONES": "us-west-1b,us-west-1c"})
    assert named.availability_zones == ("us-west-1b", "us-west-1c")
