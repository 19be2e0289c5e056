"""Opens records wherever they are: in a folder, or in an environment's table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from fleet.rollout.records import FOLDER, RolloutFolder

SCHEME: Final = "dynamodb://"
_TABLE: Final = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def rollouts_at(place: str, *, region: str | None = None) -> RolloutFolder:
    """Return the records at `place`.

    Args:
        place: a folder, or `dynamodb://TABLE`.
        region: of the table; `None` is the environment's.

    Raises:
        ConfigurationError: it names no table.
    """
    if not place.startswith(SCHEME):
        return RolloutFolder(path=Path(place).resolve())
    table = place.removeprefix(SCHEME)
    if not _TABLE.fullmatch(table):
        expected = f"{SCHEME} and the name of a table, or a folder"
        raise ConfigurationError([Problem(where="--folder", received=place, expected=expected)])
    # Imported here: nothing else needs the AWS SDK, which takes longer to import than the rest to run.
    from fleet.rollout.table import RolloutTable  # noqa: PLC0415

    return RolloutTable(path=FOLDER.resolve() / table, table=table, region=region)
