"""Which retirement begins, or goes on: by the registry, its record, the release, and what was asked and approved."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from config.loading import load
from config.problems import ConfigurationError, Problem
from fleet.release.opening import opened
from fleet.release.store import Release
from fleet.retirement.receipt_store import DEFAULT, SCHEME
from fleet.retirement.record import Retirement, RetirementFolder
from fleet.retirement.request import NAMES, SWITCH, Request, read_request, requested
from fleet.rollout.records import now

Options = argparse.Namespace
ROOT: Final = Path(__file__).resolve().parent.parent.parent


def begun(options: Options, folder: RetirementFolder) -> tuple[Retirement, Release]:
    """Return the retirement that is to go on, or that begins, and the release that its stacks are looked at with.

    Raises:
        ConfigurationError: there is none to begin: no such tenant, retired already, another request, or no release.
    """
    settings, registry = load(os.environ, root=ROOT)
    known = folder.read(options.tenant)
    if known is not None and not known.left:
        kept = known.done["receipt"]
        expected = f"a tenant that is not retired: receipt {kept['number']} in {kept['where']}"
        raise refusal("TENANT", options.tenant, expected)
    if known is None and options.tenant not in registry.tenants:
        retired = f", not a retired one: its receipt may be in {_receipts(options)}"
        expected = f"a tenant of {settings.registry}{retired if options.tenant in registry.retired else ''}"
        raise refusal("TENANT", options.tenant, expected)
    request = _request(options, known)
    named = options.release or (known.release if known else _recorded(options, folder))
    release = opened(named, store=options.releases)
    if known is not None:
        if options.receipts and _receipts(options) != known.receipts:
            raise refusal("--receipts", options.receipts, f"{known.receipts}, as when it began; leave it out")
        return known, release
    ours = _ours(options.tenant, settings.environment_suffix)
    stacks = {
        id_: entry.kind
        # A user's own stacks may read what the platform's have, and never the other way: they go first.
        for id_, entry in sorted(release.manifest.stacks.items(), key=lambda item: (item[0] in ours, item[0]))
        if options.tenant in entry.tenants and id_.endswith(f"-{settings.environment_suffix}")
    }
    tenant = registry.tenants[options.tenant]
    had = {kind for kind, has in (("silo", tenant.silo), ("platform", tenant.fargate)) if has}
    if {kind for id_, kind in stacks.items() if id_ in ours} != had:
        received = f"release {release.name} with {', '.join(stacks) or 'no stack'} of {options.tenant}"
        expected = (
            f"one of the environment {settings.environment_suffix} with its {' and '.join(sorted(had))}"
        )
        raise refusal("--release", received, expected)
    begun = Retirement(
        tenant=options.tenant,
        release=release.digest,
        stacks=stacks,
        request=request,
        receipts=_receipts(options),
        started_at=now(),
    )
    return begun, release


def _ours(tenant: str, suffix: str) -> tuple[str, str]:
    """Return the ids of the platform's stacks that `tenant` may be in: its silo, and the shared one."""
    return f"tenant-{tenant}-{suffix}", f"shared-platform-{suffix}"


def _receipts(options: Options) -> str:
    """Return where the receipt is kept, whatever the folder that a later run is started in."""
    where = options.receipts or str(DEFAULT)
    return where if where.startswith(SCHEME) else str(Path(where).resolve())


def _recorded(options: Options, folder: RetirementFolder) -> str:
    """Return the release that the tenant's own stack, or the platform, has by its record."""
    suffix = load(os.environ, root=ROOT)[0].environment_suffix
    for stack in _ours(options.tenant, suffix):
        record = folder.rollouts.record(stack)
        if record is not None:
            return record.release
    raise refusal("--release", None, "the release that the tenant's stacks have; no record says which")


def _request(options: Options, known: Retirement | None) -> Request:
    """Return what was asked and approved: what is recorded, or what is given, which may not differ from it.

    Raises:
        ConfigurationError: it cannot be used, or is another one than what is recorded.
    """
    given = {name: getattr(options, name) for name in NAMES if getattr(options, name) is not None}
    if options.request is not None:
        if len(given) > 1:
            raise refusal("--request", " ".join(sorted(given)), "a file, or arguments, and not both")
        found = read_request(options.request)
        if found.tenant != options.tenant:
            raise refusal(f"{options.request}: tenant", found.tenant, options.tenant)
    elif known is not None and len(given) == 1:
        return known.request
    else:
        found = requested({SWITCH: False} | given, where="retire")
    if known is not None and found != known.request:
        names = [name for name in NAMES if getattr(found, name) != getattr(known.request, name)]
        expected = f"the same {', '.join(names)} as when it began on {known.started_at}; leave them out"
        raise refusal("retire", "another request", expected)
    return found


def refusal(where: str, received: str | None, expected: str) -> ConfigurationError:
    """Return the refusal of what was received."""
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
