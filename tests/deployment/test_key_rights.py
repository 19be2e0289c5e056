"""A tenant's key that lacks a right which a service asks for: the deployment fails, and says what is missing.

`tests/emulator/test_key_rights.py` goes through every right of every key, request by request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.server import Emulator
from terraform.errors import TerraformError
from tests.attached_provider import Terraform
from tests.deployment.deploying import Deployment, as_deployer
from tests.synthesis import registry_with, silo

pytestmark = pytest.mark.deployment

TABLE, LOGS, FUNCTION = "aws_dynamodb_table", "aws_cloudwatch_log_group", "aws_lambda_function"
VIA = "kms:ViaService"


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What one tenant's key lacks.

    Attributes:
        sid: of the statement that lacks something.
        right: an action or a service; the whole statement where it is empty.
        target: type of the resources whose creation asks for it.
    """

    sid: str
    right: str = ""
    target: str


OF_TABLE = tuple(silo().statements("aws_kms_key")["EncryptOwnTable"]["Action"])
LACKS = {
    f"t{number}": lack
    for number, lack in enumerate(
        [
            *(Lack(sid="EncryptOwnTable", right=action, target=TABLE) for action in OF_TABLE),
            Lack(sid="EncryptOwnTable", target=TABLE),
            Lack(sid="CreateGrantsForServices", right="dynamodb.us-east-1.amazonaws.com", target=TABLE),
            Lack(sid="AdministerWithoutUse", right="kms:DescribeKey", target=TABLE),
            Lack(sid="CreateGrantsForServices", right="lambda.us-east-1.amazonaws.com", target=FUNCTION),
            Lack(sid="EncryptFunctionEnvironment", right="kms:Encrypt", target=FUNCTION),
            Lack(sid="EncryptLogGroups", target=LOGS),
        ],
        start=1,
    )
}
"""By tenant."""
INTACT = "intact"
AT_ONCE = 4
REGISTRY = registry_with(
    **{id_: {"silo": {"cidr": f"10.{number}.0.0/16"}} for number, id_ in enumerate([*LACKS, INTACT], start=1)}
)


def take_away(document: dict[str, Any], lack: Lack) -> None:
    """Remove from the stack's key what `lack` says."""
    (key,) = document["resource"]["aws_kms_key"].values()
    policy = json.loads(key["policy"])
    (statement,) = (found for found in policy["Statement"] if found["Sid"] == lack.sid)
    if not lack.right:
        policy["Statement"].remove(statement)
    elif lack.right in statement["Action"]:
        statement["Action"].remove(lack.right)
    else:
        statement["Condition"]["StringEquals"][VIA].remove(lack.right)
    key["policy"] = json.dumps(policy)


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What Terraform says of each tenant's resources; nothing where they were created."""
    with Emulator(auth=True) as emulator, Terraform(as_deployer(emulator)) as terraform:
        folder = tmp_path_factory.mktemp("keys")
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployment.synthesize(REGISTRY)

        def attempt(tenant: str) -> str:
            root = deployment.root(f"tenant-{tenant}-test")
            file = root.folder / "cdk.tf.json"
            document = json.loads(file.read_text())
            types = [lack.target for id_, lack in LACKS.items() if tenant in {id_, INTACT}]
            if tenant != INTACT:
                take_away(document, LACKS[tenant])
                file.write_text(json.dumps(document))
            targets = [
                f"{type_}.{name}" for type_ in sorted(set(types)) for name in document["resource"][type_]
            ]
            root.init()
            try:
                root.apply(*(f"-target={target}" for target in targets))
            except TerraformError as error:
                return str(error)
            return ""

        with ThreadPoolExecutor(AT_ONCE) as pool:
            tenants = [INTACT, *LACKS]
            yield dict(zip(tenants, pool.map(attempt, tenants), strict=True))


@pytest.mark.parametrize("tenant", LACKS)
def test_a_right_that_is_missing_stops_the_deployment(failures: dict[str, str], tenant: str) -> None:
    lack = LACKS[tenant]
    assert "AccessDenied" in failures[tenant] or "KMS" in failures[tenant], failures[tenant]
    assert lack.target in failures[tenant]


def test_with_all_of_them_the_same_is_deployed(failures: dict[str, str]) -> None:
    assert failures[INTACT] == ""
