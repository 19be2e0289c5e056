"""Decides which rule of a listener takes one request: a second reading of the load balancer.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html: host names are compared
without regard to case, `*` is any number of characters and `?` exactly one; the rule with the lowest priority comes
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from isolation.evaluator.documents import Declared, Documents, blocks, declared


def taken_by(documents: Documents, listener: str, host: str) -> Declared | None:
    """Return the rule of the listener that takes a request for `host`; `None` if it is left to the default action.

    Rules have host names as their only conditions.
    """
    rules = [
        one for one in declared(documents, "aws_lb_listener_rule") if one.body["listener_arn"] == listener
    ]
    rules.sort(key=lambda one: int(one.body["priority"]))
    return next((one for one in rules if any(fits(name, host) for name in hosts_of(one))), None)


def hosts_of(rule: Declared) -> Iterator[str]:
    """Return the host names that `rule` asks for."""
    for condition in blocks(rule.body.get("condition")):
        for header in blocks(condition.get("host_header")):
            yield from header["values"]


def fits(name: str, host: str) -> bool:
    """Whether `host` is one that the pattern `name` stands for."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in name)
    return re.fullmatch(expression, host, re.IGNORECASE | re.DOTALL) is not None
