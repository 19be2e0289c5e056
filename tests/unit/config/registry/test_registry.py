"""The registry: every mistake at once, each with its place, the value and what is expected."""

from __future__ import annotations

import json
import re
import tempfile
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.problems import ConfigurationError
from config.profiles import DEVELOPMENT, PRODUCTION, EnvironmentProfile
from config.registry.loading import load_registry
from config.registry.models import Registry
from config.registry.schema import json_schema
from tools.schema import SCHEMA, rendered

ROOT = Path(__file__).resolve().parents[4]
DIGEST = "sha256:" + "a" * 64
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
ZONE = "Z0123456789ABCDEFGHIJ"
REASON = "It asked for erasure at the contract's end."
SECURED = f"{{hosted_zone_id: {ZONE}}}"


def load(tmp_path: Path, text: str, profile: EnvironmentProfile = DEVELOPMENT) -> Registry:
    file = tmp_path / "tenants.yaml"
    file.write_text(text)
    return load_registry(file, name="tenants.yaml", profile=profile)


def problems(tmp_path: Path, text: str, profile: EnvironmentProfile = DEVELOPMENT) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text, profile)
    return str(caught.value).splitlines()


def with_tenants(tenants: str, more: str = "", *, platform: str = "{}") -> str:
    return f"created_at: '2026-01-01T00:00:00Z'\nplatform: {platform}\ntenants: {tenants}\n{more}"


def test_the_shipped_registry_has_the_default_tenants() -> None:
    registry = load_registry(ROOT / "tenants.yaml", name="tenants.yaml", profile=DEVELOPMENT)

    assert {id_: str(silo.cidr) for id_, silo in registry.silos.items()} == {
        "acme-corp": "10.1.0.0/16",
        "retail-co": "10.3.0.0/16",
        "tech-startup": "10.2.0.0/16",
    }
    assert {id_: fargate.listener_priority for id_, fargate in registry.fargate_tenants.items()} == {
        "acme-corp": 1,
        "globex-inc": 2,
        "initech-llc": 3,
    }
    assert registry.platform is not None
    assert registry.platform.cidr == IPv4Network("10.0.0.0/16")


def test_ten_mistakes_give_ten_lines_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
created_at: yesterday
platform:
  cidr: 10.0.0.0/16
  domian: example.com
tenants:
  Acme_Corp:
    silo: {cidr: 10.1.0.0/16}
  abroad:
    silo: {cidr: 8.8.0.0/16}
  inside-platform:
    silo: {cidr: 10.0.128.0/20}
  small:
    silo: {cidr: 10.4.0.0/24}
    fargate: {listener_priority: 50001}
  first:
    fargate: {listener_priority: 7}
  second:
    fargate: {listener_priority: 7}
  returned:
    silo: {cidr: 10.5.0.0/16}
  nothing: {}
retired:
  returned: {}
"""
    network = (
        "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /22, such as '10.4.0.0/16'"
    )
    priority = "a listener rule's priority, 1 to 50000, that no other tenant has or had"
    assert problems(tmp_path, text) == [
        "tenants.yaml:1: created_at: received 'yesterday', expected an ISO 8601 time in UTC, such as "
        "'2026-01-31T12:00:00Z': the tag CreatedAt",
        "tenants.yaml:4: platform.domian: received 'domian', expected one of the keys 'cidr', 'domain', "
        "'certificate_arn', 'hosted_zone_id', 'requests_per_address'",
        "tenants.yaml:6: tenants.Acme_Corp: received 'Acme_Corp', expected a tenant id: 1 to 30 lowercase "
        "letters, digits and single hyphens between them, a letter first, such as 'acme-corp', and no host that "
        "the platform keeps for itself, such as 'www'",
        f"tenants.yaml:9: tenants.abroad.silo.cidr: received '8.8.0.0/16', expected {network}",
        "tenants.yaml:11: tenants.inside-platform.silo.cidr: received '10.0.128.0/20', expected a network "
        "that does not overlap 10.0.0.0/16 of platform.cidr",
        f"tenants.yaml:13: tenants.small.silo.cidr: received '10.4.0.0/24', expected {network}",
        f"tenants.yaml:14: tenants.small.fargate.listener_priority: received 50001, expected {priority}",
        "tenants.yaml:18: tenants.second.fargate.listener_priority: received 7, expected a priority other "
        "than that of tenants.first.fargate.listener_priority",
        "tenants.yaml:19: tenants.returned: received 'returned', expected an id that was never given out "
        "(it is in 'retired', line 23)",
        "tenants.yaml:21: tenants.nothing: received nothing, expected 'silo', 'fargate' or both",
    ]


@pytest.mark.parametrize(
    "cidr",
    ["10.0.0.0/16", "172.31.0.0/16", "192.168.252.0/22", "10.255.252.0/22"],
)
def test_a_private_network_of_the_right_size_is_taken(tmp_path: Path, cidr: str) -> None:
    text = f"created_at: '2026-01-01T00:00:00Z'\ntenants: {{a: {{silo: {{cidr: {cidr}}}}}}}"
    assert str(load(tmp_path, text).silos["a"].cidr) == cidr


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/15",  # larger than a VPC takes
        "10.0.0.0/23",  # too small
        "10.0.0.1/16",  # host bits
        "11.0.0.0/16",  # public
        "172.32.0.0/16",  # just outside
        "192.169.0.0/16",
        "fd00::/16",
        "10.0.0.0",
        "'10.0.0.0/16 '",
        "16",
        "[10.0.0.0/16]",
        "null",
    ],
)
def test_any_other_network_is_refused_at_its_place(tmp_path: Path, cidr: str) -> None:
    (line,) = problems(tmp_path, with_tenants(f"{{a: {{silo: {{cidr: {cidr}}}}}}}"))
    assert line.startswith("tenants.yaml:3: tenants.a.silo.cidr: received ")
    assert "from /16 to /22" in line


@pytest.mark.parametrize("id_", ["a", "a1", "acme-corp", "a" * 30])
def test_a_slug_is_a_tenant_id(tmp_path: Path, id_: str) -> None:
    assert list(load(tmp_path, with_tenants(f"{{{id_}: {{silo: {{cidr: 10.1.0.0/16}}}}}}")).silos) == [id_]


@pytest.mark.parametrize(
    "id_", ["'1a'", "-a", "a-", "a--b", "A", "a_b", "a.b", "'a b'", "a" * 31, "ä", "'a\\n'", "''", "12"]
)
def test_anything_else_is_not(tmp_path: Path, id_: str) -> None:
    (line,) = problems(tmp_path, with_tenants(f"{{{id_}: {{silo: {{cidr: 10.1.0.0/16}}}}}}"))
    assert "expected a tenant id: 1 to 30 lowercase letters" in line


@given(
    st.lists(
        st.tuples(st.integers(0, 255), st.integers(16, 22)).map(
            lambda pair: str(IPv4Network((f"10.{pair[0] % 4}.{pair[0]}.0", pair[1]), strict=False))
        ),
        max_size=12,
    )
)
def test_every_overlap_is_found_and_the_later_claim_is_the_one_to_change(cidrs: list[str]) -> None:
    """Against a comparison of each with each."""
    tenants = "".join(f"  t{index}: {{silo: {{cidr: {cidr}}}}}\n" for index, cidr in enumerate(cidrs))
    expected = {
        (later, min(earlier))
        for later, mine in enumerate(cidrs)
        if (
            earlier := [
                index
                for index, other in enumerate(cidrs[:later])
                if IPv4Network(mine).overlaps(IPv4Network(other))
            ]
        )
    }
    with tempfile.TemporaryDirectory() as name:
        text = f"created_at: '2026-01-01T00:00:00Z'\ntenants:\n{tenants or '  {}'}"
        if expected:
            found = problems(Path(name), text)
        else:
            found = []
            assert len(load(Path(name), text).silos) == len(cidrs)
    pairs = [re.findall(r"tenants\.t(\d+)\.silo\.cidr", line) for line in found]
    assert {(int(later), int(earlier)) for later, earlier in pairs} == expected
    assert len(found) == len(expected)


def test_two_tenants_may_not_overlap(tmp_path: Path) -> None:
    text = with_tenants("{a: {silo: {cidr: 10.1.0.0/16}}, b: {silo: {cidr: 10.1.4.0/22}}}")
    assert problems(tmp_path, text) == [
        "tenants.yaml:3: tenants.b.silo.cidr: received '10.1.4.0/22', expected a network that does not "
        "overlap 10.1.0.0/16 of tenants.a.silo.cidr"
    ]


@pytest.mark.parametrize(
    ("tenant", "retired", "expected"),
    [
        (
            "silo: {cidr: 10.9.0.0/16}",
            "cidr: 10.9.0.0/16",
            "does not overlap 10.9.0.0/16 of retired.old.cidr",
        ),
        (
            "fargate: {listener_priority: 9}",
            "listener_priority: 9",
            "a priority other than that of retired.old.listener_priority",
        ),
    ],
)
def test_what_a_tenant_had_is_not_given_out_again(
    tmp_path: Path, tenant: str, retired: str, expected: str
) -> None:
    (line,) = problems(tmp_path, with_tenants(f"{{new: {{{tenant}}}}}", f"retired: {{old: {{{retired}}}}}"))
    assert expected in line


def test_a_key_that_is_written_twice_is_refused(tmp_path: Path) -> None:
    text = "created_at: '2026-01-01T00:00:00Z'\ntenants:\n  a: {silo: {cidr: 10.1.0.0/16}}\n  a: {}\n"
    assert problems(tmp_path, text) == [
        "tenants.yaml:4: tenants.a: received 'a', expected the key once (it is on line 3 already)"
    ]


def test_a_fargate_tenant_needs_a_platform(tmp_path: Path) -> None:
    text = "created_at: '2026-01-01T00:00:00Z'\ntenants: {a: {fargate: {listener_priority: 1}}}"
    assert problems(tmp_path, text) == [
        "tenants.yaml:2: tenants.a.fargate: received 'a mapping', expected no 'fargate' where the registry "
        "has no 'platform'"
    ]


def test_production_serves_no_tenant_over_plain_http(tmp_path: Path) -> None:
    plain = with_tenants("{a: {silo: {cidr: 10.1.0.0/16}}}")
    assert problems(tmp_path, plain, PRODUCTION) == [
        "tenants.yaml:2: platform.certificate_arn: received nothing, expected the ARN of an ACM certificate here, or "
        "a 'hosted_zone_id' to issue one through: the profile 'production' serves no tenant over plain HTTP"
    ]
    load(tmp_path, plain, DEVELOPMENT)
    load(tmp_path, plain.replace("platform: {}", ""), PRODUCTION)
    for certificate in (f"certificate_arn: '{CERTIFICATE}'", f"hosted_zone_id: {ZONE}"):
        load(tmp_path, plain.replace("{}", f"{{{certificate}}}", 1), PRODUCTION)


def test_a_certificate_is_given_or_issued(tmp_path: Path) -> None:
    both = with_tenants("{}").replace(
        "{}", f"{{certificate_arn: '{CERTIFICATE}', hosted_zone_id: {ZONE}}}", 1
    )
    for profile in (DEVELOPMENT, PRODUCTION):
        (line,) = problems(tmp_path, both, profile)
        assert line == (
            f"tenants.yaml:2: platform.hosted_zone_id: received '{ZONE}', expected either 'certificate_arn' or "
            "'hosted_zone_id': a given certificate is not issued again"
        )


def test_an_issued_certificate_has_a_common_name(tmp_path: Path) -> None:
    def of(domain: str) -> str:
        return with_tenants("{}").replace("{}", f"{{domain: {domain}, hosted_zone_id: {ZONE}}}", 1)

    longest = f"{'a' * 56}.example"
    assert len(longest) == 64
    load(tmp_path, of(longest))
    (line,) = problems(tmp_path, of(f"a{longest}"))
    assert line.endswith("expected at most 64 characters, which a certificate's common name may have")


@pytest.mark.parametrize("zone", ["z0123456789", "Z", f"Z{'A' * 32}", "/hostedzone/Z012"])
def test_what_is_no_hosted_zone(tmp_path: Path, zone: str) -> None:
    (line,) = problems(tmp_path, with_tenants("{}").replace("{}", f"{{hosted_zone_id: {zone}}}", 1))
    assert line.startswith("tenants.yaml:2: platform.hosted_zone_id: received ")


def test_no_more_erasures_than_a_function_can_be_told(tmp_path: Path) -> None:
    def of(number: int) -> str:
        return with_tenants(
            "{}", yaml.safe_dump({"retired": {f"t{n}": {"erase": REASON} for n in range(number)}})
        )

    load(tmp_path, of(80))
    (line,) = problems(tmp_path, of(81))
    assert line.endswith("expected no more than 80 erasures at once: take out those that are done")


@pytest.mark.parametrize("reason", ["because", " " * 20, "a reason\nof two lines", 7])
def test_what_cannot_be_undone_has_a_reason(tmp_path: Path, reason: object) -> None:
    retired = yaml.safe_dump({"retired": {"gone": {"erase": reason}}})
    (line,) = problems(tmp_path, with_tenants("{}", retired))
    assert "retired.gone.erase: received" in line
    assert "why its schema in the shared database is dropped for good, in a sentence of 15 to 500" in line
    returns = {"a": {"fargate": {"listener_priority": 1, "returns": reason}}}
    (line,) = problems(tmp_path, with_tenants(json.dumps(returns)))
    assert "tenants.a.fargate.returns: received" in line


def test_production_runs_a_task_in_each_zone(tmp_path: Path) -> None:
    def of(**tasks: int | None) -> str:
        entry = {"listener_priority": 1, "image": f"nginx@{DIGEST}", **tasks}
        return with_tenants(json.dumps({"a": {"fargate": entry}}), platform=SECURED)

    for tasks in ({}, {"minimum_tasks": None}, {"minimum_tasks": 3}, {"minimum_tasks": 4}):
        load(tmp_path, of(**tasks), PRODUCTION)
    load(tmp_path, of(minimum_tasks=1, maximum_tasks=1), DEVELOPMENT)
    (line,) = problems(tmp_path, of(minimum_tasks=2), PRODUCTION)
    assert line == (
        "tenants.yaml:3: tenants.a.fargate.minimum_tasks: received 2, expected 3 or more, one in each zone: the "
        "profile is 'production'"
    )
    (line,) = problems(tmp_path, of(maximum_tasks=2), PRODUCTION)
    assert line.endswith(
        "tenants.a.fargate.maximum_tasks: received 2, expected no fewer than the minimum_tasks, 3"
    )
    load(tmp_path, of(maximum_tasks=2), DEVELOPMENT)


def test_production_takes_images_by_digest_only(tmp_path: Path) -> None:
    tagged = with_tenants("{a: {fargate: {listener_priority: 1, image: nginx:1.29}}}", platform=SECURED)
    pinned = with_tenants(
        f"{{a: {{fargate: {{listener_priority: 1, image: 'nginx@{DIGEST}'}}}}}}", platform=SECURED
    )

    (line,) = problems(tmp_path, tagged, PRODUCTION)
    assert line == (
        "tenants.yaml:3: tenants.a.fargate.image: received 'nginx:1.29', expected an image by digest, "
        "'name@sha256:...': the profile is 'production'"
    )
    assert load(tmp_path, pinned, PRODUCTION).fargate_tenants["a"].image == f"nginx@{DIGEST}"
    assert load(tmp_path, tagged, DEVELOPMENT).fargate_tenants["a"].image == "nginx:1.29"


@pytest.mark.parametrize(
    ("silo", "place"),
    [
        ("reserved_concurrency: 0", "reserved_concurrency"),
        ("reserved_concurrency: '10'", "reserved_concurrency"),
        ("reserved_concurrency: true", "reserved_concurrency"),
        ("api_authorization: none", "api_authorization"),
        ("api_authorization: iam", "api_callers"),
        ("api_authorization: iam, api_callers: []", "api_callers"),
        ("api_callers: [orders]", "api_callers"),
        ("api_readers: [reports]", "api_readers"),
        ("most_records: 0", "most_records"),
        ("most_records: 1000000001", "most_records"),
        ("most_records: true", "most_records"),
        ("most_objects: 0", "most_objects"),
        ("most_objects: 100001", "most_objects"),
        ("most_objects: 1, most_object_bytes: 0", "most_object_bytes"),
        ("most_objects: 1, most_object_bytes: 1000000000000001", "most_object_bytes"),
        ("most_object_bytes: 1", "most_objects"),
        ("api_authorization: iam, api_callers: [orders], api_readers: [orders]", "api_readers"),
        ("api_authorization: iam, api_readers: [a/b]", "api_readers.0"),
        ("api_authorization: iam, api_callers: [orders], api_user_rights: groups", "api_user_rights"),
        ("api_user_rights: scopes", "api_user_rights"),
        ("api_authorization: iam, api_callers: orders", "api_callers"),
        ("api_authorization: iam, api_callers: [a/b]", "api_callers.0"),
        ("api_authorization: iam, api_callers: [a, a]", "api_callers"),
        (f"api_authorization: iam, api_callers: [{', '.join(f'r{n}' for n in range(21))}]", "api_callers"),
        ("requests_per_second: 0", "requests_per_second"),
        ("requests_per_second: 10001", "requests_per_second"),
        ("request_burst: 0", "request_burst"),
        ("request_burst: 5001", "request_burst"),
        ("largest_object_bytes: 0", "largest_object_bytes"),
        ("largest_object_bytes: 5368709121", "largest_object_bytes"),
        ("log_retention_days: 31", "log_retention_days"),
        ("object_expiration_days: 0", "object_expiration_days"),
        ("object_expiration_days: often", "object_expiration_days"),
        ("interface_endpoints: [s3]", "interface_endpoints.0"),
        ("interface_endpoints: [kms, kms]", "interface_endpoints"),
        ("interface_endpoints: kms", "interface_endpoints"),
        ("nonsense: 1", "nonsense"),
    ],
)
def test_a_bad_silo_setting_is_named(tmp_path: Path, silo: str, place: str) -> None:
    (line,) = problems(tmp_path, with_tenants(f"{{a: {{silo: {{cidr: 10.1.0.0/16, {silo}}}}}}}"))
    assert line.startswith(f"tenants.yaml:3: tenants.a.silo.{place}: received ")


@pytest.mark.parametrize(
    ("fargate", "place"),
    [
        ("listener_priority: 0", "listener_priority"),
        ("listener_priority: true", "listener_priority"),
        ("listener_priority: 1, image: 'no image'", "image"),
        ("listener_priority: 1, minimum_tasks: 0", "minimum_tasks"),
        ("listener_priority: 1, minimum_tasks: 9", "maximum_tasks"),
    ],
)
def test_a_bad_fargate_setting_is_named(tmp_path: Path, fargate: str, place: str) -> None:
    (line,) = problems(tmp_path, with_tenants(f"{{a: {{fargate: {{{fargate}}}}}}}"))
    assert line.startswith(f"tenants.yaml:3: tenants.a.fargate.{place}: received ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "tenants.yaml:1: received nothing, expected a mapping with the keys 'created_at' and 'tenants'"),
        (
            "[]",
            "tenants.yaml:1: received 'a list', expected a mapping with the keys 'created_at' and 'tenants'",
        ),
        (
            "a: [1\nb",
            "tenants.yaml:",
        ),
        ("a: 1\n---\nb: 2", "tenants.yaml:2: received 'but found another document', expected valid YAML"),
        (
            "a: b: c",
            "tenants.yaml:1: received 'mapping values are not allowed in this context', expected valid YAML",
        ),
        ("a: !!python/object:os.system {}", "tenants.yaml:1: received "),
        ("a: &x [*x]", "tenants.yaml:1: received "),
    ],
)
def test_a_file_that_is_no_registry_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    lines = problems(tmp_path, text)
    assert lines[0].startswith(expected)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: \x00"])
def test_a_file_that_is_no_text_is_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "tenants.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="received 'not UTF-8 text', expected a YAML file"):
        load_registry(file, name="tenants.yaml", profile=DEVELOPMENT)


def test_the_schema_in_the_repository_is_the_models() -> None:
    assert SCHEMA.read_text() == rendered(), "run `make schema`"


def test_the_schema_takes_the_shipped_registry_and_refuses_unknown_keys() -> None:
    shipped: dict[str, Any] = yaml.safe_load((ROOT / "tenants.yaml").read_text())
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(shipped, schema)

    broken: dict[str, Any]
    for broken in ({**shipped, "tenant": {}}, {**shipped, "tenants": {"Acme": {}}}, {"tenants": {}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(json.dumps(broken)), schema)


@pytest.mark.parametrize("written", ["yes", "true", "1.0", "017", "1:30", "0x10", "1_000", "'30'", "1e1"])
def test_days_of_retention_are_whole_numbers_as_yaml_1_2_writes_them(tmp_path: Path, written: str) -> None:
    """YAML 1.1 reads `yes` as true, and for Python that is one day."""
    (problem,) = problems(
        tmp_path, with_tenants(f"{{a: {{silo: {{cidr: 10.1.0.0/16, log_retention_days: {written}}}}}}}")
    )
    assert problem.startswith("tenants.yaml:3: tenants.a.silo.log_retention_days: received ")
    assert "days of log retention that CloudWatch admits: 1, 3, 5, " in problem


@pytest.mark.parametrize(
    "cidr", ["10.1.0.0/255.255.0.0", "10.1.0.0/016", "10.1.0.0", "10.1.0.0/16 ", "1_0.1.0.0/16"]
)
def test_a_network_is_written_in_one_way(tmp_path: Path, cidr: str) -> None:
    (problem,) = problems(tmp_path, with_tenants(f"{{a: {{silo: {{cidr: '{cidr}'}}}}}}"))
    assert problem.startswith(
        f"tenants.yaml:3: tenants.a.silo.cidr: received '{cidr}', expected a network inside"
    )


@pytest.mark.parametrize(
    "written",
    ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00!Z", "2026-01-01T00"],
)
def test_a_time_that_no_tag_can_say_is_refused(tmp_path: Path, written: str) -> None:
    (problem,) = problems(tmp_path, f"created_at: '{written}'\ntenants: {{}}\n")
    assert problem.startswith(
        f"tenants.yaml:1: created_at: received '{written}', expected an ISO 8601 time in UTC"
    )


def test_a_number_of_5000_digits_is_one_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, with_tenants(f"{{a: {{silo: {{cidr: {'9' * 5000}}}}}}}"))
    assert problem == "tenants.yaml:3: received 'a number that is too long', expected valid YAML"


def test_two_thousand_nested_levels_are_one_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f"created_at: {'[' * 2000}{']' * 2000}\n")
    assert problem == ("tenants.yaml:1: received 'nesting that is too deep', expected at most 100 levels")


def test_settings_are_shared_by_the_merge_key(tmp_path: Path) -> None:
    text = with_tenants(
        "{a: {fargate: {<<: &shared {minimum_tasks: 3}, listener_priority: 1}}, "
        "b: {fargate: {<<: *shared, listener_priority: 2}}}"
    )
    assert load(tmp_path, text).fargate_tenants["b"].minimum_tasks == 3
