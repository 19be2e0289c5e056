"""The verdict as text, as JSON and as SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from tools.scan.checks import CHECKS
from tools.scan.findings import Finding
from tools.scan.waivers import Verdict, Waiver

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_text(verdict: Verdict, *, stacks: int, waivers: int) -> str:
    """Return the open findings, one line each, and a summary."""
    lines = [str(finding) for finding in verdict.open]
    accepted = f"{len(verdict.accepted)} more that {waivers} waivers accept"
    summary = f"{len(verdict.open)} findings in {stacks} stacks, and {accepted}."
    return "\n".join([*lines, summary]) + "\n"


def as_json(verdict: Verdict) -> str:
    """Return all findings for machines; those that a waiver accepts have it."""
    rows: list[dict[str, Any]] = [_row(finding, None) for finding in verdict.open]
    rows += [_row(finding, waiver) for finding, waiver in verdict.accepted]
    return json.dumps({"findings": rows}, indent=1, ensure_ascii=False) + "\n"


def _row(finding: Finding, waiver: Waiver | None) -> dict[str, Any]:
    accepted = None
    if waiver is not None:
        accepted = {"reason": waiver.reason, "owner": waiver.owner, "until": waiver.until.isoformat()}
    return {
        "check": finding.check,
        "address": finding.address,
        "message": finding.message,
        "waiver": accepted,
    }


def as_sarif(verdict: Verdict) -> str:
    """Return all findings for code review; those that a waiver accepts are suppressed."""
    every = [*((finding, None) for finding in verdict.open), *verdict.accepted]
    titles = {finding.check: CHECKS.get(finding.check, finding.message) for finding, _ in every}
    rules = sorted(titles)
    run = {
        "tool": {
            "driver": {
                "name": "scan",
                "rules": [{"id": id_, "shortDescription": {"text": titles[id_]}} for id_ in rules],
            }
        },
        "originalUriBaseIds": {"OUTDIR": {"description": {"text": "The folder that `cdktf synth` wrote."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, waiver, rules.index(finding.check)) for finding, waiver in every],
    }
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)
        + "\n"
    )


def _result(finding: Finding, waiver: Waiver | None, rule: int) -> Mapping[str, Any]:
    stack, _, resource = finding.address.partition("/")
    identity = "\n".join((finding.check, finding.address, finding.message))
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": f"stacks/{quote(stack, safe='')}/cdk.tf.json", "uriBaseId": "OUTDIR"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"fullyQualifiedName": finding.address, "name": resource, "kind": "resource"}],
    }
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": f"{finding.address}: {finding.message}"},
        "locations": [location],
        "partialFingerprints": {"finding/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }
    if waiver is not None:
        reason = f"{waiver.reason} ({waiver.owner}, until {waiver.until.isoformat()})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result
