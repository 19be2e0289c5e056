"""Write to `facts/replacement.json` which arguments the AWS provider replaces a resource for, as the provider says.

The provider's schema does not tell. So the provider is asked to plan: each argument that the stacks use is, in one
resource of its own, another one in the state than in the configuration. Nothing is deployed, and nobody is asked: the
plan does not refresh, and the provider's credentials are none.
"""

from __future__ import annotations

import copy
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from fleet.comparison.revisions import here
from tenancy.versions import AWS_PROVIDER
from terraform.errors import TerraformError
from terraform.runner import Terraform
from tools.compare.__main__ import CASES, EVERY_SETTING, PRODUCTION, ROOT, synthesized

FACTS: Final = ROOT / "facts" / "replacement.json"
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
ASKS_NOBODY: Final = {
    "region": "us-east-1",
    "access_key": "none",
    "secret_key": "none",
    "max_retries": 1,
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_region_validation": True,
    "skip_requesting_account_id": True,
}
META: Final = frozenset({"//", "depends_on", "lifecycle", "provisioner", "provider", "count", "for_each"})
NOT_ASKED: Final = frozenset({"aws_wafv2_web_acl"})
"""Statements of a web ACL nest in each other, and Terraform takes minutes to plan one: what replaces it is unknown."""
REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
Body = dict[str, Any]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One argument of one resource, whose value in the state is another.

    Attributes:
        type: of the resource.
        path: of the argument, without indices: `vpc_config.subnet_ids`.
        body: the resource's arguments.
        place: of the argument in `body`.
    """

    type: str
    path: str
    body: Body
    place: Place


def documents() -> Iterator[Body]:
    """Yield the JSON of what `make compare` synthesizes, and of a platform with what that leaves out."""
    with tempfile.TemporaryDirectory() as name:
        registry = yaml.safe_load(EVERY_SETTING.read_text())
        del registry["platform"]["certificate_arn"]
        registry["platform"]["hosted_zone_id"] = "Z0123456789ABCDEFGHIJ"
        registry["environments"]["prod"]["monthly_budget_usd"] = 500
        (service, *_) = (tenant["fargate"] for tenant in registry["tenants"].values() if "fargate" in tenant)
        service["custom_hosts"] = {
            "names": ["shop.acme.example"],
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        }
        issued = Path(name, "issued.yaml")
        issued.write_text(yaml.safe_dump(registry))
        cases = [*CASES.values(), {**PRODUCTION, "TENANT_REGISTRY": str(issued)}]
        for number, variables in enumerate(cases):
            for text in synthesized(here(ROOT), Path(name, str(number)), variables).values():
                yield json.loads(text)


def probes() -> list[Probe]:
    """Return a probe for each argument that a stack has, references made plain."""
    found: dict[tuple[str, str], Probe] = {}
    for document in documents():
        for kind, named in document["resource"].items():
            for body in named.values():
                plain = {key: _plain(value) for key, value in body.items() if key not in META}
                for place in _places((), plain) if kind not in NOT_ASKED else ():
                    path = _path(place)
                    found.setdefault((kind, path), Probe(type=kind, path=path, body=plain, place=place))
    return [found[key] for key in sorted(found)]


def _plain(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Return `value` with a plain value of the right form in place of each reference."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    if REFERENCE.fullmatch(value) and not value.endswith(("arn}", "policy}")):
        return "id-0123456789abcdef0"
    return REFERENCE.sub("arn:aws:iam::123456789012:role/plain", value)


def _places(place: Place, value: object) -> Iterator[Place]:
    """Yield where in `value` something can be changed: scalars, lists of them, and maps as a whole."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places((*place, key), item)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _places((*place, 0), value[0])
    else:
        yield place


def other(value: object) -> object:
    """Return another value of the type of `value`."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return [] if value else ["another"]


def state_of(body: Body, block: Mapping[str, Any]) -> Body:
    """Return the arguments `body` as a state has them: every block is a list there."""
    attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
    found: Body = dict.fromkeys(attributes)
    for key, value in body.items():
        if key in blocks:
            items = value if isinstance(value, list) else [value]
            found[key] = [state_of(item, blocks[key]["block"]) for item in items]
            if blocks[key]["nesting_mode"] == "single":
                (found[key],) = found[key]
        else:
            found[key] = value
    return found


def sets_of(block: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the paths of what has no order in a resource type."""
    for name, attribute in block.get("attributes", {}).items():
        if isinstance(attribute.get("type"), list) and attribute["type"][0] == "set":
            yield f"{path}.{name}"
    for name, nested in block.get("block_types", {}).items():
        if nested["nesting_mode"] == "set":
            yield f"{path}.{name}"
        yield from sets_of(nested["block"], f"{path}.{name}")


def attribute(block: Mapping[str, Any], path: Sequence[str]) -> str:
    """Return the part of `path` that names an attribute: what is in a map or in a document is part of its value."""
    first, *rest = path
    if first in block.get("block_types", {}) and rest:
        return f"{first}.{attribute(block['block_types'][first]['block'], rest)}"
    return first


def _path(parts: Sequence[object]) -> str:
    """Return a path of Terraform's JSON without indices."""
    return ".".join(part for part in parts if isinstance(part, str))


class Question:
    """A root module with a resource for each probe, and a state that differs from it."""

    def __init__(self, folder: Path, terraform: Terraform) -> None:
        self._folder, self._root = folder, terraform.root(folder)
        self._write({}, {})
        self._root.init()
        schema = json.loads(self._root.run("providers", "schema", "-json", timeout=300.0).output)
        self.schemas: dict[str, Any] = schema["provider_schemas"][PROVIDER]["resource_schemas"]

    def answers(self, asked: list[Probe]) -> dict[str, dict[str, str]]:
        """Return what the provider does about each attribute, `replace` or `update`, by type and path."""
        names = {f"p{number}": probe for number, probe in enumerate(asked)}
        valid = self._valid(names)
        self._plan(valid)
        plan = json.loads(self._root.run("show", "-json", "plan", timeout=300.0).output)
        found: dict[str, dict[str, str]] = {}
        for probe in asked:
            found.setdefault(probe.type, {})
        for change in plan["resource_changes"]:
            probe = names[change["name"]]
            path = attribute(self.schemas[probe.type]["block"], probe.path.split("."))
            reasons = [_path(reason) for reason in change["change"].get("replace_paths", [])]
            if any(f"{path}.".startswith(f"{reason}.") for reason in reasons):
                found[probe.type][path] = "replace"
            elif change["change"]["actions"] != ["no-op"]:
                # Whatever else the provider makes of a state that is no more than the configuration: not this argument.
                found[probe.type].setdefault(path, "update")
        return found

    def _plan(self, names: dict[str, Probe]) -> None:
        """Plan, and take out of `names` what the provider does not take in a state."""
        while True:
            self._write(names, {name: self._state(probe) for name, probe in names.items()})
            try:
                self._root.run(
                    "plan", "-refresh=false", "-lock=false", "-out=plan", "-input=false", timeout=900.0
                )
            except TerraformError as error:
                wrong = set(re.findall(r"with \w+\.(p\d+),", error.output or str(error))) & names.keys()
                if not wrong:
                    raise
                for name in wrong:
                    print(f"left out: {names[name].type}.{names[name].path}", file=sys.stderr)
                    del names[name]
            else:
                return

    def _valid(self, names: dict[str, Probe]) -> dict[str, Probe]:
        """Return those of `names` that the provider takes as they are."""
        left = dict(names)
        while True:
            self._write(left, {})
            said = json.loads(self._root.run("validate", "-json", timeout=600.0, accepted=(0, 1)).output)
            wrong = {
                match[1]
                for one in said["diagnostics"]
                if one["severity"] == "error"
                for match in [
                    re.search(r"\.(p\d+)\b", f"{one.get('address', '')} {json.dumps(one.get('snippet'))}")
                ]
                if match
            }
            if said["valid"]:
                return left
            if not wrong:
                raise SystemExit(f"replacement: {json.dumps(said['diagnostics'][:2], indent=1)}")
            for name in wrong:
                print(f"left out: {left[name].type}.{left[name].path}", file=sys.stderr)
                left.pop(name)

    def _state(self, probe: Probe) -> Body:
        body = copy.deepcopy(probe.body)
        inner: Any = body
        for part in probe.place[:-1]:
            inner = inner[part]
        inner[probe.place[-1]] = other(inner[probe.place[-1]])
        return state_of(body, self.schemas[probe.type]["block"]) | {"id": "id-0123456789abcdef0"}

    def _write(self, names: Mapping[str, Probe], states: Mapping[str, Body]) -> None:
        resources: dict[str, dict[str, Body]] = {}
        for name, probe in names.items():
            resources.setdefault(probe.type, {})[name] = probe.body
        required = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": AWS_PROVIDER}}}
        module: Body = {"terraform": required, "provider": {"aws": [ASKS_NOBODY]}}
        if resources:
            module["resource"] = resources
        (self._folder / "main.tf.json").write_text(json.dumps(module, indent=1))
        state = {
            "version": 4,
            "serial": 1,
            "lineage": "replacement",
            "resources": [
                {
                    "mode": "managed",
                    "type": names[name].type,
                    "name": name,
                    "provider": f'provider["{PROVIDER}"]',
                    "instances": [
                        {
                            "schema_version": self.schemas[names[name].type]["version"],
                            "attributes": attributes,
                        }
                    ],
                }
                for name, attributes in states.items()
            ],
        }
        (self._folder / "terraform.tfstate").write_text(json.dumps(state))


def rendered(answers: Mapping[str, Mapping[str, str]], sets: list[str]) -> str:
    """Return the facts as the repository has them: one line for each resource type."""
    lines = []
    for kind, paths in sorted(answers.items()):
        by = {
            word: sorted(path for path, said in paths.items() if said == word)
            for word in ("replace", "update")
        }
        lines.append(f"{json.dumps(kind)}: {json.dumps(by)}")
    types = ",\n".join(lines)
    return (
        f'{{"provider": "{AWS_PROVIDER}",\n"sets": {json.dumps(sorted(sets))},\n"types": {{\n{types}\n}}}}\n'
    )


def main() -> int:
    """Ask the provider, and write what it says."""
    asked = probes()
    with tempfile.TemporaryDirectory() as folder, Terraform({}) as terraform:
        question = Question(Path(folder), terraform)
        sets = [
            path
            for kind in {probe.type for probe in asked}
            for path in sets_of(question.schemas[kind]["block"], kind)
        ]
        answers: dict[str, dict[str, str]] = {kind: {} for kind in NOT_ASKED}
        answers |= question.answers(asked)
        FACTS.write_text(rendered(answers, sets))
    print(f"{FACTS.relative_to(ROOT)}: {len(asked)} arguments")
    return 0


if __name__ == "__main__":
    sys.exit(main())
