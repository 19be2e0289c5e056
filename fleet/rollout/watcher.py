"""Looks at the health of one wave after its pause: what a build of the environment's delivery runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from config.problems import ConfigurationError, Problem, Refusal
from fleet.release.manifest import Wave
from fleet.release.opening import NAMED, NO_STACK, opened
from fleet.release.store import FOLDER as RELEASES
from fleet.release.store import Release
from fleet.rollout.health import HealthLook
from fleet.rollout.monitoring import CloudWatch
from fleet.rollout.places import rollouts_at
from fleet.rollout.verdicts import described


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at a wave, and return the exit code: 1 where it is unhealthy, 2 where nobody knows why not."""
    parser = argparse.ArgumentParser(prog="python -m fleet.rollout.watcher", description=__doc__)
    parser.add_argument("release", metavar="RELEASE", help=NAMED)
    parser.add_argument("wave", metavar="WAVE", help="its name")
    parser.add_argument("--folder", required=True, metavar="FOLDER", help="records: dynamodb://TABLE")
    options = parser.parse_args(arguments)
    try:
        release = opened(options.release, store=RELEASES, stack=NO_STACK)
        wave = wave_of(release, options.wave)
        look = HealthLook(
            release=release, wave=wave, folder=rollouts_at(options.folder), monitoring=CloudWatch()
        )
        verdict = look.run()
    except Refusal as refusal:
        print(f"watcher: {refusal}", file=sys.stderr)
        return refusal.exit_code
    print(described(verdict), flush=True)
    return 1 if verdict.health == "unhealthy" else 0


def wave_of(release: Release, name: str) -> Wave:
    """Return the wave `name` of `release`.

    Raises:
        ConfigurationError: there is none.
    """
    for wave in release.manifest.waves:
        if wave.name == name:
            return wave
    expected = f"one of {', '.join(wave.name for wave in release.manifest.waves)}"
    raise ConfigurationError([Problem(where="WAVE", received=name, expected=expected)])


if __name__ == "__main__":
    sys.exit(main())
