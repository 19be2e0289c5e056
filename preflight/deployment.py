"""What is to be deployed, and which of it there is already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError

from fleet.synthesized import SynthesizedStack
from preflight.account import Account, code_of

MISSING = frozenset({"404", "NoSuchKey", "NoSuchBucket", "NotFound"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StateObject:
    """Where a stack's state is in S3.

    Attributes:
        bucket: its name.
        key: of the object.
        region: of the bucket.
    """

    bucket: str
    key: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The stacks, in the account.

    Attributes:
        account: that they are deployed to.
        stacks: all of them.
        deployed: ids of those that have a state already: what exists under their names is theirs.
        held: what these have already (`preflight.states.held_part`), by their ids; one that is missing has everything.
    """

    account: Account
    stacks: Sequence[SynthesizedStack]
    deployed: frozenset[str]
    held: Mapping[str, SynthesizedStack] = field(default_factory=dict)

    @property
    def growing(self) -> tuple[SynthesizedStack, ...]:
        """The stacks that have a state, which lacks something that they are to get."""
        return tuple(stack for stack in self.stacks if stack.id in self.held and self.held[stack.id] != stack)

    @property
    def new(self) -> tuple[SynthesizedStack, ...]:
        """The stacks that have no state."""
        return tuple(stack for stack in self.stacks if stack.id not in self.deployed)


def state_object(stack: SynthesizedStack) -> StateObject | None:
    """Return where the state of `stack` is in S3; `None` where it is a file."""
    backend = stack.backend.get("s3")
    if backend is None:
        return None
    return StateObject(
        bucket=str(backend["bucket"]),
        key=str(backend["key"]),
        region=str(backend.get("region", stack.region)),
    )


def is_deployed(account: Account, stack: SynthesizedStack) -> bool:
    """Tell whether `stack` has a state. One that nobody may look at counts as none."""
    where = state_object(stack)
    if where is None:
        path = stack.backend.get("local", {}).get("path")
        return path is not None and (stack.folder / Path(str(path))).exists()
    try:
        account.client("s3", region=where.region).head_object(Bucket=where.bucket, Key=where.key)
    except ClientError as error:
        if code_of(error) in MISSING or code_of(error) in {"403", "301", "AccessDenied"}:
            return False
        raise
    return True
