"""Registries as people could write them by mistake: a good one, edited at random."""

from __future__ import annotations

import codecs
import copy
from random import Random
from typing import Final

from tools.fuzz import texts

Node = str | dict[str, "Node"]
"""A registry before it is written: text as it stands in the file, or a mapping."""

_FITTING: Final = {
    "cidr": texts.NETWORKS,
    "created_at": texts.TIMES,
    "image": texts.IMAGES,
    "domain": texts.DOMAINS,
    "certificate_arn": texts.CERTIFICATES,
    "deployer_role_arn": texts.PRINCIPALS,
    "interface_endpoints": texts.COLLECTIONS,
    "hosted_zone_id": texts.ZONES,
    "names": texts.HOSTS,
    "collector_image": texts.COLLECTORS,
    "untraced_functions": texts.SENTENCES,
    "region": texts.REGIONS,
    "image_registries": (
        "[]",
        "[public.ecr.aws]",
        "[public.ecr.aws/aws-observability]",
        "[docker]",
        "public.ecr.aws",
    ),
    "profile": ("production", "Production", "prod", "~"),
    "account": ("123456789012", "'12345678901'", "'1234-5678-9012'", "'210987654321'"),
    "extensions": (*texts.COLLECTIONS, "{reports: {keep_days: 30}}", "{1: a}", "{reports: }"),
}
"""What is tried for a key more often than anything else; numbers and words for the others."""
_RIGHT: Final = {
    "cidr": ("10.50.0.0/16", "10.51.0.0/20", "172.20.4.0/22", "192.168.0.0/16"),
    "created_at": ("2026-05-06T07:08:09Z", "2026-05-06T07:08:09+02:00"),
    "image": (
        *("nginx", "registry.example:5000/a/b:1", "public.ecr.aws/nginx/nginx:1.27"),
        *(f"{texts.ECR}/deployer@sha256:{texts.DIGEST}", f"{texts.ECR}/a/b_c:1@sha256:{texts.DIGEST}"),
    ),
    "deployer_role_arn": texts.PRINCIPALS[:2],
    "domain": ("example.org", "a.b.example"),
    "certificate_arn": ("null", texts.CERTIFICATES[0]),
    "listener_priority": ("50", "1000", "50000", "+7"),
    "minimum_tasks": ("1", "2", "02"),
    "maximum_tasks": ("4", "1000"),
    "user": ("'1:1'", "65534:65534", "101:101"),
    "writable_folders": ("[]", "[/data]", "[/run, /var/lib/app]"),
    "egress": (
        "[]",
        "[{cidr: 203.0.113.0/24, port: 443, reason: The tenant's own customers are there.}]",
        "[{prefix_list: pl-01234567, port: 53, protocol: udp, reason: Names that nobody else knows.}]",
    ),
    "log_retention_days": ("1", "30", "3653", "~"),
    "object_expiration_days": ("1", "36500", "never", '"never"', "null"),
    "reserved_concurrency": ("1", "100", "null"),
    "api_authorization": ("iam", "'jwt'"),
    "api_readers": ("[]", "[reports]"),
    "api_user_rights": ("all", "groups"),
    "requests_per_second": ("1", "10000"),
    "request_burst": ("1", "5000"),
    "most_records": ("1", "1000000000", "null"),
    "most_objects": ("1", "100000", "null"),
    "most_object_bytes": ("1", "1000000000000000", "null"),
    "largest_object_bytes": ("1", "5368709120"),
    "api_callers": ("[]", "[orders]", "[orders, a+b]"),
    "interface_endpoints": ("[]", "[logs]", "[events, kms, logs]"),
    "release": ("paused", "null"),
    "extensions": ("{}", "null"),
    "tier": ("canary", "null"),
    "hosted_zone_id": ("null", "Z0123456789"),
    "names": ("[a.example]", "[shop.acme.example, www.acme.example]"),
    "collector_image": ("null", *texts.COLLECTORS[:2]),
    "untraced_functions": ("null", texts.SENTENCES[0]),
    "account": ("'123456789012'",),
    "region": ("us-east-1",),
    "profile": ("development",),
}
"""What is right for a key, if no other tenant has it."""
_CALLERS: Final[tuple[dict[str, Node], ...]] = (
    {},
    {"api_authorization": "jwt", "api_callers": "[]"},
    {"api_authorization": "iam", "api_callers": "[orders, billing]"},
    {"api_authorization": "iam", "api_readers": "[reports]"},
    {"api_user_rights": "groups"},
)
_MARGINS: Final = (b"", b" ", b"  ", b"\t", b"- ", codecs.BOM_UTF8)
_KEYS: Final = (
    *_RIGHT,
    "silo",
    "fargate",
    "tenants",
    "retired",
    "platform",
    "environments",
    "delivery",
    "tracing",
    "custom_hosts",
    "Cidr",
    "cidr ",
    "priority",
    "<<",
    "?",
)


def registry(random: Random) -> bytes:
    """Return a registry: a good one with one to four edits of its structure, of its bytes, or of both."""
    tree = good(random)
    by_bytes = random.random() < 1 / 3
    for _ in range(random.choice((0, 0, 1, 2)) if by_bytes else random.choice((1, 1, 2, 3, 4))):
        _edit(random, tree)
    content = written(tree).encode("utf-8", "surrogatepass")
    if by_bytes:
        for _ in range(random.choice((1, 1, 2, 4))):
            content = _edited(random, content)
    return content


def good(random: Random) -> dict[str, Node]:
    """Return a registry that is right, with one to six tenants."""
    tenants: dict[str, Node] = {}
    retired: dict[str, Node] = {}
    for number in range(1, random.randint(2, 7)):
        tenant: dict[str, Node] = {}
        if number % 3:
            tenant["silo"] = _some(
                random,
                {"cidr": f"10.{number}.0.0/{random.randint(16, 22)}", **random.choice(_CALLERS)},
                {
                    "reserved_concurrency": random.choice(("null", "5")),
                    "requests_per_second": "20",
                    "request_burst": "40",
                    "largest_object_bytes": "1048576",
                    "most_objects": "5000",
                    "log_retention_days": "30",
                    "object_expiration_days": random.choice(("never", "90")),
                    "interface_endpoints": random.choice(("[]", "[kms, events]")),
                },
            )
        if number % 2 or not tenant:
            tenant["fargate"] = _some(
                random,
                {"listener_priority": str(number)},
                {
                    "image": f"nginx@sha256:{texts.DIGEST}",
                    "minimum_tasks": "1",
                    "maximum_tasks": "4",
                    "user": "'1000:1000'",
                    "writable_folders": "[/data]",
                    "egress": "[{cidr: 0.0.0.0/0, port: 443, reason: It calls whoever asks for it.}]",
                    "log_retention_days": "7",
                    "object_expiration_days": "null",
                    "custom_hosts": _hosts(random, number),
                },
            )
        if random.random() < 1 / 8:
            tenant["extensions"] = "{}"
        if random.random() < 1 / 4:
            tenant["created_at"] = "'2026-02-03T04:05:06Z'"
        tenants[f"tenant-{number}"] = tenant
    if random.random() < 1 / 2:
        retired["gone"] = {"cidr": "10.99.0.0/16", "listener_priority": "99"}
    # Hosts of a tenant's own need a listener with a certificate.
    zone: dict[str, Node] = {"hosted_zone_id": "Z0123456789"} if "custom_hosts" in str(tenants) else {}
    environments: dict[str, Node] = {
        suffix: _environment(random) for suffix in ("test", "live") if random.random() < 1 / 3
    }
    return {
        "created_at": "'2026-01-01T00:00:00Z'",
        "platform": _some(random, zone, {"cidr": "10.0.0.0/16", "domain": "example.com"}) or "{}",
        **({"environments": environments} if environments else {}),
        "tenants": tenants,
        **({"retired": retired} if retired else {}),
    }


def _hosts(random: Random, number: int) -> dict[str, Node]:
    """Return hosts of the tenant `number`, and one of the two ways to a certificate."""
    shown = random.choice(({"certificate_arn": texts.CERTIFICATES[0]}, {"hosted_zone_id": "Z0123456789"}))
    return {"names": f"[shop-{number}.acme.example, www-{number}.acme.example]", **shown}


def _environment(random: Random) -> dict[str, Node]:
    tracing = _some(
        random,
        {},
        {"collector_image": texts.COLLECTORS[0], "untraced_functions": texts.SENTENCES[0]},
    )
    settings: dict[str, Node] = {
        "state_keys": random.choice(("stack", "account-region")),
        "image_registries": "[public.ecr.aws/aws-observability]",
        "tracing": tracing or "{}",
    }
    needed: dict[str, Node] = {"profile": "development", "account": "'123456789012'", "region": "us-east-1"}
    if random.random() < 1 / 2:
        # Its builds keep their states in a bucket.
        needed |= {"state_bucket": "states", "delivery": _delivery()}
    return _some(random, needed, settings)


def _delivery() -> dict[str, Node]:
    image = f"{texts.ECR}/deployer@sha256:{texts.DIGEST}"
    return {"image": image, "deployer_role_arn": texts.PRINCIPALS[0]}


def _some(random: Random, always: dict[str, Node], at_times: dict[str, Node]) -> dict[str, Node]:
    return {**always, **{key: value for key, value in at_times.items() if random.random() < 1 / 2}}


def _edit(random: Random, tree: dict[str, Node]) -> None:
    """Change one thing in `tree`."""
    places = _mappings(tree)
    mapping = random.choice(places)
    if not mapping:
        return
    key = random.choice(list(mapping))
    fitting = _FITTING.get(key, (*texts.NUMBERS, *texts.WORDS))
    match random.randrange(12):
        case 8 | 9 | 10 | 11:
            mapping[key] = random.choice(_RIGHT.get(key, (mapping[key],)))
        case 0:
            mapping[key] = random.choice(texts.ANY)
        case 1 | 2 | 3:
            mapping[key] = random.choice(fitting)
        case 4:
            value = mapping[key]
            mapping[key] = texts.changed(random, value) if isinstance(value, str) else random.choice(fitting)
        case 5:
            del mapping[key]
        case 6:
            name = random.choice((*_KEYS, *texts.IDS))
            mapping[name] = random.choice((*texts.ANY, copy.deepcopy(mapping[key])))
        case _:
            other = random.choice(places)
            other[random.choice((key, *texts.IDS))] = copy.deepcopy(mapping[key])


def _mappings(node: Node) -> list[dict[str, Node]]:
    """Return `node` and every mapping below it."""
    if isinstance(node, str):
        return []
    return [node, *(mapping for value in node.values() for mapping in _mappings(value))]


def _edited(random: Random, content: bytes) -> bytes:
    """Return `content` with one edit that knows nothing of YAML."""
    start = random.randint(0, len(content))
    end = min(len(content), start + random.randint(0, 30))
    lines = content.split(b"\n")
    line = random.randrange(len(lines))
    edits = (
        lambda: content[:start] + content[end:],
        lambda: content[:start],
        lambda: content[:start] + random.randbytes(random.randint(1, 4)) + content[start:],
        lambda: content[:start] + content[start:end] * random.choice((2, 3, 400)) + content[end:],
        lambda: content[:start] + random.choice(texts.ANY).encode("utf-8", "surrogatepass") + content[end:],
        lambda: b"\n".join([*lines[:line], random.choice(lines), *lines[line:]]),
        lambda: b"\n".join(
            [*lines[:line], random.choice(_MARGINS) + lines[line].lstrip(), *lines[line + 1 :]]
        ),
        lambda: content.replace(b"\n", b"\r\n"),
        lambda: codecs.BOM_UTF8 + content,
        lambda: content.decode("utf-8", "replace").encode("utf-16"),
    )
    return random.choice(edits)()


def written(node: Node, indent: int = 0) -> str:
    """Return `node` as YAML in block style; its texts stand as they are."""
    if not node or isinstance(node, str):
        return f"{node or '{}'}\n"
    return "".join(
        f"{' ' * indent}{key}:{' ' if isinstance(value, str) or not value else chr(10)}{written(value, indent + 2)}"
        for key, value in node.items()
    )
