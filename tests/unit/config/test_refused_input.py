"""Input that cannot work, by kind: each is refused, in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.loading import load
from config.problems import MOST_SHOWN, ConfigurationError
from config.registry.models import Registry

UUID = "12345678-1234-1234-1234-123456789012"


def read(folder: Path, text: str | bytes, **variables: str) -> Registry:
    file = folder / "tenants.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load({"TENANT_REGISTRY": "tenants.yaml", **variables}, root=folder)[1]


def refused(folder: Path, text: str | bytes, **variables: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text, **variables)
    return str(caught.value).split("\n")


def tenants(entries: str, platform: str = "{}") -> str:
    return f"created_at: '2026-01-01T00:00:00Z'\nplatform: {platform}\ntenants: {entries}\n"


def test_bombs_are_one_line_each(tmp_path: Path) -> None:
    aliases = "a0: &a0 x\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 11)
    )
    merges = "a0: &a0 {x: 1}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 11)
    )
    for text in (aliases, merges):
        (line,) = refused(tmp_path, text)
        assert "more repeated values, by aliases and merge keys" in line
        assert line.startswith("tenants.yaml:")
    for text in ("[" * 100_000, "a: " + "{a: " * 100_000, "- " * 100_000):
        (line,) = refused(tmp_path, text)
        assert "nesting that is too deep" in line


def test_three_thousand_tenants_with_one_network_are_a_screen(tmp_path: Path) -> None:
    lines = refused(
        tmp_path, tenants("".join(f"\n  t{n}: {{silo: {{cidr: 10.1.0.0/16}}}}" for n in range(3000)))
    )
    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1] == f"and {3000 - 1 - MOST_SHOWN} more"


def test_an_own_key_overrides_a_merged_one(tmp_path: Path) -> None:
    text = tenants(
        "{a: {fargate: &a {listener_priority: 1, minimum_tasks: 3}}, b: {fargate: {<<: *a, listener_priority: 2}}}"
    )
    assert read(tmp_path, text).fargate_tenants["b"].minimum_tasks == 3
    assert read(tmp_path, text).fargate_tenants["b"].listener_priority == 2


@pytest.mark.parametrize(
    "key",
    [
        ".nan",
        ".inf",
        "!!float nan",
        "www",
        "api",
        "admin",
        "mta-sts",
        "wpad",
        "isatap",
        "true",
        "null",
        "017",
    ],
)
def test_what_is_no_id(tmp_path: Path, key: str) -> None:
    assert len(refused(tmp_path, tenants(f"{{{key}: {{silo: {{cidr: 10.1.0.0/16}}}}}}"))) == 1


@pytest.mark.parametrize(
    "image",
    [
        "x..//:::",
        "10.1.0.0/16",
        "10.1.0.0",
        "localhost/x",
        "A",
        "a:b:c",
        "a@sha256:0",
        "a/",
        "a" * 256,
        "a:\u0661",
    ],
)
def test_what_is_no_image(tmp_path: Path, image: str) -> None:
    (line,) = refused(tmp_path, tenants(f"{{a: {{fargate: {{listener_priority: 1, image: '{image}'}}}}}}"))
    assert "expected a container image" in line


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:acm:eu-west-1:123456789012:certificate/{UUID}",
        f"arn:aws-us-gov:acm:us-east-1:123456789012:certificate/{UUID}",
        f"arn:aws:iam:us-east-1:123456789012:certificate/{UUID}",
        f"arn:aws:acm:us-east-1:12345678901:certificate/{UUID}",
    ],
)
def test_what_is_no_certificate_for_the_platform(tmp_path: Path, arn: str) -> None:
    assert len(refused(tmp_path, tenants("{}", f"{{certificate_arn: '{arn}'}}"))) == 1
    right = f"arn:aws:acm:us-east-1:123456789012:certificate/{UUID}"
    assert read(tmp_path, tenants("{}", f"{{certificate_arn: '{right}'}}")).platform is not None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(
            ("STATE_BUCKET", name)
            for name in (
                *(
                    "192.168.1.1",
                    "a..b",
                    "xn--a",
                    "sthree-a",
                    "amzn-s3-demo-a",
                    "a-s3alias",
                    "a--ol-s3",
                    "a.mrap",
                ),
                *("a--x-s3", "a--table-s3", "a-an", "ab", "abc\n"),
            )
        ),
        *(
            ("AWS_ENDPOINT_URL", url)
            for url in (
                *(
                    "http://u:p@h",
                    "http://h?q",
                    "http://h#f",
                    "http://h/p",
                    "http://h:65536",
                    "ftp://h",
                    "http://h\n",
                ),
            )
        ),
        ("ENVIRONMENT_SUFFIX", "an"),
        ("ENVIRONMENT_SUFFIX", "s3alias"),
        *(("SYNTH_PROCESSES", text) for text in ("04", " 4", "1_0", "\u0664", "4.0", "9" * 5000)),
        ("KEY_ADMINISTRATOR_ARNS", "arn:aws-us-gov:iam::123456789012:role/x"),
        ("KEY_ADMINISTRATOR_ARNS", f"arn:aws:iam::123456789012:role/{'x' * 65}"),
        ("STATE_DIRECTORY", "a\nb"),
        ("STATE_DIRECTORY", "${x}"),
        ("TEAM", "aws:x"),
        ("TENANT_REGISTRY", "x" * 5000),
        ("TENANT_REGISTRY", "a\nb\u2028\u202e\x1b[31m"),
    ],
)
def test_what_no_variable_may_say(tmp_path: Path, variable: str, value: str) -> None:
    (line,) = refused(tmp_path, tenants("{}"), **{variable: value})
    assert line.startswith(f"{variable}: received ")
    assert line.isprintable()


def test_http_in_production_stays_on_this_machine(tmp_path: Path) -> None:
    production = {"ENVIRONMENT_SUFFIX": "prod", "KEY_ADMINISTRATOR_ARNS": "arn:aws:iam::123456789012:role/x"}
    declared = "environments: {prod: {profile: production, account: '123456789012', region: us-east-1, "
    declared += "alarm_topic_arn: 'arn:aws:sns:us-east-1:123456789012:pager'}}\n"
    text = declared + tenants("{}", "{hosted_zone_id: Z0123456789}")
    assert len(refused(tmp_path, text, AWS_ENDPOINT_URL="http://example.com", **production)) == 1
    read(tmp_path, text, AWS_ENDPOINT_URL="http://127.0.0.1:4566", **production)
    read(tmp_path, text, AWS_ENDPOINT_URL="https://example.com", **production)


def test_what_production_lacks_is_one_list(tmp_path: Path) -> None:
    lines = refused(
        tmp_path,
        tenants("{a: {fargate: {listener_priority: 1}}, b: {}}"),
        PROFILE="production",
        AWS_ENDPOINT_URL="http://example.com",
    )
    assert [line.partition(": received")[0] for line in lines] == [
        "ENVIRONMENT_SUFFIX",
        "AWS_ENDPOINT_URL",
        "KEY_ADMINISTRATOR_ARNS",
        "tenants.yaml:2: platform.certificate_arn",
        "tenants.yaml:3: tenants.a.fargate.image",
        "tenants.yaml:3: tenants.b",
    ]


def test_no_key_breaks_the_line(tmp_path: Path) -> None:
    text = tenants('{"a\\nb\\u2028\\u202e\\e[31m": {silo: {cidr: 10.1.0.0/16}}}')
    (line,) = refused(tmp_path, text)
    assert line.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        b"? [a]\n: b",
        b"!!bool x",
        b"!!int 0x10",
        b"!!binary aaaa",
        b"a: 1\n--- \nb: 2",
        b"\xff",
        b"a\x00",
        b"\ta: 1",
    ],
)
def test_unusual_yaml_is_one_line(tmp_path: Path, text: bytes) -> None:
    assert len(refused(tmp_path, text)) == 1


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (".", "fifo"):
        assert len(refused(tmp_path, tenants("{}"), TENANT_REGISTRY=name)) == 1
