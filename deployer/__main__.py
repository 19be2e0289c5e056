"""`python -m deployer --account ... --region ... --suffix ...`: print the IAM policies of the role that deploys."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from config.formats import BUCKET_EXPECTED, ENVIRONMENT_SUFFIX, bucket_name
from config.machine import refused
from config.problems import Refusal, one_line
from config.regions import KNOWN_REGION
from deployer.documents import NamedPolicy, policies, trust_example
from deployer.own import expect_rights, patterns, statements
from deployer.place import Place, partition_of

EXIT_BAD_INPUT: Final = 2
ROLE_NAME: Final = r"^[A-Za-z0-9_+=,.@-]{1,64}$"
EXPECTED: Final = {
    "account": (r"^[0-9]{12}$", "12 digits"),
    "region": (KNOWN_REGION, "an AWS region, such as 'us-east-1'"),
    "suffix": (ENVIRONMENT_SUFFIX, "1 to 12 lowercase letters and digits, such as 'dev'"),
    "role": (ROLE_NAME, "the name of an IAM role"),
}


class _Parser(argparse.ArgumentParser):
    """A parser whose refusal is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_BAD_INPUT, f"deployer: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or write the policies; return the exit code."""
    options = _parser().parse_args(arguments)
    for name, (pattern, expected) in EXPECTED.items():
        received = getattr(options, name)
        if received is not None and not re.fullmatch(pattern, received):
            return _refuse(f"--{name.replace('_', '-')}: received {received!r}, expected {expected}")
    for name, bucket in {
        "state-bucket": options.state_bucket,
        "package-bucket": options.package_bucket,
    }.items():
        try:
            bucket_name(bucket or "any")
        except ValueError:
            return _refuse(f"--{name}: received {bucket!r}, expected {BUCKET_EXPECTED}")
    place = Place(
        account=options.account,
        region=options.region,
        suffix=options.suffix,
        partition=partition_of(options.region),
        state_bucket=options.state_bucket,
        package_bucket=options.package_bucket,
        deployer=options.role,
        own=patterns(options.suffix),
    )
    try:
        if options.out is not None:
            expect_rights(options.out, place)
        found = policies(place, more=statements(place))
    except Refusal as refusal:
        return _refuse(str(refusal))
    except ValueError as error:
        return _refuse(one_line(str(error)))
    trust = json.loads(trust_example(place))
    listed = [{"name": policy.name, "document": json.loads(policy.document)} for policy in found]
    try:
        if options.output is None:
            print(json.dumps({"policies": listed, "trust_policy_example": trust}, indent=2), flush=True)
        else:
            _write(options.output, found, json.dumps(trust, indent=2))
    except OSError as error:
        return _refuse(f"{'--output: ' if options.output else ''}{refused(error)}")
    return 0


def _write(folder: Path, found: list[NamedPolicy], trust: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for policy in found:
        # As short as IAM counts it: the file is what `aws iam create-policy --policy-document file://` takes.
        (folder / f"{policy.name}.json").write_text(f"{policy.document}\n")
    (folder / "trust-policy-example.json").write_text(f"{trust}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m deployer",
        description="Print the IAM policies that the role needs which deploys an environment.",
        epilog="Exit code: 0 printed, 2 bad input.",
    )
    parser.add_argument("--account", required=True, help="number of the account")
    parser.add_argument("--region", required=True, help="AWS region of all stacks")
    parser.add_argument("--suffix", required=True, help="ENVIRONMENT_SUFFIX of the environment")
    parser.add_argument("--state-bucket", metavar="NAME", help="STATE_BUCKET, if there is one")
    parser.add_argument("--package-bucket", metavar="NAME", help="PACKAGE_BUCKET, if there is one")
    parser.add_argument("--role", default="deployer", help="name of the role that deploys; default: deployer")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="the synthesized stacks: refuse where nobody says what a type of theirs needs",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="write one file per policy instead of printing"
    )
    return parser


def _refuse(problem: str) -> int:
    print(f"deployer: {problem}", file=sys.stderr)
    return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
