"""What each Terraform type of our stacks needs, in one table."""

from __future__ import annotations

from typing import Final

from deployer import (
    applications,
    backups,
    data,
    delivery,
    keys,
    load_balancing,
    monitoring,
    network,
    platform,
)
from deployer.place import Place
from deployer.rights import Right, Table


def _nothing(_: Place) -> tuple[Right, ...]:
    """`sts:GetCallerIdentity` needs no right, and a partition is no request."""
    return ()


def for_every_stack(place: Place) -> tuple[Right, ...]:
    """Return what every stack needs: its state, its functions' packages, and the tags of its network."""
    return (*data.state(place), *data.packages(place), *network.tags(place))


ROWS: Final[Table] = {
    **applications.ROWS,
    **backups.ROWS,
    **data.ROWS,
    **delivery.ROWS,
    **keys.ROWS,
    **load_balancing.ROWS,
    **monitoring.ROWS,
    **network.ROWS,
    **platform.ROWS,
    "data.aws_caller_identity": _nothing,
    "data.aws_iam_session_context": applications.own_role,
    "data.aws_partition": _nothing,
}
"""By Terraform type; data sources with `data.` before it."""
