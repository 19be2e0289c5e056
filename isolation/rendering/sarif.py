"""The report in SARIF 2.1.0, for code review.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, and what GitHub wants of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from isolation.catalogue.findings import FINDING_TYPES, FindingType, Severity
from isolation.verdict.finding import Finding, Verdict
from isolation.verdict.report import Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_SCORES: Final[Mapping[Severity, str]] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""GitHub's `security-severity`: critical is above 9.0, high from 7.0, medium from 4.0."""

_RULES: Final = sorted(FINDING_TYPES)


def as_sarif(report: Report) -> str:
    """Return one result for each kind of finding at each place, with the pairs that it concerns."""
    groups: dict[tuple[str, str, str, Verdict], list[Finding]] = {}
    for finding in report.all_findings():
        place = finding.place
        groups.setdefault((finding.type.id, place.address, place.argument, finding.verdict), []).append(
            finding
        )
    run = {
        "tool": {
            "driver": {
                "name": "isolation",
                "rules": [_rule(FINDING_TYPES[id_]) for id_ in _RULES],
            }
        },
        "originalUriBaseIds": {"OUTDIR": {"description": {"text": "The folder that `cdktf synth` wrote."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(group) for _, group in sorted(groups.items(), key=lambda item: item[0])],
        "properties": {"verdict": report.verdict},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _rule(type_: FindingType) -> dict[str, Any]:
    words = "".join(word.capitalize() for word in type_.title.replace("'", "").replace(",", "").split())
    return {
        "id": type_.id,
        "name": words,
        "shortDescription": {"text": type_.title},
        "fullDescription": {"text": type_.explanation},
        "help": {"text": f"{type_.explanation} {type_.mend}"},
        "defaultConfiguration": {"level": "error" if type_.severity in {"critical", "high"} else "warning"},
        "properties": {"security-severity": _SCORES[type_.severity], "tags": ["security"]},
    }


def _result(group: list[Finding]) -> dict[str, Any]:
    first = group[0]
    pairs = sorted({(finding.attacker, finding.owner) for finding in group})
    others = f" And {len(pairs) - 1} more pairs of attacker and owner." if len(pairs) > 1 else ""
    worst = first.accepted or first.verdict
    result: dict[str, Any] = {
        "ruleId": first.type.id,
        "ruleIndex": _RULES.index(first.type.id),
        "kind": "fail",
        "level": "error" if worst == "VIOLATED" else "warning",
        "message": {"text": f"{first.verdict}: {first.type.title}. {_story(first)}{others}"},
        "locations": [_location(first)] if first.place.address else [],
        "partialFingerprints": {"place/v1": _fingerprint(first)},
        "properties": {
            "verdict": first.verdict,
            "pairs": [{"attacker": attacker, "owner": owner} for attacker, owner in pairs],
        },
    }
    if first.waiver is not None:
        justification = (
            f"{first.waiver.reason} ({first.waiver.owner}, until {first.waiver.until.isoformat()})"
        )
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _story(finding: Finding) -> str:
    who = f"{finding.attacker or 'nobody'} to {finding.owner}, {finding.kind}: {finding.who}"
    does = f" does {finding.action} on {finding.resource}" if finding.action else ""
    steps = f", after: {'; '.join(finding.steps)}" if finding.steps else ""
    because = f"; {', '.join(finding.because)}" if finding.because else ""
    return f"{who}{does}{steps}{because}."


def _location(finding: Finding) -> dict[str, Any]:
    """Return the place as a resource, and the file that it is in. Its JSON is made, so no line of it says anything."""
    stack, _, resource = finding.place.address.partition("/")
    name = f"{finding.place}"
    logical = {"fullyQualifiedName": name, "name": resource or stack, "kind": "resource"}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": f"stacks/{quote(stack, safe='')}/cdk.tf.json", "uriBaseId": "OUTDIR"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [logical],
    }


def _fingerprint(finding: Finding) -> str:
    text = "\n".join((finding.type.id, finding.place.address, finding.place.argument))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
