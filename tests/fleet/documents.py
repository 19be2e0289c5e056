"""Documents of stacks as a synthesis writes them, of a few resources, and their comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.comparison.changes import Change, changes
from fleet.comparison.documents import parsed
from fleet.comparison.report import Report, compared
from fleet.comparison.text import Compared, text

Resources = Mapping[str, Mapping[str, Mapping[str, Any]]]
KEY = "aws_kms_key"


def stack(
    resources: Resources, *, tenant: str | None = None, tags: Mapping[str, str] | None = None, **rest: Any
) -> dict[str, Any]:
    own = {"TenantId": tenant} if tenant else {}
    provider = {"region": "us-east-1", "default_tags": [{"tags": {"Author": "a", **own, **(tags or {})}}]}
    backend = {"local": {"path": f"state/{tenant}.tfstate"}}
    return {
        "resource": resources,
        "provider": {"aws": [provider]},
        "terraform": {"backend": backend},
        **rest,
    }


def between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return changes(parsed("s", before), parsed("s", after))


def of_argument(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return between(stack({kind: {"r": before}}), stack({kind: {"r": after}}))


def lines(found: list[Change]) -> list[str]:
    return [f"{one.address} {one.action} {one.argument} {one.before} {one.after}".strip() for one in found]


class Folder:
    """Files of stacks before and after."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def report(self, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]) -> Report:
        sides = []
        for side, documents in (("before", before), ("after", after)):
            (self.path / side).mkdir()
            files = {}
            for id_, content in documents.items():
                files[id_] = self.path / side / f"{id_}.json"
                files[id_].write_text(json.dumps(content))
            sides.append(files)
        return compared(*sides)

    def text(self, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]) -> str:
        return text(Compared(revision="main", commit="0" * 40, report=self.report(before, after)))


def silo(tenant: str, **key: Any) -> dict[str, Any]:
    number = sum(map(ord, tenant)) % 200
    names = {"description": f"Key of {tenant}", **key}
    return stack(
        {KEY: {"key": names}, "aws_vpc": {"vpc": {"cidr_block": f"10.{number}.0.0/16"}}}, tenant=tenant
    )


def silos(*tenants: str, **key: Any) -> dict[str, dict[str, Any]]:
    def own(tenant: str) -> dict[str, Any]:
        return {
            name: value.replace("TENANT", tenant) if isinstance(value, str) else value
            for name, value in key.items()
        }

    return {f"tenant-{tenant}-test": silo(tenant, **own(tenant)) for tenant in tenants}


def statement(sid: str | None = "Use", **rest: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["*"], **rest}
    return {"Sid": sid, **given} if sid else given


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}
