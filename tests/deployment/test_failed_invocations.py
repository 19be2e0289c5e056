"""A tenant's login that could not be set up is in the next plan."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Emulator
from tenancy.names.environment import EnvironmentNames
from terraform.errors import TerraformError
from terraform.runner import Root
from tests.attached_provider import Terraform
from tests.deployment.deploying import as_deployer
from tests.emulator.roots import trust, write_root
from tests.synthesis import platform

pytestmark = pytest.mark.deployment

TENANT = "acme-corp"
NAMES = EnvironmentNames(suffix="test").platform
"""The deployer may make what has the names of the provisioner, and nothing else."""
FUNCTION = """
def handler(event, context):
    if event.get("broken"):
        raise RuntimeError("the database is away")
    return {"done": event["run"]}
"""


def invocations() -> dict[str, dict[str, Any]]:
    """The two invocations of a tenant as they are synthesized, by their lifecycle scopes."""
    found = platform(TENANT).all("aws_lambda_invocation").values()
    return {body["lifecycle_scope"]: body for body in found}


def root_with(terraform: Terraform, folder: Path, scope: str, **request: object) -> Root:
    """A root with a function that fails where the request says so, and one invocation of it."""
    archive = folder / "function.zip"
    if not archive.exists():
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(zipfile.ZipInfo("app.py"), FUNCTION)
    invocation = invocations()[scope] | {
        "function_name": "${aws_lambda_function.main.function_name}",
        "input": json.dumps(request),
    }
    del invocation["depends_on"]
    resources = {
        "aws_iam_role.main": {
            "name": NAMES.provisioner_role,
            "assume_role_policy": trust("lambda.amazonaws.com"),
        },
        "aws_lambda_function.main": {
            "function_name": NAMES.provisioner_function,
            "role": "${aws_iam_role.main.arn}",
            "runtime": "python3.13",
            "handler": "app.handler",
            "filename": str(archive),
        },
        "aws_lambda_invocation.login": invocation,
    }
    return terraform.root(write_root(folder / scope, resources=resources))


@pytest.mark.parametrize("scope", ["CREATE_ONLY", "CRUD"])
def test_a_change_that_failed_is_planned_again(tmp_path: Path, scope: str) -> None:
    """The provider forgets a failed update of `CRUD`, so no change that matters may be one.

    When this fails for `CRUD`, the provider has caught up, and one invocation is enough.
    """
    with Emulator(auth=True) as emulator, Terraform(as_deployer(emulator)) as terraform:
        root = root_with(terraform, tmp_path, scope, run=1)
        root.init()
        root.apply()
        root = root_with(terraform, tmp_path, scope, run=2, broken=True)
        with pytest.raises(TerraformError, match="the database is away"):
            root.apply()
        assert root.plan().empty is (scope == "CRUD")
        root = root_with(terraform, tmp_path, scope, run=2)
        root.apply()
        assert root.plan().empty


def test_only_the_end_of_a_tenant_rests_on_an_invocation_whose_failure_is_forgotten() -> None:
    found = invocations()
    assert set(found) == {"CREATE_ONLY", "CRUD"}
    assert json.loads(found["CRUD"]["input"])["only"] == "delete"
    assert "only" not in json.loads(found["CREATE_ONLY"]["input"])
