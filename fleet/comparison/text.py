"""A comparison for people: plain text, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from config.problems import one_line, shortened
from facts.stateful import STATEFUL
from fleet.comparison.changes import Action, Change, Effect
from fleet.comparison.documents import CODE
from fleet.comparison.report import Loss, Report, elsewhere
from fleet.comparison.shapes import Group, tallied

MOST_CHARACTERS: Final = 65_536
"""Of a comment on GitHub: "body is too long (maximum is 65536 characters)", says its API of a longer one."""
_ROOM: Final = 1_000
"""Characters that what is said at the end of a cut comment may take."""
_LINES: Final = 40
"""Changes of a group, and losses, that are listed; the rest are counted."""
_DIGITS: Final = 12
"""Characters of a digest that are shown."""
_NAMES: Final = 5
"""Tenants of a group that are named."""
_EFFECTS: Final = {
    Effect.REPLACE: "  [replaces it]",
    Effect.UNKNOWN: "  [may replace it: not known]",
    Effect.IN_PLACE: "",
    Effect.NONE: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was compared.

    Attributes:
        revision: as it was named.
        commit: that it is, 40 hexadecimal digits.
        report: what was found.
    """

    revision: str
    commit: str
    report: Report


def text(found: Compared) -> str:
    """Return the comparison as plain text."""
    return "\n\n".join(_parts(found))


def markdown(found: Compared) -> str:
    """Return the comparison as Markdown of at most `MOST_CHARACTERS` characters."""
    heading, *rest = _parts(found)
    said = [f"### {_html(heading)}"]
    for index, part in enumerate(rest):
        title, *lines = part.split("\n")
        block = (
            f"<details open><summary>{_html(title)}</summary>\n\n{_fenced(lines)}\n</details>"
            if lines
            else _html(title)
        )
        if sum(map(len, said)) + len(said) * 2 + len(block) > MOST_CHARACTERS - _ROOM:
            said.append(f"{len(rest) - index} more parts do not fit into a comment: `make diff` shows them.")
            break
        said.append(block)
    return "\n\n".join(said)


def _parts(found: Compared) -> Iterator[str]:
    """Yield the parts of the report: a heading, then a title with lines each."""
    report = found.report
    yield f"Compared with {one_line(found.revision)} ({found.commit[:12]}): {_summary(report)}"
    warnings = [*_places(report), *_losses(report.losses), *_lifted(report)]
    if warnings:
        yield "\n".join(["Look at these first", *_cut(warnings)])
    for heading, groups in (("new", report.added), ("gone", report.removed)):
        for group in groups:
            yield "\n".join([f"{_count(group)} {heading}: {_whole(group)}", _names(group)])
    for group in report.changed:
        yield "\n".join(
            [f"{_count(group)}: {_headline(group.changes)}", *_changes(group.changes), _names(group)]
        )
    if report.tags:
        said = ", ".join(f"{tag.key} ({_number(tag.stacks, 'stack')})" for tag in report.tags)
        yield f"Apart from that, tags that change with the commit: {said}."


def _summary(report: Report) -> str:
    if report.empty:
        return f"nothing changes in {_number(report.unchanged, 'stack')}."
    changed = {unit.stack for group in report.changed for unit in group.units}
    counts = {
        "changed": len(changed),
        "new": sum(len(group.units) for group in report.added),
        "gone": sum(len(group.units) for group in report.removed),
        "unchanged": report.unchanged,
    }
    return ", ".join(f"{_number(count, 'stack')} {word}" for word, count in counts.items() if count) + "."


def _places(report: Report) -> Iterator[str]:
    """Yield a line for each group whose stacks Terraform would look for somewhere else."""
    for group in report.changed:
        for change in group.changes:
            if elsewhere(change):
                values = f"{_value(change.before)} -> {_value(change.after)}"
                yield (
                    f"  {_count(group)}: {change.address} {change.argument}: {values}: Terraform looks for them "
                    "elsewhere, and would create everything again"
                )


def _lifted(report: Report) -> Iterator[str]:
    """Yield a line for each protection against deletion that a group loses."""
    for group in report.changed:
        for change in group.changes:
            if change.unprotects:
                what = f"{one_line(change.address)} {change.argument}"
                yield f"  {_count(group)}: {what}: a protection against deletion is lifted"


def _losses(losses: Sequence[Loss]) -> Iterator[str]:
    """Yield a line for each change that may lose something, of one stack or of many."""
    alike: dict[tuple[str, str, str | None], list[Loss]] = {}
    for loss in losses:
        alike.setdefault((loss.change.type, loss.change.action, loss.change.loses), []).append(loss)
    for (kind, action, lost), some in alike.items():
        what = "is removed" if action == Action.REMOVE else "is replaced"
        addresses = {(loss.stack, loss.change.address) for loss in some}
        stack, address = min(addresses)
        more = f" and {len(addresses) - 1} more like it" if len(addresses) > 1 else ""
        yield f"  {one_line(stack)}: {one_line(address)} {what}: {lost}{more if more else ''} ({kind})"


def _whole(group: Group) -> str:
    counts = tallied(change for change in group.changes if change.type)
    held = ", ".join(f"{count} {kind}" for kind, count in counts.items() if kind in STATEFUL)
    each = " each" if len(group.units) > 1 else ""
    return f"{_number(sum(counts.values()), 'resource')}{each}{', among them ' if held else ''}{held}"


def _headline(changes: Sequence[Change]) -> str:
    code = {change.address for change in changes if change.argument == CODE}
    if all(change.argument.split(".")[0] in {CODE, "package"} for change in changes):
        return "the code of one function" if len(code) == 1 else f"the code of {len(code)} functions"
    said = []
    for action, word in (
        (Action.ADD, "added"),
        (Action.REMOVE, "removed"),
        (Action.MOVE, "moved"),
        (Action.CHANGE, "changed"),
    ):
        addresses = {change.address for change in changes if change.action is action}
        if addresses:
            said.append(f"{_number(len(addresses), 'block')} {word}")
    replaced = {change.address for change in changes if change.type and change.effect is Effect.REPLACE}
    return ", ".join([*said, *([f"{len(replaced)} of them replaced"] if replaced else [])])


def _changes(changes: Sequence[Change]) -> list[str]:
    return _cut([_line(change) for change in changes])


def _line(change: Change) -> str:
    address = one_line(change.address)
    if change.action is Action.ADD:
        return f"  + {address}"
    if change.action is Action.REMOVE:
        return f"  - {address}"
    if change.action is Action.MOVE:
        return f"  > {address}, moved from {one_line(change.before or '')}"
    if change.argument == CODE:
        return f"  ~ {address}: the code: {_digest(change.before)} -> {_digest(change.after)}"
    values = f"{_value(change.before)} -> {_value(change.after)}"
    return f"  ~ {address} {one_line(change.argument)}: {values}{_EFFECTS[change.effect]}"


def _digest(value: str | None) -> str:
    """Return the beginning of a digest."""
    return "nothing" if value is None else one_line(value.strip('"')[:_DIGITS])


def _value(value: str | None) -> str:
    return "nothing" if value is None else one_line(shortened(value))


def _cut(lines: Iterable[str]) -> list[str]:
    listed = list(lines)
    return listed if len(listed) <= _LINES else [*listed[:_LINES], f"  and {len(listed) - _LINES} more"]


def _names(group: Group) -> str:
    names = [one_line(unit.name) for unit in group.units]
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f"  in {', '.join(names[:_NAMES])}{more}"


def _count(group: Group) -> str:
    return _number(len(group.units), group.kind)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _fenced(lines: Sequence[str]) -> str:
    content = "\n".join(lines)
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{fence}text\n{content}\n{fence}"


def _html(line: str) -> str:
    return (
        line.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("`", "'")
        .replace("@", "&#64;")
    )
