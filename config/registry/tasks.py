"""What the registry says of a Fargate tenant's tasks: whom their container runs as, what it writes to and reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from config.problems import Problem
from config.profiles import PROFILES
from config.registry.environments import Environment
from config.registry.fields import REASON_EXPECTED, Reason, RegistryEntry, distinct
from config.yaml_file import Document, Location

MOST_FOLDERS: Final = 8
MOST_DESTINATIONS: Final = 40
"""Of the 60 outbound rules that a security group takes
(https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups, read 2026-11-27),
what is left counts the entries of a prefix list, each of which takes the place of a rule."""
_ID: Final = (
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-4])"  # 1 to 65534
)
USER: Final = rf"^{_ID}:{_ID}$"
FOLDER: Final = (
    r"^(?!/(bin|boot|dev|etc|lib|lib64|proc|sbin|sys|tmp|usr)(/|$))(/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}){1,6}$"
)
"""None of the folders where programs, their configuration and the kernel's files are; `/tmp` is writable anyway."""
PREFIX_LIST: Final = "^pl-[0-9a-f]{8}([0-9a-f]{9})?$"
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html (read 2026-11-27)."""
_OCTET: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
BLOCK: Final = rf"^{_OCTET}(\.{_OCTET}){{3}}/(3[0-2]|[12]?[0-9])$"


def _block(text: str) -> str:
    return str(IPv4Network(text))


def _folder(path: str) -> str:
    if not re.fullmatch(FOLDER, path):
        raise ValueError("no folder")
    return path


User = Annotated[str, StringConstraints(pattern=USER)]
WritableFolder = Annotated[
    str, AfterValidator(_folder), WithJsonSchema({"type": "string", "pattern": FOLDER})
]
WritableFolders = Annotated[
    tuple[WritableFolder, ...],
    Field(strict=False, max_length=MOST_FOLDERS, json_schema_extra={"uniqueItems": True}),
    AfterValidator(distinct),
]
USER_EXPECTED: Final = (
    "the numbers of a user and a group, each 1 to 65534, in quotes, such as '101:101', "
    "that the container runs as"
)
FOLDERS_EXPECTED: Final = (
    f"a list of at most {MOST_FOLDERS} absolute paths, each once, of empty folders in memory that the container may "
    "write to besides '/tmp'; none of the system's, such as '/etc'"
)


class EgressDestination(RegistryEntry):
    """What the tasks may open connections to, beyond the platform's own database and endpoints."""

    cidr: Annotated[str, StringConstraints(pattern=BLOCK), AfterValidator(_block)] | None = Field(
        None, description="an IPv4 network or address, such as '203.0.113.0/24'; null with 'prefix_list'"
    )
    prefix_list: str | None = Field(
        None,
        pattern=PREFIX_LIST,
        description="the id of a prefix list of the environment's region, such as 'pl-0123456789abcdef0'; null with "
        "'cidr'",
    )
    port: int = Field(ge=1, le=65_535, description="a port, 1 to 65535")
    protocol: Literal["tcp", "udp"] = Field("tcp", description="'tcp' or 'udp'")
    reason: Reason = Field(description=f"what the tasks need there, {REASON_EXPECTED}")


EgressDestinations = Annotated[
    tuple[EgressDestination, ...], Field(strict=False, max_length=MOST_DESTINATIONS)
]
DESTINATIONS_EXPECTED: Final = (
    f"a list of at most {MOST_DESTINATIONS} mappings with the keys "
    f"{', '.join(map(repr, EgressDestination.model_fields))}: what tasks reach, where the profile lets them reach "
    "nothing but the platform's database and endpoints"
)


def own_registry(account: str, region: str) -> str:
    """Return the host of the account's own registry in ECR.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
    """
    return f"{account}.dkr.ecr.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def image_problems(
    document: Document, declared: Environment, images: Mapping[str, str]
) -> Iterator[tuple[Location, Problem]]:
    """Yield the images, by tenant, that come from where `declared` takes none from, if it is in production."""
    if not PROFILES[declared.profile].pinned_images:
        return
    own = own_registry(declared.account, declared.region)
    for tenant, image in images.items():
        if _comes_from(declared, image):
            continue
        location: Location = ("tenants", tenant, "fargate", "image")
        expected = (
            f"an image of '{own}' or of 'image_registries' of the environment: "
            f"the profile is '{declared.profile}'"
        )
        yield location, Problem(where=document.where(location), received=image, expected=expected)


def collector_problems(
    document: Document, environments: Mapping[str, Environment]
) -> Iterator[tuple[Location, Problem]]:
    """Yield the images of collectors that come from where their environment, in production, takes none from."""
    for suffix, environment in environments.items():
        image = environment.tracing.collector_image
        if (
            image is None
            or not PROFILES[environment.profile].pinned_images
            or _comes_from(environment, image)
        ):
            continue
        location: Location = ("environments", suffix, "tracing", "collector_image")
        expected = (
            f"an image of '{own_registry(environment.account, environment.region)}' or of 'image_registries' of the "
            f"environment: the profile is '{environment.profile}'"
        )
        yield location, Problem(where=document.where(location), received=image, expected=expected)


def _comes_from(environment: Environment, image: str) -> bool:
    """Return whether `image` is in the account's own registry or in another that `environment` names."""
    own = own_registry(environment.account, environment.region)
    return image.startswith(tuple(f"{registry}/" for registry in (own, *environment.image_registries)))


def destination_problems(
    document: Document, here: Location, fargate: Mapping[str, Any]
) -> Iterator[tuple[Location, Problem]]:
    """Yield the destinations that name two places, none, or what an earlier one names."""
    given = fargate.get("egress")
    if not isinstance(given, Sequence) or isinstance(given, str):
        return
    seen: set[tuple[object, ...]] = set()
    for number, entry in enumerate(given):
        if not isinstance(entry, Mapping):
            continue
        location: Location = (*here, "egress", number)
        block, prefix_list = entry.get("cidr"), entry.get("prefix_list")
        if (block is None) == (prefix_list is None):
            received = "both" if block is not None else "neither"
            expected = "either 'cidr' or 'prefix_list'"
            yield location, Problem(where=document.where(location), received=received, expected=expected)
        what = (block, prefix_list, entry.get("port"), entry.get("protocol", "tcp"))
        if all(isinstance(part, str | int | None) for part in what):
            if what in seen:
                expected = "each destination once"
                yield (
                    location,
                    Problem(where=document.where(location), received=block or prefix_list, expected=expected),
                )
            seen.add(what)
