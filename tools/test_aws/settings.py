"""What the run is told by its environment, checked before anything is asked of AWS."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem

ROOT: Final = Path(__file__).resolve().parents[2]
ACCOUNT, SUFFIX, STACKS, IMAGE = "TEST_AWS_ACCOUNT", "TEST_AWS_SUFFIX", "TEST_AWS_STACKS", "TEST_AWS_IMAGE"
KINDS: Final = ("silos", "platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """One run.

    Attributes:
        account: id of the account that may be deployed to, 12 digits.
        suffix: of the environment; the run's own unless one is given, to take an earlier run's down.
        kinds: what is deployed: `silos`, `platform`.
        image: that the platform's tenant runs; `None` is the default.
        folder: of the run's stacks and states.
    """

    account: str
    suffix: str
    kinds: tuple[str, ...]
    image: str | None
    folder: Path


def read_settings(environment: Mapping[str, str]) -> RunSettings:
    """Return the settings in `environment`.

    Raises:
        ConfigurationError: with each variable that cannot be used.
    """
    problems = []
    account = environment.get(ACCOUNT, "")
    if not re.fullmatch(r"[0-9]{12}", account):
        expected = "the id of an account that stacks may be deployed to, 12 digits"
        problems.append(Problem(where=ACCOUNT, received=account or None, expected=expected))
    suffix = environment.get(SUFFIX) or f"t{secrets.token_hex(4)}"
    if not re.fullmatch(r"t[0-9a-f]{8}", suffix):
        expected = "the suffix of an earlier run, t and 8 hexadecimal digits, or nothing"
        problems.append(Problem(where=SUFFIX, received=suffix, expected=expected))
    kinds = tuple((environment.get(STACKS) or ",".join(KINDS)).split(","))
    if not set(kinds) <= set(KINDS):
        problems.append(
            Problem(where=STACKS, received=",".join(kinds), expected=f"some of {','.join(KINDS)}")
        )
    if problems:
        raise ConfigurationError(problems)
    return RunSettings(
        account=account,
        suffix=suffix,
        kinds=kinds,
        image=environment.get(IMAGE) or None,
        folder=ROOT / "build" / "test-aws" / suffix,
    )
