"""All scanners over all stacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.scan import alarms, checkov, intent, language, network
from tools.scan.definitions import Definitions, read_definitions
from tools.scan.environment import PYTHON
from tools.scan.findings import Finding, ScanError, in_order
from tools.scan.policies import documents
from tools.scan.stacks import ScannedStack


def scan(
    stacks: Sequence[ScannedStack],
    *,
    floors: Mapping[str, int],
    python: Path = PYTHON,
    definitions: Definitions | None = None,
) -> list[Finding]:
    """Return what all scanners find in `stacks`.

    Args:
        stacks: at least one.
        floors: how many checks checkov must run on a resource, by type.
        python: of checkov's environment.
        definitions: AWS's actions and their condition keys; those that are installed by default.

    Raises:
        ScanError: a scanner is missing, failed, or looked at less than it should.
    """
    ran = checkov.run(stacks, python=python)
    checkov.refuse_fewer(stacks, ran.checks, floors)
    return in_order([*ran.findings, *own_findings(stacks, definitions or read_definitions())])


def own_findings(stacks: Sequence[ScannedStack], definitions: Definitions) -> list[Finding]:
    """Return what our own checks find in `stacks`.

    Raises:
        ScanError: there is no IAM document at all, or one where none is expected.
    """
    tenants = frozenset(tenant for stack in stacks for tenant in tenants_of(stack))
    findings: list[Finding] = []
    for stack in stacks:
        found = list(documents(stack))
        if not found:
            raise ScanError(f"{stack.id}: received no IAM document, expected one at least")
        for document in found:
            findings += language.check(document, definitions)
            findings += intent.check(document, tenants)
        findings += network.check(stack)
        findings += alarms.check(stack)
    return in_order(findings)


def tenants_of(stack: ScannedStack) -> set[str]:
    """Return the ids of the tenants that the stack has resources of, by the tags that say so."""
    providers = stack.document.get("provider", {}).get("aws", [])
    tags = [
        tags
        for provider in providers
        for default in provider.get("default_tags", [])
        for tags in [default["tags"]]
    ]
    tags += [body["tags"] for _, _, body in stack.resources() if isinstance(body.get("tags"), Mapping)]
    return {found[key] for found in tags for key in ("TenantId", "tenant_id") if key in found}
