"""The forms of the ARNs that targets have, by kind: what a policy names beside them is of a type in no list.

Made of the other tables; so whatever becomes a target has its form here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from isolation.catalogue import copies
from isolation.catalogue.arns import ARNS, EXECUTION_ARN, MANAGED_PASSWORD, TASKS
from isolation.catalogue.kinds import KINDS

_BLANK: Final = re.compile(r"\{[^}]*\}|⟦[^⟧]*⟧")


def _forms_of(kind: str) -> Iterator[str]:
    known = KINDS[kind]
    templates = [ARNS[type_][0] for type_ in known.types]
    for pattern in known.patterns:
        if "{arn}" in pattern:
            yield from (pattern.replace("{arn}", template) for template in templates)
        else:
            yield pattern.replace("{execution_arn}", EXECUTION_ARN).replace("{tasks}", TASKS)
    yield from _MORE.get(kind, ())


_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "account": tuple(f"arn:*:{service}:*:*:*" for service in copies.ACCOUNT_SERVICES),
    "bucket": (copies.ACCESS_POINTS, *copies.MULTI_REGION_ACCESS_POINTS),
    "database": (*copies.SNAPSHOTS, *copies.INSIGHTS),
    "dns": (copies.HOSTED_ZONE,),
    "events": (*copies.BUS_RULES, ARNS["aws_cloudwatch_event_bus"][0]),
    "key": (ARNS["aws_kms_alias"][0],),
    "monitoring": (copies.CONTRIBUTORS,),
    "network": copies.INTERFACES,
    "role": copies.SESSIONS,
    "secret": (MANAGED_PASSWORD,),
    "task": copies.OF_SERVICES,
}
"""By kind: the forms that none of its types gives."""

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    kind: tuple(sorted({_BLANK.sub("*", form) for form in _forms_of(kind)}))
    for kind in KINDS
    if kind != "other"
}
"""By kind: patterns of all ARNs that its targets have."""
