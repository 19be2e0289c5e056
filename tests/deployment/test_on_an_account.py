"""The tests for an account of somebody's own, run on the emulator as if it were a stranger's account."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from emulator.deployer_role import ROLE
from emulator.server import ACCOUNT_ID, Emulator
from tests.deployment.callers import wait_for
from tests.deployment.deploying import as_deployer
from tests.deployment.inventory import inventory
from tests.emulator.roots import allow, policy
from tests.guards import GUARD_SECONDS

pytestmark = pytest.mark.deployment

ROOT = Path(__file__).resolve().parents[2]
TESTING = policy(
    # What `make preflight` reads.
    allow(
        [
            *("acm:Describe*", "backup:Describe*", "backup:Get*", "backup:List*", "cloudtrail:Describe*"),
            *("cloudtrail:Get*", "cloudwatch:Describe*", "cognito-idp:List*", "config:Describe*"),
            *("dynamodb:List*", "ec2:Describe*", "ecr:BatchGetImage", "ecr:Describe*", "ecs:Describe*"),
            *("ecs:List*", "elasticloadbalancing:Describe*", "events:List*", "guardduty:Get*"),
            *("guardduty:List*", "iam:Get*", "iam:List*", "kms:List*", "lambda:Get*", "lambda:List*"),
            *("logs:Describe*", "rds:Describe*", "s3:List*", "secretsmanager:List*", "servicequotas:Get*"),
            *("apigateway:GET", "sns:Get*", "tag:GetResources"),
        ],
        "*",
    ),
    # What the tests do with what is deployed.
    allow(
        [
            *("cognito-idp:AdminCreateUser", "cognito-idp:AdminInitiateAuth"),
            *("cognito-idp:AdminSetUserPassword", "cognito-idp:ListUserPoolClients"),
            *("dynamodb:DescribeTable", "dynamodb:GetItem", "events:PutEvents", "kms:DescribeKey"),
            *("s3:GetBucketPublicAccessBlock", "secretsmanager:DescribeSecret"),
        ],
        "*",
    ),
)
"""What whoever runs the tests may do beside deploying."""
COMMAND = [sys.executable, "-m", "tools.test_aws"]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


def environment(emulator: Emulator, **variables: str) -> dict[str, str]:
    """What a run of its own sees, as a session of the role that may deploy it, test it and look for what is left."""
    suffix = f"t{secrets.token_hex(4)}"
    caller = as_deployer(emulator, suffix)
    emulator.client("iam").put_role_policy(
        RoleName=f"{ROLE}-{suffix}", PolicyName="testing", PolicyDocument=TESTING
    )
    own = {"TEST_AWS_ACCOUNT": ACCOUNT_ID, "TEST_AWS_STACKS": "silos", "TEST_AWS_SUFFIX": suffix}
    return caller | own | variables


def run(variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(COMMAND, env=dict(variables), cwd=ROOT, capture_output=True, text=True, check=False)


def suffix_of(text: str) -> str:
    (found,) = re.findall(r"suffix (t[0-9a-f]{8})$", text, re.MULTILINE)
    return str(found)


def test_all_stacks_are_deployed_tested_and_taken_down(emulator: Emulator) -> None:
    ecr = emulator.client("ecr")
    ecr.create_repository(repositoryName="web")
    ecr.put_image(repositoryName="web", imageManifest="{}", imageTag="1")
    image = f"{ACCOUNT_ID}.dkr.ecr.us-east-1.amazonaws.com/web:1"
    before = inventory(emulator)
    ran = run(environment(emulator, TEST_AWS_STACKS="silos,platform", TEST_AWS_IMAGE=image))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Account {ACCOUNT_ID}, region us-east-1, suffix {suffix_of(ran.stdout)}" in ran.stdout
    assert re.search(r"about 0\.[0-9]{2} US dollars per hour", ran.stdout)
    assert "Nothing stops the deployment." in ran.stdout
    assert re.search(r"^7 passed in ", ran.stdout, re.MULTILINE)
    assert ran.stdout.endswith("Nothing is left.\n")
    assert inventory(emulator) == before


def test_what_is_interrupted_is_taken_down_as_well(emulator: Emulator, tmp_path: Path) -> None:
    before = inventory(emulator)
    log = tmp_path / "log"
    with log.open("w") as output:
        ran = subprocess.Popen(
            COMMAND,
            env=environment(emulator),
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        # In the middle of the apply: the first VPC is there.
        wait_for(lambda: len(inventory(emulator)) > len(before) + 5 or ran.poll() is not None)
        ran.send_signal(signal.SIGTERM)
        assert ran.wait(GUARD_SECONDS) == 1
    finally:
        if ran.poll() is None:
            os.killpg(ran.pid, signal.SIGKILL)
    said = log.read_text()
    assert "Interrupted." in said
    assert said.endswith("Nothing is left.\n"), said
    assert inventory(emulator) == before


def test_no_account_but_the_one_that_was_named_is_touched(emulator: Emulator) -> None:
    before = inventory(emulator)
    for variables, said in (
        ({"TEST_AWS_ACCOUNT": ""}, "TEST_AWS_ACCOUNT: received nothing, expected the id of an account"),
        ({"TEST_AWS_ACCOUNT": "999999999999"}, "received '999999999999', expected '123456789012'"),
        (
            {"TEST_AWS_SUFFIX": "prod"},
            "TEST_AWS_SUFFIX: received 'prod', expected the suffix of an earlier run",
        ),
        ({"TEST_AWS_STACKS": "all"}, "TEST_AWS_STACKS: received 'all', expected some of silos,platform"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "no AWS account can be asked"),
    ):
        ran = run(environment(emulator, **variables))
        assert (ran.returncode, ran.stdout) == (2, ""), ran.stdout
        assert ran.stderr.startswith("test-aws: ")
        assert said in ran.stderr
    assert inventory(emulator) == before


def test_a_deployment_that_the_preflight_stops_is_not_begun(emulator: Emulator) -> None:
    emulator.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    for number in range(3):
        emulator.client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")
    before = inventory(emulator)
    ran = run(environment(emulator))
    assert ran.returncode == 1
    assert "stops    quotas: VPCs per region: 5 of 5 are in use" in ran.stdout
    assert ran.stdout.endswith("Nothing was deployed.\n")
    assert inventory(emulator) == before
