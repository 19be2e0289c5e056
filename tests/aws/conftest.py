"""Stacks in an AWS account, whichever it is: `python -m tools.test_aws` says which, and takes them down afterwards.

Nothing here runs in a plain test run: without that command there is no account.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest

from fleet.synthesized import SynthesizedStack, read_stacks
from terraform.runner import Root, Terraform

FOLDER = os.environ.get("TEST_AWS_FOLDER")
if not FOLDER:
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True)
class Deployed:
    """The stacks in the account, and the account."""

    folder: Path
    terraform: Terraform

    @cached_property
    def stacks(self) -> dict[str, SynthesizedStack]:
        return {stack.id: stack for stack in read_stacks(self.folder / "cdktf.out")}

    @property
    def suffix(self) -> str:
        return self.folder.name

    @property
    def region(self) -> str:
        return next(iter(self.stacks.values())).region

    def root(self, stack: str) -> Root:
        return self.terraform.root(self.stacks[stack].folder)

    def outputs(self, stack: str) -> dict[str, Any]:
        found: dict[str, Any] = self.root(stack).outputs()
        return found

    def state(self, stack: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "state" / f"{stack}.tfstate").read_text())
        return document

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(service, region_name=self.region)


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    assert FOLDER
    with Terraform(os.environ) as terraform:
        found = Deployed(folder=Path(FOLDER), terraform=terraform)

        def apply(stack: str) -> None:
            found.root(stack).init()
            found.root(stack).apply(timeout=3600)

        with ThreadPoolExecutor(len(found.stacks)) as pool:
            list(pool.map(apply, found.stacks))
        yield found
