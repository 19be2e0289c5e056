"""Runs the checks, each to its end, whatever the others found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from fleet.synthesized import SynthesizedStack
from preflight.account import Account, is_denied
from preflight.checks import (
    aged_facts,
    backups,
    caller,
    certificate,
    database,
    images,
    names,
    oversight,
    packages,
    quotas,
    references,
    region,
    roles,
    state,
)
from preflight.deployment import Deployment, is_deployed
from preflight.findings import CheckResult, Finding, unknown
from preflight.states import held_part


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question to the account.

    Attributes:
        name: of the check.
        find: what is wrong, one finding after the other.
        seen: what was looked at, when nothing is wrong.
    """

    name: str
    find: Callable[[Deployment], Iterator[Finding]]
    seen: Callable[[Deployment], str]


CHECKS: Final = (
    Check(name="caller", find=caller.check, seen=caller.seen),
    Check(name="region", find=region.check, seen=region.seen),
    Check(name="state", find=state.check, seen=state.seen),
    Check(name="packages", find=packages.check, seen=packages.seen),
    Check(name="quotas", find=quotas.check, seen=quotas.seen),
    Check(name="names", find=names.check, seen=names.seen),
    Check(name="database", find=database.check, seen=database.seen),
    Check(name="backups", find=backups.check, seen=backups.seen),
    Check(name="certificate", find=certificate.check, seen=certificate.seen),
    Check(name="references", find=references.check, seen=references.seen),
    Check(name="images", find=images.check, seen=images.seen),
    Check(name="roles", find=roles.check, seen=roles.seen),
    Check(name="oversight", find=oversight.check, seen=oversight.seen),
    Check(name="facts", find=aged_facts.check, seen=aged_facts.seen),
)


class NoAccountError(Exception):
    """There is no account to ask: no credentials, unknown ones, or no network. The message says which."""


def run(stacks: Sequence[SynthesizedStack], checks: Sequence[Check] = CHECKS) -> Iterator[CheckResult]:
    """Ask the account that the caller's credentials belong to; return what each check says as soon as it does.

    Raises:
        NoAccountError: there is none.
        ValueError: the stacks are not of one region.
    """
    regions = sorted({stack.region for stack in stacks})
    if len(regions) != 1:
        raise ValueError(f"the stacks are of {', '.join(regions)}; expected one region")
    account = Account(regions[0])
    try:
        account.caller  # noqa: B018 (asked first: nothing works without)
        deployed = frozenset(stack.id for stack in stacks if is_deployed(account, stack))
    except (BotoCoreError, ClientError) as error:
        raise NoAccountError(f"no AWS account can be asked: {error}") from None
    held = {stack.id: held_part(account, stack) for stack in stacks if stack.id in deployed}
    deployment = Deployment(account=account, stacks=stacks, deployed=deployed, held=held)
    return (_outcome(check, deployment) for check in checks)


def _outcome(check: Check, deployment: Deployment) -> CheckResult:
    findings: list[Finding] = []
    try:
        # What was found before an error stays.
        findings.extend(check.find(deployment))
    except ClientError as error:
        right = (
            f"{error.operation_name} was refused" if is_denied(error) else f"{error.operation_name} failed"
        )
        message = error.response.get("Error", {}).get("Message", "") or str(error)
        findings.append(
            unknown(f"{right}: {message}.", "Give the caller the right to read, and run it again.")
        )
    except BotoCoreError as error:
        findings.append(unknown(f"AWS could not be asked: {error}.", "Run it again."))
    seen = "" if findings else check.seen(deployment)
    return CheckResult(check=check.name, seen=seen, findings=tuple(findings))
