"""Write the arguments of the AWS provider's resource types to the prover's catalogue, as the provider itself says them.

The prover's lists of arguments are tested against it (tests/isolation/test_arguments.py).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from config.machine import EXIT_REFUSED, refused
from isolation.catalogue.kinds import KIND_OF
from isolation.catalogue.resource_types import INERT, MODELLED
from progress.showing import working
from tenancy.versions import AWS_PROVIDER
from terraform.errors import TerraformError
from terraform.runner import Terraform

SCHEMA: Final = Path(__file__).resolve().parent.parent / "isolation" / "catalogue" / "provider_schema.json"
SOURCE: Final = "hashicorp/aws"
UNDIVIDED: Final = frozenset({"aws_wafv2_web_acl.rule.statement", "provider.endpoints"})
"""Blocks listed as a whole: a web ACL's statements nest in each other, and there is an endpoint for each service."""


def types() -> list[str]:
    """Return every resource type that the catalogue names."""
    return sorted({*KIND_OF, *MODELLED, *INERT})


def cut(schema: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return what `terraform providers schema -json` says of the catalogue's types: the paths of their arguments."""
    (provider,) = (found for name, found in schema["provider_schemas"].items() if name.endswith(f"/{SOURCE}"))
    known = provider["resource_schemas"]
    return {
        "source": SOURCE,
        "version": version,
        "provider": sorted(_paths(provider["provider"]["block"], "provider", "")),
        "resources": {type_: sorted(_paths(known[type_]["block"], type_, "")) for type_ in types()},
    }


def rendered(cut_schema: Mapping[str, Any]) -> str:
    """Return the schema as the repository has it: one line for each resource type."""
    resources = ",\n".join(
        f"{json.dumps(type_)}:{_compact(paths)}" for type_, paths in cut_schema["resources"].items()
    )
    head = ",\n".join(
        f"{json.dumps(key)}:{_compact(cut_schema[key])}" for key in ("provider", "source", "version")
    )
    return f'{{{head},\n"resources":{{\n{resources}\n}}}}\n'


def read_from_provider() -> dict[str, Any]:
    """Ask the provider for its schema, and cut it."""
    required = {"required_providers": {"aws": {"source": SOURCE, "version": AWS_PROVIDER}}}
    with tempfile.TemporaryDirectory() as folder, Terraform({}) as terraform:
        Path(folder, "main.tf.json").write_text(json.dumps({"terraform": required}))
        root = terraform.root(Path(folder))
        root.init()
        return cut(json.loads(root.run("providers", "schema", "-json", timeout=120.0).output), AWS_PROVIDER)


def _paths(block: Mapping[str, Any], address: str, prefix: str) -> Iterator[str]:
    """Return the paths of the arguments that a configuration may set in `block`.

    `id` is left out: it is the provider's to set.
    """
    for name, attribute in block.get("attributes", {}).items():
        path = f"{prefix}{name}"
        if path != "id" and (attribute.get("optional") or attribute.get("required")):
            yield from _attribute(attribute, path)
    for name, nested in block.get("block_types", {}).items():
        path = f"{prefix}{name}"
        whole = name == "timeouts" or f"{address}.{path}" in UNDIVIDED
        inner = [] if whole else list(_paths(nested["block"], address, f"{path}."))
        yield from inner or [path]


def _attribute(attribute: Mapping[str, Any], path: str) -> Iterator[str]:
    """Return the path of an attribute, or the paths inside where it is written like a block."""
    type_ = attribute.get("type")
    while isinstance(type_, list) and type_[0] in {"list", "set"}:
        type_ = type_[1]
    if isinstance(type_, list) and type_[0] == "object":
        for name, inner in type_[1].items():
            yield from _attribute({"type": inner}, f"{path}.{name}")
    else:
        yield path


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def main() -> int:
    """Write the schema, and return the exit code."""
    try:
        with working("asking the provider for its schema"):
            SCHEMA.write_text(rendered(read_from_provider()))
    except TerraformError as error:
        print(f"provider-schema: {error}", file=sys.stderr)
        return EXIT_REFUSED
    except OSError as error:
        print(f"provider-schema: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
