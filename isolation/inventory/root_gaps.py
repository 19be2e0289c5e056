"""What is not modelled about a root module: its blocks, its provider, its data sources, its other files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from isolation.catalogue.arguments.listed import uses_of
from isolation.catalogue.arguments.uses import Use
from isolation.catalogue.root_modules import (
    DATA_SOURCES,
    INERT,
    PROVIDER,
    PROVIDER_SOURCES,
    PROVIDER_VERSION,
    READ,
    REGIONS,
    TERRAFORM,
    UNREAD_FILES,
)
from isolation.synthesized.arguments import paths_in, with_blocks
from isolation.synthesized.json_blocks import as_blocks, as_list, only_block


def gaps_of_root(stack: str, document: Mapping[str, Any]) -> Iterator[str]:
    """Return what is not modelled about the root module `document`, each as a line that begins with the stack's id."""
    for name in document:
        if name == UNREAD_FILES:
            for file in as_list(document[name]):
                yield f"{stack}: the file {file} is not read"
        elif name not in READ and name not in INERT:
            yield f"{stack}: block {name} is not modelled"
    yield from _of_terraform(stack, document)
    yield from _of_provider(stack, document)
    for type_, named in only_block(document.get("data")).items():
        for name, body in only_block(named).items():
            yield from _of_data_source(f"{stack}/data.{type_}.{name}", type_, only_block(body))


def _of_terraform(stack: str, document: Mapping[str, Any]) -> Iterator[str]:
    for block in as_blocks(document.get("terraform")):
        for name in block:
            if name not in TERRAFORM:
                yield f"{stack}: block terraform.{name} is not modelled"
        for provider, required in only_block(block.get("required_providers")).items():
            source = str(required.get("source", provider)) if isinstance(required, dict) else provider
            version = str(required.get("version", "")) if isinstance(required, dict) else str(required)
            if provider != "aws" or source not in PROVIDER_SOURCES:
                yield f"{stack}: the provider {source} is not modelled"
            elif version not in {"", PROVIDER_VERSION, f"= {PROVIDER_VERSION}"}:
                yield f"{stack}: provider version {version}; the catalogue lists the arguments of {PROVIDER_VERSION}"


def _of_provider(stack: str, document: Mapping[str, Any]) -> Iterator[str]:
    providers = only_block(document.get("provider"))
    for name in providers:
        if name not in {"aws", "//"}:
            yield f"{stack}: the provider {name} is not modelled"
    configured = as_blocks(providers.get("aws"))
    if len(configured) != 1:
        yield f"{stack}: {len(configured)} configurations of the provider aws, expected 1"
    for provider in configured:
        yield from _of_configuration(stack, provider)


def _of_configuration(stack: str, provider: Mapping[str, Any]) -> Iterator[str]:
    region = provider.get("region")
    if not isinstance(region, str) or not REGIONS.fullmatch(region):
        yield f"{stack}: provider.region is {region!r}, expected the name of a region in the partition aws"
    for path, value in paths_in(provider, _PROVIDER_PATHS):
        if path not in _PROVIDER_USES:
            yield f"{stack}: argument provider.{path} is in no list of the catalogue"
        elif _PROVIDER_USES[path] is Use.UNMODELLED:
            yield f"{stack}: argument provider.{path} is not modelled"
        elif path == "default_tags.tags" and not isinstance(value, dict):
            yield f"{stack}: argument provider.{path} is known at deployment only"
    if len(as_list(provider.get("default_tags"))) > 1:
        yield f"{stack}: argument provider.default_tags is there more than once"


def _of_data_source(address: str, type_: str, body: Mapping[str, Any]) -> Iterator[str]:
    if type_ not in DATA_SOURCES:
        yield f"{address}: data source {type_} is not modelled"
        return
    for name, value in body.items():
        if value is not None and name not in DATA_SOURCES[type_]:
            yield f"{address}: argument {name} is not modelled"


_PROVIDER_USES: Final = uses_of(PROVIDER)
_PROVIDER_PATHS: Final = with_blocks(_PROVIDER_USES)
