"""What AWS says of a whole registry."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network
from itertools import combinations
from typing import Any, Final

from jsonschema import Draft202012Validator

from tools.fuzz.oracle.environments import environment_objections
from tools.fuzz.oracle.hosts import (
    certificates,
    hosts_objections,
    issuance_objections,
    zone_objections,
)
from tools.fuzz.oracle.names import (
    certificate_objections,
    delivery_objections,
    domain_objections,
    id_objections,
    image_objections,
    network_objections,
    time_objections,
)

_LOG_DAYS: Final = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


def registry_objections(
    schema: Draft202012Validator, value: object, region: str, account: str | None = None
) -> Iterator[str]:
    """Yield why the registry `value`, which was accepted for `region`, cannot be deployed or is not what was meant.

    Args:
        schema: of the registry.
        value: that was read.
        region: of the stacks.
        account: of the environment; `None` where it is not declared.
    """
    refused = [
        f"the schema refuses {'.'.join(map(str, error.path))}: {error.message[:200]}"
        for error in schema.iter_errors(value)
    ]
    if refused or not isinstance(value, dict):
        yield from refused or ["it is no mapping"]
        return
    yield from time_objections(value["created_at"])
    if value.get("platform") is not None:
        yield from _platform(value["platform"], region)
    for environment in value.get("environments", {}).values():
        if environment.get("delivery") is not None:
            yield from delivery_objections(environment)
    for id_, tenant in value["tenants"].items():
        yield from id_objections(id_)
        yield from _tenant(id_, tenant, value)
    for id_ in value.get("retired", {}):
        yield from id_objections(id_)
    for environment in value.get("environments", {}).values():
        yield from environment_objections(environment)
    yield from hosts_objections(value, region)
    for arn in certificates(value):
        if account and arn.split(":")[4] != account:
            yield f"a certificate of another account than {account}: {arn!r}"
    yield from _allocations(value)


def _platform(platform: dict[str, Any], region: str) -> Iterator[str]:
    network = platform.get("cidr", "10.0.0.0/16")
    if int(network.rpartition("/")[2]) > 20:
        yield f"the platform's network {network} is too small"
    yield from domain_objections(platform.get("domain", "example.com"))
    if platform.get("certificate_arn") is not None:
        yield from certificate_objections(platform["certificate_arn"], region)
    if platform.get("hosted_zone_id") is not None:
        yield from zone_objections(platform["hosted_zone_id"])
        yield from issuance_objections(platform.get("domain", "example.com"))


def _tenant(id_: str, tenant: dict[str, Any], registry: dict[str, Any]) -> Iterator[str]:
    silo, fargate = tenant.get("silo"), tenant.get("fargate")
    if id_ in registry.get("retired", {}):
        yield f"{id_} comes and has left"
    if silo is None and fargate is None:
        yield f"{id_} has nothing"
    if fargate is not None and registry.get("platform") is None:
        yield f"{id_} has a service and no platform"
    if tenant.get("created_at") is not None:
        yield from time_objections(tenant["created_at"])
    if silo is not None:
        yield from _silo(silo)
    if fargate is not None:
        yield from _fargate(fargate)


def _allocations(registry: dict[str, Any]) -> Iterator[str]:
    """Yield what two entries of the registry have at once, or what nobody can have."""
    retired = list(registry.get("retired", {}).values())
    silos, services = (
        [tenant[kind] for tenant in registry["tenants"].values() if tenant.get(kind) is not None]
        for kind in ("silo", "fargate")
    )
    networks = [entry["cidr"] for entry in (*silos, *retired) if entry.get("cidr") is not None]
    if registry.get("platform") is not None:
        networks.append(registry["platform"].get("cidr", "10.0.0.0/16"))
    wrong = [objection for network in networks for objection in network_objections(network)]
    yield from wrong
    for first, second in combinations(networks if not wrong else (), 2):
        if IPv4Network(first).overlaps(IPv4Network(second)):
            yield f"{first} and {second} overlap"
    given = [entry.get("listener_priority") for entry in (*services, *retired)]
    priorities = [priority for priority in given if priority is not None]
    if len(set(priorities)) != len(priorities) or not set(priorities) <= set(range(1, 50_001)):
        yield f"priorities that a listener does not take: {priorities}"


def _silo(silo: dict[str, Any]) -> Iterator[str]:
    yield from _retention(silo)
    concurrency = silo.get("reserved_concurrency")
    if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
        yield f"no concurrency: {concurrency!r}"
    if silo.get("api_authorization", "jwt") not in {"jwt", "iam"}:
        yield f"no authorization: {silo['api_authorization']!r}"
    yield from _limits(silo)
    callers = silo.get("api_callers", [])
    if not isinstance(callers, list) or len(callers) > 20 or len(set(callers)) != len(callers):
        yield f"callers: {callers!r}"
    elif not all(_is_role(caller) for caller in callers):
        yield f"callers that are no roles: {callers!r}"
    elif bool([*callers, *silo.get("api_readers", [])]) != (silo.get("api_authorization", "jwt") == "iam"):
        yield f"callers that nobody asks for, or none where somebody does: {callers!r}"
    endpoints = silo.get("interface_endpoints", [])
    if len(set(endpoints)) != len(endpoints) or not set(endpoints) <= {"events", "kms", "logs"}:
        yield f"endpoints: {endpoints}"


def _limits(silo: dict[str, Any]) -> Iterator[str]:
    for field, most in (
        ("requests_per_second", 10_000),
        ("request_burst", 5_000),
        ("largest_object_bytes", 5 * 1024**3),
    ):
        value = silo.get(field, 1)
        if type(value) is not int or not 1 <= value <= most:
            yield f"{field}: {value!r}"
    for field, most in (
        ("most_records", 1_000_000_000),
        ("most_objects", 100_000),
        ("most_object_bytes", 10**15),
    ):
        value = silo.get(field)
        if value is not None and (type(value) is not int or not 1 <= value <= most):
            yield f"{field}: {value!r}"
    if silo.get("most_object_bytes") is not None and silo.get("most_objects") is None:
        yield "bytes that nobody can count in time"


def _is_role(name: object) -> bool:
    if not isinstance(name, str) or not 1 <= len(name) <= 64:
        return False
    return all(character.isascii() and (character.isalnum() or character in "_+=,.@-") for character in name)


def _fargate(fargate: dict[str, Any]) -> Iterator[str]:
    yield from _retention(fargate)
    least, most = fargate.get("minimum_tasks"), fargate.get("maximum_tasks", 8)
    least = 2 if least is None else least
    if type(least) is not int or type(most) is not int or not 1 <= least <= most:
        yield f"tasks from {least!r} to {most!r}"
    yield from image_objections(fargate.get("image", "nginx:latest"))
    yield from _tasks(fargate)


def _tasks(fargate: dict[str, Any]) -> Iterator[str]:
    """Yield why no container runs as it is said, or no security group lets it reach what is said."""
    numbers = str(fargate.get("user", "101:101")).split(":")
    if len(numbers) != 2 or not all(number.isdigit() and 0 < int(number) < 65_535 for number in numbers):
        yield f"a user that is none, or root: {fargate['user']!r}"
    for path in fargate.get("writable_folders", []):
        parts = path.split("/")
        if (
            parts[0]
            or not all(parts[1:])
            or {".", ".."} & set(parts)
            or parts[1] in {"etc", "proc", "sys", "usr"}
        ):
            yield f"a folder that nobody may write to: {path!r}"
    for destination in fargate.get("egress", []):
        block, prefix_list = destination.get("cidr"), destination.get("prefix_list")
        if (block is None) == (prefix_list is None):
            yield f"a destination in two places or none: {destination!r}"
        if block is not None and str(ip_network(block)) != block:
            yield f"no block: {block!r}"
        if type(destination["port"]) is not int or not 1 <= destination["port"] <= 65_535:
            yield f"no port: {destination['port']!r}"


def _retention(entry: dict[str, Any]) -> Iterator[str]:
    days = entry.get("log_retention_days")
    if days is not None and (type(days) is not int or days not in _LOG_DAYS):
        yield f"CloudWatch Logs keeps nothing for {days!r} days"
    days = entry.get("object_expiration_days")
    if days not in {None, "never"} and (type(days) is not int or days < 1):
        yield f"S3 expires nothing after {days!r} days"
