"""Where the closure of footholds starts: the own roles, and the roles that the own workloads run as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from isolation.catalogue.runners import OPERATORS
from isolation.model.caller import Caller
from isolation.model.employment import Employment
from isolation.model.outsiders import undeclared_role
from isolation.reach.foothold import Foothold


def first_footholds(
    own: Iterable[Caller],
    employments: Iterable[Employment],
    roles: Mapping[str, Caller],
    operated: frozenset[str] = frozenset(),
) -> Iterator[Foothold]:
    """Return whom an attacker acts as from the start.

    Args:
        own: its roles and users.
        employments: whom its workloads run as.
        roles: every role and user of the stacks, by ARN.
        operated: ARNs of the roles that AWS alone acts as, unless something else names them to run as.
    """
    employments = [one for one in employments if not (one.role in operated and _operates(one))]
    own = [caller for caller in own if caller.arn not in operated]
    known = {caller.arn for caller in own}
    for caller in own:
        yield Foothold(caller)
    # What names a role itself comes before what only starts something that does: it tells a reader more.
    for one in sorted(employments, key=lambda one: "(" in one.argument):
        step = f"{one.address} runs as {one.role} by its argument {one.argument}"
        if not one.declared:
            yield Foothold(undeclared_role(one.role, one.account), (step,), certain=False)
        elif one.role not in known:
            # An owner that only the deployment knows may be the attacker itself.
            certain = "${" not in f"{one.owner}{roles[one.role].owner}"
            yield Foothold(replace(roles[one.role], functions=None), (step,), certain=certain)


def _operates(employment: Employment) -> bool:
    """Tell whether it is a service of AWS's, with AWS's code, that acts as the role."""
    return employment.address.rpartition("/")[2].partition(".")[0] in OPERATORS
