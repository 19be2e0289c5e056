"""What other programs and tests call: `prove` and `can`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from isolation.evaluator.lookup import decide
from isolation.inventory.reading import take_inventory
from isolation.synthesized.input_error import InputError, shown
from isolation.synthesized.reading import read_documents, read_with_digests
from isolation.synthesized.shape import check_documents
from isolation.verdict.analysis import NO_SUCH_ACCOUNT, analyse
from isolation.verdict.collection import without_collection
from isolation.verdict.report import Report
from isolation.verdict.waivers import Waiver, Waivers

__all__ = ["InputError", "Report", "Waiver", "can", "prove"]

Stacks = Path | Mapping[str, Mapping[str, Any]]
"""The folder that `cdktf synth` writes, or the document of each stack by its id."""


def prove(
    stacks: Stacks,
    *,
    account: str | None = None,
    waivers: Iterable[Waiver] = (),
    today: date | None = None,
) -> Report:
    """Return who reaches what is another owner's; `report.verdict` says it in a word.

    Args:
        stacks: the folder that `cdktf synth` writes, or the document of each stack by its id.
        account: the number of the account that they are deployed to, if it is known.
        waivers: findings that are accepted.
        today: the day on which the waivers must be valid; by default today.

    Raises:
        InputError: the stacks are not Terraform's JSON as synthesized, or a waiver has run out or is not used.
    """
    accepted = Waivers(waivers)
    accepted.check_dates(today or datetime.now(tz=UTC).date())
    with without_collection():
        documents, digests = read_with_digests(stacks) if isinstance(stacks, Path) else (stacks, {})
        report = analyse(documents, account, accepted)
    report.documents = digests
    if report.verdict != "VIOLATED":
        # Where a hole is open, the search of its cell ends: what it would have used is not known.
        accepted.check_used()
    return report


def can(
    stacks: Stacks,
    caller: str,
    action: str,
    resource: str,
    *,
    context: Mapping[str, str] | None = None,
    account: str = str(NO_SUCH_ACCOUNT),
) -> bool:
    """Return whether a role or user of the stacks may do `action` on `resource`, by all policies that bear on it.

    A statement that is not modelled allows nothing and denies all that it may cover: True is certain.

    Args:
        stacks: the folder that `cdktf synth` writes, or the document of each stack by its id.
        caller: its ARN, or its address `stack/type.name`.
        action: such as `s3:GetObject`.
        resource: an ARN, or the address of a resource whose ARN AWS makes up.
        context: further condition keys of the request; TLS is taken for granted.
        account: the number of the account that they are deployed to.

    Raises:
        InputError: the stacks are not Terraform's JSON as synthesized, or they have no such role or user.
    """
    documents = _documents(stacks)
    check_documents(documents)
    try:
        return decide(take_inventory(documents, account), caller, action, resource, context)
    except KeyError as error:
        raise InputError(
            "caller", shown(caller), "the ARN or address of a role or user of the stacks"
        ) from error


def _documents(stacks: Stacks) -> Mapping[str, Mapping[str, Any]]:
    return read_documents(stacks) if isinstance(stacks, Path) else stacks
