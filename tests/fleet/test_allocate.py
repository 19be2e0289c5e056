"""Networks and priorities: the lowest that nobody has or had, written into the registry without touching the rest."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.problems import ConfigurationError
from config.registry.models import Registry
from config.registry.networks import PRIVATE_RANGES
from fleet.__main__ import main
from fleet.allocate import AllocationRequest, allocate
from fleet.allocation import DEFAULT_PREFIX, free_networks, free_priorities
from tests.guards import GUARD_SECONDS
from tests.synthesis import ZONE

ROOT = Path(__file__).resolve().parents[2]
HEAD = "created_at: '2026-01-01T00:00:00Z'\n"
REGISTRY = f"""\
# Ours.
{HEAD}platform:
  cidr: 10.0.0.0/16

tenants:
  zeta:   # not in the order of the alphabet
    silo: {{cidr: 10.1.0.0/22}}
    # fargate: later
  acme-corp:
    fargate:
      listener_priority: 2
      # minimum_tasks: 3

  # retired ones are below

retired:
  gone:
    cidr: 10.1.16.0/20
    listener_priority: 1
"""


def registry_of(**fields: Any) -> Registry:
    return Registry.model_validate({"created_at": "2026-01-01T00:00:00Z", "tenants": {}, **fields})


def wanted(
    tenant: str = "new-co", *, silo: bool = False, fargate: bool = False, **fields: Any
) -> AllocationRequest:
    return AllocationRequest(
        tenant=tenant, silo=silo, fargate=fargate, **{"prefix": DEFAULT_PREFIX, **fields}
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tenants.yaml"
    path.write_text(REGISTRY)
    return path


def run(file: Path, given: AllocationRequest, **variables: str) -> Any:
    return allocate(given, {"TENANT_REGISTRY": file.name, **variables}, root=file.parent)


def test_the_lowest_network_that_nobody_has_or_had() -> None:
    registry = registry_of(
        platform={"cidr": "10.0.0.0/20"},
        tenants={"a": {"silo": {"cidr": "10.0.32.0/22"}}},
        retired={"b": {"cidr": "10.0.16.0/20"}},
    )
    assert free_networks(registry, 20)[0] == IPv4Network("10.0.48.0/20")
    assert free_networks(registry, 22)[0] == IPv4Network("10.0.36.0/22")
    assert free_networks(registry, 16)[0] == IPv4Network("10.1.0.0/16")


@pytest.mark.parametrize(("prefix", "count"), [(16, 272), (20, 272 * 16), (22, 272 * 64)])
def test_an_empty_registry_has_all_but_the_platforms_default_network(prefix: int, count: int) -> None:
    assert free_networks(registry_of(), prefix) == (IPv4Network(f"10.1.0.0/{prefix}"), count)


def test_a_silo_in_the_platforms_default_network_takes_nothing_twice() -> None:
    inside = registry_of(tenants={"a": {"silo": {"cidr": "10.0.16.0/20"}}})
    assert free_networks(inside, 20) == free_networks(registry_of(), 20)


def test_the_ranges_follow_each_other_and_end() -> None:
    """Of /16, 256 are in 10.0.0.0/8, 16 in 172.16.0.0/12 and one is 192.168.0.0/16."""
    tenants: dict[str, Any] = {}
    for expected in [
        *(f"10.{n}.0.0/16" for n in range(1, 256)),
        *(f"172.{n}.0.0/16" for n in range(16, 32)),
        "192.168.0.0/16",
    ]:
        if expected in {"10.1.0.0/16", "172.16.0.0/16", "172.31.0.0/16", "192.168.0.0/16"}:
            assert str(free_networks(registry_of(tenants=tenants), 16)[0]) == expected
        tenants[f"t{len(tenants)}"] = {"silo": {"cidr": expected}}
    assert free_networks(registry_of(tenants=tenants), 16) == (None, 0)
    assert free_networks(registry_of(tenants=tenants), 22) == (None, 0)


def disjoint(networks: list[IPv4Network]) -> list[IPv4Network]:
    kept: list[IPv4Network] = []
    for network in networks:
        if not any(network.overlaps(other) for other in kept):
            kept.append(network)
    return kept


NETWORKS = st.builds(
    lambda block, prefix, index: list(block.subnets(new_prefix=prefix))[
        index % 2 ** (prefix - block.prefixlen)
    ],
    # The first addresses of each range, and the last of the last: where mistakes are.
    st.sampled_from(
        [IPv4Network("10.0.0.0/14"), IPv4Network("172.16.0.0/15"), IPv4Network("192.168.0.0/16")]
    ),
    st.integers(16, 22),
    st.integers(0, 255),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(NETWORKS, max_size=12).map(disjoint), st.integers(16, 22), st.booleans())
def test_what_is_free_is_what_overlaps_nothing(
    given_out: list[IPv4Network], prefix: int, retired: bool
) -> None:
    """Against every network of the size, one by one."""
    entries: dict[str, Any] = {
        f"t{n}": {"cidr": str(network)} if retired else {"silo": {"cidr": str(network)}}
        for n, network in enumerate(given_out)
    }
    registry = registry_of(**({"retired": entries} if retired else {"tenants": entries}))
    taken = [(int(one[0]), int(one[-1])) for one in (*given_out, IPv4Network("10.0.0.0/16"))]
    free = [
        network
        for block in PRIVATE_RANGES
        for network in block.subnets(new_prefix=prefix)
        if not any(int(network[0]) <= last and first <= int(network[-1]) for first, last in taken)
    ]
    assert free_networks(registry, prefix) == (free[0], len(free))


def test_the_lowest_priority_that_nobody_has_or_had() -> None:
    registry = registry_of(
        platform={},
        tenants={"a": {"fargate": {"listener_priority": 1}}, "b": {"fargate": {"listener_priority": 3}}},
        retired={"c": {"listener_priority": 2}, "d": {}},
    )
    assert free_priorities(registry) == (4, 49_997)


def test_a_new_tenant_is_behind_the_others_and_nothing_else_changes(file: Path) -> None:
    found = run(file, wanted(silo=True, fargate=True))
    assert file.read_text() == REGISTRY.replace(
        "      # minimum_tasks: 3\n",
        "      # minimum_tasks: 3\n"
        "  new-co:\n    silo:\n      cidr: 10.1.32.0/20\n    fargate:\n      listener_priority: 3\n",
    )
    assert (found.cidr, found.listener_priority, found.line) == ("10.1.32.0/20", 3, 14)
    assert found.networks_left == 272 * 16 - 3
    assert found.priorities_left == 49_997
    assert [path.name for path in file.parent.iterdir()] == ["tenants.yaml"], "nothing is left beside it"


def test_a_tenant_gets_what_it_does_not_have_yet(file: Path) -> None:
    run(file, wanted("acme-corp", silo=True, prefix=22))
    assert "      # minimum_tasks: 3\n    silo:\n      cidr: 10.1.4.0/22\n" in file.read_text()
    run(file, wanted("zeta", fargate=True))
    assert "    # fargate: later\n    fargate:\n      listener_priority: 3\n" in file.read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"{HEAD}tenants: {{}}  # none\n",
            f"{HEAD}tenants:  # none\n  new-co:\n    silo:\n      cidr: 10.1.0.0/20\n",
        ),
        (
            f"{HEAD}tenants:\n    a:\n        silo:\n            cidr: 10.1.0.0/20",
            f"{HEAD}tenants:\n    a:\n        silo:\n            cidr: 10.1.0.0/20\n"
            "    new-co:\n        silo:\n            cidr: 10.1.16.0/20\n",
        ),
        (
            f"{HEAD}tenants:\n  a: &a\n    silo: {{cidr: 10.1.0.0/20}}\n...\n",
            f"{HEAD}tenants:\n  a: &a\n    silo: {{cidr: 10.1.0.0/20}}\n"
            "  new-co:\n    silo:\n      cidr: 10.1.16.0/20\n...\n",
        ),
        (
            f"%YAML 1.2\n---\n{HEAD}tenants:\n a:\n  silo: {{\n   cidr: 10.1.0.0/20\n  }}\n   \n# end\n",
            f"%YAML 1.2\n---\n{HEAD}tenants:\n a:\n  silo: {{\n   cidr: 10.1.0.0/20\n  }}\n"
            " new-co:\n  silo:\n   cidr: 10.1.16.0/20\n   \n# end\n",
        ),
        (
            f"tenants:\n  'a': &a\n    silo: &b\n      cidr: '10.1.0.0/20' # mine\n{HEAD}",
            "tenants:\n  'a': &a\n    silo: &b\n      cidr: '10.1.0.0/20' # mine\n"
            f"  new-co:\n    silo:\n      cidr: 10.1.16.0/20\n{HEAD}",
        ),
    ],
)
def test_the_file_keeps_its_form(file: Path, before: str, after: str) -> None:
    file.write_text(before)
    run(file, wanted(silo=True))
    assert file.read_text() == after


def test_line_ends_and_permissions_stay(file: Path) -> None:
    file.write_bytes(REGISTRY.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    run(file, wanted(silo=True))
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    content = file.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") == REGISTRY.count("\n") + 3


def test_a_link_to_the_registry_stays_one(file: Path) -> None:
    link = file.with_name("link.yaml")
    link.symlink_to(file.name)
    run(link, wanted(silo=True))
    assert link.is_symlink()
    assert "new-co" in file.read_text()


@pytest.mark.parametrize("tenant", ["null", "true", "on", "y"])
def test_an_id_that_yaml_would_read_as_something_else_is_in_quotes(file: Path, tenant: str) -> None:
    run(file, wanted(tenant, silo=True))
    assert tenant in yaml.safe_load(file.read_text())["tenants"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (wanted("New", silo=True), "TENANT: received 'New', expected a tenant id: 1 to 30 lowercase letters"),
        (wanted("www", silo=True), "TENANT: received 'www', expected a tenant id"),
        (wanted("a: {}", silo=True), "TENANT: received 'a: {}', expected a tenant id"),
        (wanted("gone", silo=True), "tenants.yaml: received 'gone', expected an id that was never given out"),
        (
            wanted("zeta", silo=True),
            "tenants.yaml: received 'zeta', expected a tenant that has no 'silo' yet",
        ),
        (
            wanted(fargate=True, image="no image"),
            "tenants.yaml:17: tenants.new-co.fargate.image: received 'no image', expected a container image",
        ),
        (
            wanted(fargate=True, image="nginx: {x"),
            "tenants.yaml:17",
        ),
    ],
)
def test_what_cannot_be_given_is_refused_and_nothing_is_written(
    file: Path, given: AllocationRequest, said: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        run(file, given)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)
    assert file.read_text() == REGISTRY
    assert [path.name for path in file.parent.iterdir()] == ["tenants.yaml"]


PRODUCTION = {
    "ENVIRONMENT_SUFFIX": "prod",
    "KEY_ADMINISTRATOR_ARNS": "arn:aws:iam::123456789012:role/deployer",
}
DECLARED = f"""\
{HEAD}environments:
  prod:
    profile: production
    account: '123456789012'
    region: us-east-1
    state_bucket: the-states
    alarm_topic_arn: arn:aws:sns:us-east-1:123456789012:pager
platform: {{hosted_zone_id: {ZONE}}}
tenants:
  a:
    silo:
      cidr: 10.1.0.0/20
"""


def test_production_takes_no_image_without_a_digest(file: Path) -> None:
    file.write_text(DECLARED)
    with pytest.raises(ConfigurationError, match="expected an image by digest"):
        run(file, wanted(fargate=True), **PRODUCTION)
    assert file.read_text() == DECLARED
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/nginx@sha256:{'0' * 64}"
    run(file, wanted(fargate=True, image=image), **PRODUCTION)
    assert yaml.safe_load(file.read_text())["tenants"]["new-co"]["fargate"]["image"] == image


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}tenants: {{a: {{silo: {{cidr: 10.1.0.0/20}}}}}}\n",
        f"{HEAD}retired: &none {{}}\ntenants: *none\n",
    ],
)
def test_a_form_without_a_place_for_a_line_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="expected a block, one key per line"):
        run(file, wanted(silo=True))
    assert file.read_text() == text


def test_a_registry_without_a_platform_has_no_priorities(file: Path) -> None:
    file.write_text(f"{HEAD}tenants: {{}}\n")
    with pytest.raises(
        ConfigurationError, match="received 'no platform', expected a registry with a 'platform'"
    ):
        run(file, wanted(fargate=True))


def test_when_no_network_is_left_the_smaller_ones_are_named(file: Path) -> None:
    networks = [*(f"10.{n}.0.0/16" for n in range(256)), *(f"172.{n}.0.0/16" for n in range(16, 32))]
    tenants = {
        f"t{n}": {"silo": {"cidr": network}} for n, network in enumerate([*networks, "192.168.0.0/17"])
    }
    # A /17 leaves room for smaller ones.
    tenants["last"] = {"silo": {"cidr": "192.168.128.0/18"}}
    file.write_text(yaml.safe_dump({"created_at": "2026-01-01T00:00:00Z", "tenants": tenants}))
    with pytest.raises(ConfigurationError, match="a free network of /16: none is left; smaller ones"):
        run(file, wanted(silo=True, prefix=16))
    assert run(file, wanted(silo=True)).cidr == "192.168.192.0/20"


def test_processes_at_once_never_get_the_same(file: Path) -> None:
    """Each starts while the others hold, or wait for, the lock."""
    environment = {**os.environ, "TENANT_REGISTRY": str(file), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "fleet", "allocate", "--silo", "--fargate", "--json"]
    running = [
        subprocess.Popen([*command, f"new-{n}"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    said = [json.loads(process.communicate()[0]) for process in running]
    assert len({one["cidr"] for one in said}) == len({one["listener_priority"] for one in said}) == 4
    tenants = yaml.safe_load(file.read_text())["tenants"]
    assert {tenants[one["tenant"]]["silo"]["cidr"] for one in said} == {one["cidr"] for one in said}
    assert {one["cidr"] for one in said} == {f"10.1.{16 * n}.0/20" for n in (2, 3, 4, 5)}


def test_who_comes_second_waits_and_reads_what_the_first_wrote(file: Path) -> None:
    import fcntl

    environment = {**os.environ, "TENANT_REGISTRY": str(file), "PYTHONPATH": str(ROOT)}
    descriptor = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    command = [sys.executable, "-m", "fleet", "allocate", "second", "--silo", "--json"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    # The kernel says who waits for a lock (proc_locks(5)), however long the process takes to come so far.
    deadline = time.monotonic() + GUARD_SECONDS
    while not re.search(rf"-> FLOCK .* {process.pid} ", Path("/proc/locks").read_text()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # As a whole: on a busy machine the process may be reading it for the first time.
    written = file.with_suffix(".new")
    written.write_text(
        REGISTRY.replace("    # fargate: later\n", "  first:\n    silo:\n      cidr: 10.1.32.0/20\n")
    )
    written.replace(file)
    os.close(descriptor)
    assert json.loads(process.communicate()[0])["cidr"] == "10.1.48.0/20"


def test_the_command_says_what_was_given_and_how_much_is_left(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENANT_REGISTRY", str(file))
    assert main(["allocate", "new-co", "--silo", "--fargate"]) == 0
    assert capsys.readouterr().out == (
        f"{file}:14: new-co\n"
        "  network 10.1.32.0/20; 4349 of this size are left\n"
        "  listener priority 3; 49997 priorities are left\n"
    )
    assert main(["allocate", "new-co"]) == 2
    assert (
        capsys.readouterr().err == "fleet: allocate: received neither, expected --silo, --fargate or both\n"
    )
    assert main(["allocate", "new-co", "--silo", "--image", "x"]) == 2
    assert main(["allocate", "new-co", "--silo"]) == 2
    assert capsys.readouterr().err.endswith("received 'new-co', expected a tenant that has no 'silo' yet\n")
    with pytest.raises(SystemExit, match="2"):
        main(["allocate", "new-co", "--silo", "--prefix", "15"])
