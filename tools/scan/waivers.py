"""Waivers: somebody accepts what a check finds at some addresses, for a reason and until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from config.problems import ConfigurationError, Problem
from config.yaml_file import Document, Location, read_yaml
from tools.scan.findings import Finding

FIELDS: Final = ("check", "address", "reason", "owner", "until")
DAY: Final = "a day such as 2026-12-31, in quotes or not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """What is accepted.

    Attributes:
        check: id of the check, such as `CKV_AWS_18`.
        address: `stack/type.name`, with `*` for what varies.
        reason: why it is accepted.
        owner: who answers for that.
        until: the last day on which it is accepted.
        where: the place in the file.
    """

    check: str
    address: str
    reason: str
    owner: str
    until: date
    where: str

    def accepts(self, finding: Finding) -> bool:
        """Tell whether the waiver is about `finding`."""
        return self.check == finding.check and fnmatchcase(finding.address, self.address)

    def concerns(self, stacks: Iterable[str]) -> bool:
        """Tell whether the address can be in one of `stacks`."""
        return any(fnmatchcase(stack, self.address.partition("/")[0]) for stack in stacks)


def read_waivers(path: Path) -> list[Waiver]:
    """Return the waivers in the file at `path`.

    Raises:
        ConfigurationError: every mistake in it.
    """
    document = read_yaml(path, name=path.name)
    problems = [problem for _, problem in document.problems]
    waivers: list[Waiver] = []
    value = document.value
    entries = value.get("waivers") if isinstance(value, Mapping) and set(value) == {"waivers"} else None
    if not isinstance(entries, list):
        problems.append(
            _problem(document, (), "something else", "a mapping with the key 'waivers' alone, a list")
        )
        entries = []
    for index, entry in enumerate(entries):
        found = _waiver(document, ("waivers", index), entry)
        if isinstance(found, Waiver):
            waivers.append(found)
        else:
            problems += found
    twice = {(w.check, w.address): w for w in waivers}
    problems += [
        Problem(where=w.where, received=f"{w.check} at {w.address} once more", expected="each waiver once")
        for w in waivers
        if twice[w.check, w.address] is not w
    ]
    if problems:
        raise ConfigurationError(problems)
    return waivers


def _waiver(document: Document, place: Location, entry: Any) -> Waiver | list[Problem]:  # noqa: ANN401 (YAML)
    if not isinstance(entry, Mapping):
        return [_problem(document, place, entry, f"a mapping with the keys {', '.join(FIELDS)}")]
    problems = [
        _problem(document, (*place, key), key, f"only the keys {', '.join(FIELDS)}")
        for key in entry
        if key not in FIELDS
    ]
    for name in FIELDS[:-1]:
        text = entry.get(name)
        if not isinstance(text, str) or not text.strip():
            problems.append(_problem(document, (*place, name), text, "a text that is not empty"))
    address = entry.get("address")
    if isinstance(address, str) and address.strip() and not _is_narrow(address):
        expected = "'stack/type.name', with '*' in the stack or in the name"
        problems.append(_problem(document, (*place, "address"), address, expected))
    until = None
    try:
        until = date.fromisoformat(str(entry.get("until")))
    except ValueError:
        problems.append(_problem(document, (*place, "until"), entry.get("until"), DAY))
    if problems or until is None:
        return problems
    texts = {name: " ".join(entry[name].split()) for name in FIELDS[:-1]}
    return Waiver(**texts, until=until, where=document.where(place))


def _is_narrow(address: str) -> bool:
    """Tell whether the address names one type of resources: a waiver of everything is none."""
    stack, slash, resource = address.partition("/")
    kind, dot, name = resource.partition(".")
    return bool(stack and slash and dot and name) and "*" not in kind


def _problem(document: Document, place: Location, received: object, expected: str) -> Problem:
    return Problem(where=document.where(place), received=received, expected=expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Findings, and which of them a waiver accepts.

    Attributes:
        open: those that none accepts.
        accepted: those that one accepts, each with it.
    """

    open: Sequence[Finding]
    accepted: Sequence[tuple[Finding, Waiver]]


def judge(
    findings: Iterable[Finding],
    waivers: Sequence[Waiver],
    *,
    today: date,
    stacks: Iterable[str] | None = None,
) -> Verdict:
    """Apply `waivers` to `findings`.

    Args:
        findings: of all scanners.
        waivers: of one file.
        today: the day on which they must be valid.
        stacks: ids of the stacks that were scanned, where not all for which the waivers are written: one for
            other stacks may be unused then.

    Raises:
        ConfigurationError: waivers that have run out, or that nothing was found for.
    """
    opened: list[Finding] = []
    accepted: list[tuple[Finding, Waiver]] = []
    used: set[str] = set()
    for finding in findings:
        found = [waiver for waiver in waivers if waiver.accepts(finding)]
        used |= {waiver.where for waiver in found}
        if found:
            accepted.append((finding, found[0]))
        else:
            opened.append(finding)
    if problems := [*_run_out(waivers, today), *_unused(waivers, used, stacks)]:
        raise ConfigurationError(problems)
    return Verdict(open=opened, accepted=accepted)


def _run_out(waivers: Sequence[Waiver], today: date) -> list[Problem]:
    return [
        Problem(
            where=f"{waiver.where}.until",
            received=f"{waiver.until.isoformat()}, which is over",
            expected=f"{today.isoformat()} or later, or nothing to waive",
        )
        for waiver in waivers
        if waiver.until < today
    ]


def _unused(waivers: Sequence[Waiver], used: set[str], stacks: Iterable[str] | None) -> list[Problem]:
    scanned = None if stacks is None else tuple(stacks)
    return [
        Problem(
            where=waiver.where,
            received=f"{waiver.check} at {waiver.address}, which was not found",
            expected="waivers of what is found",
        )
        for waiver in waivers
        if waiver.where not in used and (scanned is None or waiver.concerns(scanned))
    ]
