"""Opens records wherever they are: in a folder, or in the table of an environment's delivery."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from fleet.rollout.delivery import declared_delivery
from fleet.rollout.records import FOLDER, RolloutFolder

SCHEME: Final = "dynamodb://"
_TABLE: Final = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def rollouts_of(place: str | None, environment: Mapping[str, str], *, root: Path) -> RolloutFolder:
    """Return the records at `place`, or where that is not said, those of the environment that the variables name.

    Those are in the table of its delivery where the registry declares one, and in the folder of rollouts elsewhere.

    Args:
        place: a folder, or `dynamodb://TABLE`; `None` where nobody says it.
        environment: the variables.
        root: folder of the registry.

    Raises:
        ConfigurationError: it names no table, or variables or registry are not right.
    """
    if place is not None:
        return rollouts_at(place)
    delivery = declared_delivery(environment, root=root)
    if delivery is None:
        return rollouts_at(str(FOLDER))
    return rollouts_at(f"{SCHEME}{delivery.table}", region=delivery.region)


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
