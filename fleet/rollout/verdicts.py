"""What was found out of the health of each wave, beside the records: one document a wave of a release."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from config.problems import ConfigurationError, Problem
from fleet.release.manifest import Manifest
from fleet.rollout.records import RolloutFolder

Health = Literal["healthy", "unhealthy", "not observed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveVerdict:
    """How a wave is.

    Attributes:
        wave: its name.
        health: `unhealthy` where an alarm says so; `not observed` where none does, and nobody knows that all is well.
        reasons: who says so, or what is missing, one line each; none where it is healthy.
        at: when it was asked, in UTC, `2026-11-27T20:15:00Z`.
    """

    wave: str
    health: Health
    reasons: tuple[str, ...]
    at: str


def keep(folder: RolloutFolder, release: str, verdict: WaveVerdict) -> None:
    """Keep `verdict` of a wave of `release`, its digest, in place of the one before.

    Raises:
        ConfigurationError: it cannot be written.
    """
    folder.keep_verdict(release, verdict.wave, json.dumps(asdict(verdict), indent=1) + "\n")


def verdicts_of(folder: RolloutFolder, release: str, manifest: Manifest) -> dict[str, WaveVerdict]:
    """Return the verdict of each wave that has one, by the wave's name.

    Args:
        folder: of the rollouts.
        release: digest of the release.
        manifest: of the release.

    Raises:
        ConfigurationError: one cannot be read, or is none.
    """
    return dict(_verdicts(folder, release, manifest))


def _verdicts(folder: RolloutFolder, release: str, manifest: Manifest) -> Iterable[tuple[str, WaveVerdict]]:
    if manifest.watching is None:
        return
    for wave in manifest.waves:
        # Without a pause nobody is asked.
        text = folder.verdict(release, wave.name) if wave.bake_minutes else None
        if text is not None:
            yield wave.name, _decoded(text, where=folder.place_of_verdict(release, wave.name))


def _decoded(text: str, *, where: str) -> WaveVerdict:
    try:
        document = json.loads(text)
        verdict = WaveVerdict(**{**document, "reasons": tuple(document["reasons"])})
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(where, type(error).__name__) from None
    if verdict.health not in get_args(Health):
        raise _unreadable(where, str(verdict.health))
    return verdict


def described(verdict: WaveVerdict) -> str:
    """Return `verdict` for people, a line for each reason."""
    return "\n".join([f"wave {verdict.wave} is {verdict.health}", *(f"  {one}" for one in verdict.reasons)])


def _unreadable(where: str, received: str) -> ConfigurationError:
    expected = "what was found out of a wave's health; remove it to ask anew"
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
