"""Runs the deployment tests on an AWS account, and takes everything down again, however they end.

    TEST_AWS_ACCOUNT=123456789012 python -m tools.test_aws

Credentials and region come from the environment, as for Terraform. The account must be the credentials' own. What is
made has a suffix of its own and is taken down also when the run is interrupted (Ctrl-C, a terminated process); what a
killed run left behind goes with `TEST_AWS_SUFFIX` set to its suffix. Exit code 0 where the tests passed and nothing
is left, 1 where not, 2 where the run cannot begin.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import Refusal
from fleet.synthesized import read_stacks
from tools.test_aws.registry import IMAGE, hourly_cost, made, registry
from tools.test_aws.settings import ACCOUNT, ROOT, SUFFIX, RunSettings, read_settings
from tools.test_aws.teardown import destroy, leftovers

FOLDER_VARIABLE = "TEST_AWS_FOLDER"


class NotYoursError(Refusal):
    """The credentials are not of the account that was named, or of none."""


def main() -> int:
    """Deploy, test, take down; return the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        settings = read_settings(os.environ)
        check_account(settings.account)
    except Refusal as refusal:
        print(f"test-aws: {refusal}", file=sys.stderr)
        return refusal.exit_code
    environment = environment_of(settings, os.environ)
    earlier = (settings.folder / "state").exists()
    if earlier:
        say(f"Taking down what is left of {settings.suffix} ...")
        return take_down(settings, environment)
    if code := synthesize(settings, environment):
        return code
    show_plan(settings)
    if code := subprocess.call(
        [sys.executable, "-m", "preflight", str(settings.folder / "cdktf.out")], cwd=ROOT
    ):
        say("Nothing was deployed.")
        return code
    try:
        passed = run_tests(environment)
    except KeyboardInterrupt:
        say("\nInterrupted.")
        passed = False
    return take_down(settings, environment) or (0 if passed else 1)


def check_account(account: str) -> None:
    """Make sure that the credentials are the account's.

    Raises:
        NotYoursError: they are another account's, or there are none.
    """
    client: Any = boto3.client("sts")
    try:
        found: str = client.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise NotYoursError(f"no AWS account can be asked: {error}") from None
    if found != account:
        raise NotYoursError(
            f"{ACCOUNT}: received {account!r}, expected {found!r}, which the credentials are of"
        )


def environment_of(settings: RunSettings, given: Mapping[str, str]) -> dict[str, str]:
    """Return what synthesis, Terraform and the tests see."""
    own = {
        "ENVIRONMENT_SUFFIX": settings.suffix,
        "TENANT_REGISTRY": str(settings.folder / "tenants.yaml"),
        "STATE_DIRECTORY": str(settings.folder / "state"),
        "CDKTF_OUTDIR": str(settings.folder / "cdktf.out"),
        "PROFILE": "development",
        FOLDER_VARIABLE: str(settings.folder),
    }
    others = {name: value for name, value in given.items() if name not in {"STACKS", "STATE_BUCKET"}}
    return others | own


def synthesize(settings: RunSettings, environment: Mapping[str, str]) -> int:
    """Write the run's registry and stacks; return the exit code."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    tenants = registry(platform="platform" in settings.kinds, image=settings.image or IMAGE)
    if "silos" not in settings.kinds:
        tenants["tenants"] = {name: t for name, t in tenants["tenants"].items() if "silo" not in t}
    (settings.folder / "tenants.yaml").write_text(yaml.safe_dump(tenants))
    return subprocess.call([sys.executable, str(ROOT / "main.py")], env=dict(environment), cwd=ROOT)


def show_plan(settings: RunSettings) -> None:
    """Say what will be made, where, and what it costs."""
    stacks = read_stacks(settings.folder / "cdktf.out")
    counts = made(stacks)
    say(f"Account {settings.account}, region {stacks[0].region}, suffix {settings.suffix}")
    say(f"  {len(stacks)} stacks: {', '.join(stack.id for stack in stacks)}")
    say(f"  {counts.total()} resources, among them {_largest(counts)}")
    say(f"  about {hourly_cost(stacks):.2f} US dollars per hour while they stand, at us-east-1's list prices")
    again = f"{ACCOUNT}={settings.account} {SUFFIX}={settings.suffix} make test-aws"
    say(f"  to take down what a killed run leaves: {again}")


def run_tests(environment: Mapping[str, str]) -> bool:
    """Run the tests, which deploy; tell whether they passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/aws"]
    with subprocess.Popen(command, env=dict(environment), cwd=ROOT) as tests:
        try:
            return tests.wait() == 0
        except KeyboardInterrupt:
            # Terraform writes its state first; the tests end when it has.
            tests.send_signal(signal.SIGINT)
            tests.wait()
            raise


def take_down(settings: RunSettings, environment: Mapping[str, str]) -> int:
    """Destroy the stacks and say what is left; return the exit code."""
    # Whoever interrupts again would leave things behind: it is finished first.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: say("Still taking down; what is interrupted now stays and costs."))
    failures = destroy(settings.folder, environment)
    for failure in failures:
        say(failure)
    stacks = read_stacks(settings.folder / "cdktf.out")
    left = leftovers(settings.suffix, stacks[0].region)
    for arn in left:
        say(f"left: {arn}")
    say("Nothing is left." if not left else f"{len(left)} resources are left.")
    return 1 if failures or left else 0


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def _largest(counts: Mapping[str, int]) -> str:
    wanted = ("aws_vpc", "aws_kms_key", "aws_lambda_function", "aws_rds_cluster", "aws_lb", "aws_nat_gateway")
    return ", ".join(f"{counts[kind]} {kind}" for kind in wanted if counts.get(kind))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
