"""What an argument can be to the proofs: read, inert for a reason, or not modelled."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Use(Enum):
    """What one argument is to the proofs. The value is the reason, for whoever reviews the lists."""

    # Read
    READ = "decides who reaches what, or which resource that is"
    POLICY = "a policy: its statements are parsed"
    PART = "names the resource that this one is a part of, and whose owner it shares"
    LINK = (
        "names another resource: its owner's own, or one that `edges` has a reason for; any other is unknown"
    )
    CONTENT = "what the owner's own code is given: whatever it names of others' must have a reason in `edges`"

    # Inert
    NAME = "a name, a description or a label that no policy and no other resource goes by"
    SIZE = "how much, how many or how fast: capacity, throughput, limits, throttles"
    TIME = "when, how often or for how long: schedules, retention, expiry, retries"
    FORMAT = "how requests, records or answers look; what they hold goes nowhere else"
    KEY = "how data is encrypted: who may use the key is proved of the key itself"
    KEPT = "a copy, an index or a log of it under its own ARN, which is proved with it"
    PROTECTED = "guards against deletion, change or loss"
    RESTRICTED = (
        "only takes away: requests, addresses, passwords or versions that would be let through without it"
    )
    SIGN_IN = "how the owner's own users sign in; who may become one is read elsewhere"
    MEASURED = "which of its own figures and messages are recorded, in places that are proved themselves"
    PLACED = "on which hardware, in which zone, on which address it is"
    CHANGED = "how Terraform or AWS creates, changes and deletes it"

    # Neither
    UNMODELLED = "may bear on reach in a way that is not modelled: whoever has it gets UNKNOWN"

    @property
    def inert(self) -> bool:
        """Whether it cannot bear on reach, whatever its value."""
        return self in _INERT


Arguments = Mapping[Use, str]
"""By use, the paths of a resource type's arguments, separated by spaces."""

_INERT: Final = frozenset(
    {
        Use.NAME,
        Use.SIZE,
        Use.TIME,
        Use.FORMAT,
        Use.KEY,
        Use.KEPT,
        Use.PROTECTED,
        Use.RESTRICTED,
        Use.SIGN_IN,
        Use.MEASURED,
        Use.PLACED,
        Use.CHANGED,
    }
)

OF_ALL: Final[Arguments] = {
    Use.READ: "tags lifecycle.ignore_changes",
    Use.NAME: "//",
    Use.CHANGED: """depends_on lifecycle.create_before_destroy lifecycle.prevent_destroy
        lifecycle.replace_triggered_by lifecycle.precondition lifecycle.postcondition timeouts""",
    Use.UNMODELLED: "tags_all count for_each dynamic provider provisioner connection",
}
"""Arguments that every resource type may have: Terraform's own, and those that nearly all of the provider's have."""
