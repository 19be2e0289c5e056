"""What the deployer asked the emulator for, compared with what its policies grant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from emulator.deployer_role import SESSION_ARN


def asked(record: Path, *, sessions: str = SESSION_ARN) -> tuple[set[str], set[str]]:
    """The actions that a record says the deployer asked for, and those of them that it was denied.

    Args:
        record: of the emulator.
        sessions: how the ARNs of the sessions begin that count.
    """
    entries = [json.loads(line) for line in record.read_text().splitlines()]
    own = [entry for entry in entries if entry["principal"].startswith(sessions)]
    return {entry["action"] for entry in own}, {entry["action"] for entry in own if not entry["allowed"]}


def differences(
    granted: Iterable[str], requested: Iterable[str], denied: Iterable[str], unasked: Mapping[str, str]
) -> list[str]:
    """What does not fit: rights that are missing, that nobody needs, and reasons that are out of date.

    Args:
        granted: actions of the policies.
        requested: actions that the deployer asked for.
        denied: those that it was denied.
        unasked: actions that AWS asks for and the emulator does not, each with the reason.
    """
    given, wanted = set(granted), set(requested)
    return [
        *(f"{action}: denied" for action in sorted(set(denied))),
        *(f"{action}: asked for and not granted" for action in sorted(wanted - given)),
        *(f"{action}: granted and never asked for" for action in sorted(given - wanted - set(unasked))),
        *(f"{action}: has a reason and is asked for" for action in sorted(set(unasked) & wanted)),
        *(f"{action}: has a reason and is not granted" for action in sorted(set(unasked) - given)),
    ]
