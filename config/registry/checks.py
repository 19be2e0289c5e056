"""What holds across entries of the registry: nothing is given out twice, and each entry makes sense as a whole.

These checks work on as much of the file as can be read, so that their problems are reported together with the
mistakes in single fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from ipaddress import IPv4Network
from typing import Any, Final

from config import formats
from config.problems import Problem
from config.profiles import PRODUCTION, PROFILES, EnvironmentProfile
from config.regions import region as region_name
from config.registry.backups import backup_problems
from config.registry.certificates import certificate_objection, issuance_objection
from config.registry.delivery import delivery_problems
from config.registry.environments import LIFTABLE, Environment, LiftedProtection
from config.registry.fields import LISTENER_PRIORITIES
from config.registry.models import Platform, Registry
from config.registry.networks import SHORTEST_PREFIX, silo_cidr
from config.registry.silo_checks import silo_problems
from config.registry.tasks import destination_problems
from config.registry.tenants import Fargate
from config.yaml_file import Document, Location, shown_path

PINNED: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
"""How an image that is given by digest ends."""
MOST_ERASURES: Final = 80
"""Their ids are in a function's environment, which has 4 KB
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11-27)."""


def _mapping(value: object, *keys: str) -> Mapping[str, Any]:
    """Return the mapping at `keys` below `value`, empty where there is none: the file may be wrong anywhere."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def allocation_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield what two entries of the file both claim. Works on as much of the file as can be read."""
    yield from _network_problems(document)
    yield from _priority_problems(document)


def _network_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield the networks that overlap an earlier claim's, each once with the first of those, in linear time."""
    tenants, retired = _mapping(document.value, "tenants"), _mapping(document.value, "retired")
    claims: list[tuple[Location, object]] = []
    platform = _mapping(document.value).get("platform")
    if isinstance(platform, Mapping):
        default = str(Platform.model_fields["cidr"].default)
        claims.append((("platform", "cidr"), platform.get("cidr", default)))
    claims += [(("retired", id_, "cidr"), _mapping(retired, id_).get("cidr")) for id_ in retired]
    claims += [
        (("tenants", id_, "silo", "cidr"), _mapping(tenants, id_, "silo").get("cidr")) for id_ in tenants
    ]
    # Networks either nest or are apart: one overlaps those that hold it, few as there are sizes, and those inside.
    first_of: dict[IPv4Network, int] = {}
    first_inside: dict[IPv4Network, int] = {}
    for position, (location, value) in enumerate(claims):
        try:
            network = silo_cidr(value)
        except ValueError:
            continue
        around = [network.supernet(new_prefix=prefix) for prefix in range(SHORTEST_PREFIX, network.prefixlen)]
        earlier = [first_of[other] for other in (network, *around) if other in first_of]
        if network in first_inside:
            earlier.append(first_inside[network])
        if earlier:
            other_location, other_value = claims[min(earlier)]
            expected = f"a network that does not overlap {other_value} of {shown_path(other_location)}"
            yield location, Problem(where=document.where(location), received=value, expected=expected)
        first_of.setdefault(network, position)
        for other in around:
            first_inside.setdefault(other, position)


def _priority_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield the listener priorities that an earlier claim has."""
    claimed: dict[int, Location] = {}
    for section, *inside in (("retired",), ("tenants", "fargate")):
        entries = _mapping(document.value, section)
        for id_ in entries:
            location: Location = (section, id_, *inside, "listener_priority")
            priority = _mapping(entries, id_, *inside).get("listener_priority")
            if type(priority) is not int or priority not in LISTENER_PRIORITIES:
                continue
            if priority in claimed:
                expected = f"a priority other than that of {shown_path(claimed[priority])}"
                yield location, Problem(where=document.where(location), received=priority, expected=expected)
            claimed.setdefault(priority, location)


def entry_problems(document: Document, profile: EnvironmentProfile) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with one entry as a whole."""
    tenants, retired = _mapping(document.value, "tenants"), _mapping(document.value, "retired")
    erasures = [id_ for id_ in retired if _mapping(retired, id_).get("erase") is not None]
    for id_ in erasures[MOST_ERASURES:]:
        place: Location = ("retired", id_, "erase")
        expected = f"no more than {MOST_ERASURES} erasures at once: take out those that are done"
        yield place, Problem(where=document.where(place), received=len(erasures), expected=expected)
    for id_, tenant in tenants.items():
        here: Location = ("tenants", id_)
        if id_ in retired:
            expected = (
                f"an id that was never given out (it is in 'retired', line {document.lines['retired', id_]})"
            )
            yield here, Problem(where=document.where(here), received=id_, expected=expected)
        if isinstance(tenant, Mapping) and not any(
            tenant.get(kind) is not None for kind in ("silo", "fargate")
        ):
            expected = "'silo', 'fargate' or both"
            yield here, Problem(where=document.where(here), received=None, expected=expected)
        fargate = _mapping(tenant, "fargate")
        if fargate:
            yield from _fargate_problems(document, (*here, "fargate"), fargate, profile)
        yield from silo_problems(document, (*here, "silo"), _mapping(tenant, "silo"))


def _fargate_problems(
    document: Document, here: Location, fargate: Mapping[str, Any], profile: EnvironmentProfile
) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with the tenant's service at `here` as a whole."""
    if not isinstance(_mapping(document.value).get("platform"), Mapping):
        expected = "no 'fargate' where the registry has no 'platform'"
        yield here, Problem(where=document.where(here), received="a mapping", expected=expected)
    yield from destination_problems(document, here, fargate)
    least, most, image = (
        fargate.get(field, Fargate.model_fields[field].default)
        for field in ("minimum_tasks", "maximum_tasks", "image")
    )
    if profile.tasks_in_each_zone and type(least) is int and 1 <= least < profile.minimum_tasks:
        place: Location = (*here, "minimum_tasks")
        expected = f"{profile.minimum_tasks} or more, one in each zone: the profile is '{profile.name}'"
        yield place, Problem(where=document.where(place), received=least, expected=expected)
    least = profile.minimum_tasks if least is None else least
    if isinstance(least, int) and isinstance(most, int) and least > most >= 1:
        place = (*here, "maximum_tasks")
        expected = f"no fewer than the minimum_tasks, {least}"
        yield place, Problem(where=document.where(place), received=most, expected=expected)
    if profile.pinned_images and isinstance(image, str) and not PINNED.search(image):
        place = (*here, "image")
        expected = f"an image by digest, 'name@sha256:...': the profile is '{profile.name}'"
        yield place, Problem(where=document.where(place), received=image, expected=expected)


def tls_problems(document: Document, profile: EnvironmentProfile) -> Iterator[tuple[Location, Problem]]:
    """Yield what keeps the platform from having one certificate, or, where the profile wants TLS, from having any."""
    platform = _mapping(document.value).get("platform")
    if not isinstance(platform, Mapping):
        return
    arn, zone = platform.get("certificate_arn"), platform.get("hosted_zone_id")
    if arn is not None and zone is not None:
        location: Location = ("platform", "hosted_zone_id")
        expected = "either 'certificate_arn' or 'hosted_zone_id': a given certificate is not issued again"
        yield location, Problem(where=document.where(location), received=zone, expected=expected)
    domain = platform.get("domain")
    if zone is not None and isinstance(domain, str) and (objection := issuance_objection(domain)):
        location = ("platform", "domain")
        yield location, Problem(where=document.where(location), received=domain, expected=objection)
    if profile.tls and arn is None and zone is None:
        location = ("platform", "certificate_arn")
        expected = (
            "the ARN of an ACM certificate here, or a 'hosted_zone_id' to issue one through: "
            f"the profile '{profile.name}' serves no tenant over plain HTTP"
        )
        yield location, Problem(where=document.where(location), received=None, expected=expected)


def alarm_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield each declared environment whose alarms nobody would hear of. Works on as much of the file as can be read.

    An alarm tells topics of its own region alone
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html).
    """
    environments = _mapping(document.value, "environments")
    for suffix in environments:
        entry = _mapping(environments, suffix)
        profile = PROFILES.get(str(entry.get("profile")))
        location: Location = ("environments", suffix, "alarm_topic_arn")
        arn, account, region = (entry.get(key) for key in ("alarm_topic_arn", "account", "region"))
        if profile and profile.alarms and arn is None:
            expected = (
                f"the ARN of an SNS topic: the profile '{profile.name}' has alarms, and somebody has to hear of "
                "them"
            )
            yield location, Problem(where=document.where(location), received=None, expected=expected)
        if profile and not profile.alarms and entry.get("dashboards") is True:
            where: Location = ("environments", suffix, "dashboards")
            expected = f"false, or nothing: the profile '{profile.name}' has no alarms to show"
            yield where, Problem(where=document.where(where), received=True, expected=expected)
        if not (
            _matches(formats.TOPIC_ARN, arn) and _matches(formats.ACCOUNT_ID, account) and _known(region)
        ):
            continue
        own = f"arn:{formats.partition(str(region))}:sns:{region}:{account}:"
        if not str(arn).startswith(own):
            expected = f"a topic of the environment's account and region, '{own}...'"
            yield location, Problem(where=document.where(location), received=arn, expected=expected)


def _matches(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.match(pattern, value) is not None


def _known(name: object) -> bool:
    """Return whether `name` is a region's."""
    with suppress(ValueError):
        return isinstance(name, str) and bool(region_name(name))
    return False


def environment_problems(document: Document, registry: Registry) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with the declared environments: what they hold and what they lift protection of."""
    demand = {
        "silo_tenants": len(registry.silos),
        "fargate_tenants": len(registry.fargate_tenants),
        "tasks": sum(tenant.maximum_tasks for tenant in registry.fargate_tenants.values()),
    }
    for suffix, environment in registry.environments.items():
        here: Location = ("environments", suffix)
        if suffix in formats.RESERVED_SUFFIXES:
            expected = "another suffix: S3 reserves names of buckets that end in it"
            yield here, Problem(where=document.where(here), received=suffix, expected=expected)
        for limit, taken in demand.items():
            most = getattr(environment.limits, limit)
            if most is not None and taken > most:
                location: Location = (*here, "limits", limit)
                expected = f"at least {taken}, which the tenants of this registry take"
                yield location, Problem(where=document.where(location), received=most, expected=expected)
        yield from backup_problems(
            document, suffix, environment.profile, environment.region, environment.backup
        )
        yield from delivery_problems(
            document,
            suffix,
            account=environment.account,
            home=environment.region,
            delivery=environment.delivery,
        )
        seen: set[tuple[str, str, str]] = set()
        for number, lifted in enumerate(environment.unprotected):
            location, what = (*here, "unprotected", number), (lifted.tenant, lifted.stack, lifted.resource)
            objection = _lifting_objection(registry, environment, lifted, repeated=what in seen)
            if objection:
                yield (
                    location,
                    Problem(where=document.where(location), received=" ".join(what), expected=objection),
                )
            seen.add(what)


def _lifting_objection(
    registry: Registry, environment: Environment, lifted: LiftedProtection, *, repeated: bool
) -> str | None:
    """Return what is expected instead of `lifted`, or `None` where it makes sense."""
    if environment.profile != PRODUCTION.name:
        return f"nothing: the profile '{environment.profile}' protects no tenant's data"
    if lifted.resource not in LIFTABLE[lifted.stack]:
        return (
            f"one of {', '.join(map(repr, LIFTABLE[lifted.stack]))}, which are protected in '{lifted.stack}'"
        )
    if lifted.tenant not in (registry.silos if lifted.stack == "silo" else registry.fargate_tenants):
        return f"a tenant of this registry that has a '{'silo' if lifted.stack == 'silo' else 'fargate'}'"
    return "each resource once" if repeated else None


def certificate_problems(
    document: Document, arn: str | None, region: str, account: str | None
) -> Iterator[tuple[Location, Problem]]:
    """Yield what keeps the load balancer from using the certificate `arn`.

    Args:
        document: the registry, to name the place.
        arn: of the certificate; `None` where none is given.
        region: of the load balancer.
        account: of the environment; `None` where it is not declared.
    """
    if arn and (objection := certificate_objection(arn, region=region, account=account)):
        location: Location = ("platform", "certificate_arn")
        yield location, Problem(where=document.where(location), received=arn, expected=objection)
