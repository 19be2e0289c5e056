"""The plan that is asked for, and what it answers."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tenancy.versions import AWS_PROVIDER
from terraform.errors import TerraformError
from terraform.runner import Terraform
from tools.replacement.probes import Body, Probe, path_of
from tools.replacement.schema import attribute, state_of

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


def other(value: object) -> object:
    """Return another value of the type of `value`."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return [] if value else ["another"]


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
            reasons = [path_of(reason) for reason in change["change"].get("replace_paths", [])]
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
