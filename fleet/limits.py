"""`fleet.yaml`: what an account is allowed, where that is not AWS's default, and what else is in it.

The file is beside the registry, and need not exist:

    limits:
      vpc/L-F678F1CE: 100   # VPCs per region
    used:
      vpc/L-F678F1CE: 2     # by what is not in these stacks

Keys are the codes of Service Quotas, values are in the quota's unit. The section `rollout` is described in
`fleet/rollout_settings.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from config.yaml_file import Document, Location, read_yaml
from facts.quotas import QUOTAS, Quota
from fleet.demand import LAMBDA_UNRESERVED
from fleet.rollout_settings import SECTION as ROLLOUT
from fleet.rollout_settings import RolloutSettings, mistakes, settings_of
from fleet.uses import USES

FILE: Final = "fleet.yaml"
SERVICE_QUOTAS: Final = "Service Quotas"
SECTIONS: Final = ("limits", "used", ROLLOUT)
KEYS: Final = ", ".join(map(repr, SECTIONS))
MOST: Final = 1_000_000_000
"""A number above it is a slip of the hand."""

STANDING: Final[Mapping[str, int]] = {
    "VPCs per region": 1,
    "internet gateways per region": 1,
    "security groups per region": 1,
}
"""What AWS puts into each region of an account: the default VPC with its gateway and its security group
(https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html, 2026-11-27)."""
KEPT_FREE: Final[Mapping[str, int]] = {"concurrent executions per region": LAMBDA_UNRESERVED}
"""What AWS lets nobody take."""


def code(quota: Quota) -> str:
    """Return how messages and `fleet.yaml` name a quota: `vpc/L-F678F1CE`; `-` where AWS has no code for it."""
    return f"{quota.service}/{quota.code}" if quota.code else "-"


BY_CODE: Final[Mapping[str, Quota]] = {
    code(QUOTAS[name].value): QUOTAS[name].value for name in USES if QUOTAS[name].value.code
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the account of the stacks is said to have.

    Attributes:
        file: that says so, as messages name it; `None` where nobody said anything.
        allowed: by the quota's code, in its unit.
        used: by what is not in the stacks, likewise.
        applied: by region and code, what the account said when it was asked; empty where it was not.
        rollout: how a release reaches the stacks.
    """

    file: str | None = None
    allowed: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    applied: Mapping[tuple[str, str], int] = field(default_factory=dict)
    rollout: RolloutSettings = field(default_factory=RolloutSettings)

    def limit(self, quota: Quota, region: str) -> int:
        """Return what is allowed of `quota` in `region`, in its unit.

        The account's word comes before the file's, and that before AWS's default.
        """
        return self.applied.get((region, code(quota)), self.allowed.get(code(quota), quota.value(region)))

    def stated_by(self, quota: Quota, region: str) -> str | None:
        """Return who says what is allowed of `quota` in `region`; `None` where nobody does, and AWS's default holds."""
        if (region, code(quota)) in self.applied:
            return SERVICE_QUOTAS
        return FILE if code(quota) in self.allowed else None

    @property
    def said_by(self) -> str | None:
        """Who says anything at all, as messages name them; `None` where nobody does."""
        found = [SERVICE_QUOTAS] if self.applied else []
        return ", then ".join([*found, *([self.file] if self.file else [])]) or None

    def standing(self, quota: Quota) -> int:
        """Return what is taken of `quota` by what is not in the stacks, and what nobody may take, in its unit."""
        used = self.used.get(code(quota), STANDING.get(quota.name, 0))
        return used + KEPT_FREE.get(quota.name, 0)


def load_limits(path: Path, *, name: str = FILE, required: bool = False) -> Limits:
    """Read `fleet.yaml`; a file that is not there says nothing.

    Args:
        path: of the file.
        name: how messages name it.
        required: whether the file must be there.

    Raises:
        ConfigurationError: every mistake in the file, in the order of its lines.
    """
    try:
        path.lstat()
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not required:
            return Limits()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            [Problem(where=name, received=reason, expected="a YAML file that can be read")]
        ) from None
    document = read_yaml(path, name=name)
    found = [*document.problems, *_problems(document)]
    if found:
        # A key that is written twice, and wrong, is said once.
        first = dict(reversed(found))
        ordered = sorted(first.items(), key=lambda item: document.line(item[0]))
        raise ConfigurationError([problem for _, problem in ordered])
    value = document.value if isinstance(document.value, dict) else {}
    limits, used, rollout = (value.get(section) or {} for section in SECTIONS)
    return Limits(file=name, allowed=limits, used=used, rollout=settings_of(rollout))


def _problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    if document.value is None:
        return
    if not isinstance(document.value, dict):
        yield _problem(document, (), document.value, f"a mapping with the keys {KEYS}")
        return
    for section, entries in document.value.items():
        if section not in SECTIONS:
            yield _problem(document, (section,), section, f"one of the keys {KEYS}")
        elif section == ROLLOUT and (entries is None or isinstance(entries, dict)):
            for key, received, expected in mistakes(entries or {}):
                yield _problem(document, (section, key), received, expected)
        elif section == ROLLOUT:
            yield _problem(document, (section,), entries, "a mapping")
        elif entries is not None and not isinstance(entries, dict):
            yield _problem(document, (section,), entries, "a mapping from codes of quotas to numbers")
        else:
            yield from _entry_problems(document, section, entries or {})


def _entry_problems(
    document: Document, section: str, entries: Mapping[str, object]
) -> Iterator[tuple[Location, Problem]]:
    for key, value in entries.items():
        if key not in BY_CODE:
            expected = "a quota that is counted, such as 'vpc/L-F678F1CE' (`make quota` lists them)"
            yield _problem(document, (section, key), key, expected)
        elif type(value) is not int or not 0 <= value <= MOST:
            quota = BY_CODE[key]
            expected = f"a whole number from 0 to {MOST}: {quota.name}, in {quota.unit}"
            yield _problem(document, (section, key), value, expected)


def _problem(
    document: Document, location: Location, received: object, expected: str
) -> tuple[Location, Problem]:
    if isinstance(received, dict | list):
        received = "a mapping" if isinstance(received, dict) else "a list"
    return location, Problem(where=document.where(location), received=received, expected=expected)
