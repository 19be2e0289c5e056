"""One concrete request, as the evaluator decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.model.caller import Caller

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """One call to AWS.

    Attributes:
        caller: who calls; for a foreign account, with the ARN that it chose.
        action: such as `s3:GetObject`, in any case.
        resource: the ARN it names.
        context: condition keys, lower-case, that are not the caller's own.
    """

    caller: Caller
    action: str
    resource: str
    context: Context = field(default_factory=dict)
