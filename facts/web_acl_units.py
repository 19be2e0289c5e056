"""Capacity units of web ACLs: what each statement takes, and how many a web ACL has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from facts.sourced import Sourced

_GUIDE: Final = "https://docs.aws.amazon.com/waf/latest/developerguide"

MOST_UNITS: Final = Sourced(
    value=5_000, source=f"{_GUIDE}/aws-waf-capacity-units.html", checked=date(2026, 11, 28)
)
"""Of one web ACL. AWS does not raise it; what exceeds 1,500 is paid by the request."""

BASE_UNITS: Final = Sourced(
    value={"rate_based": 2, "regex_match": 3, "size_constraint": 1},
    source=f"{_GUIDE}/waf-rule-statements.html",
    checked=date(2026, 11, 28),
)
"""By statement, without what is nested in it: the statements that the stacks use, each on its own page:
`waf-rule-statement-type-rate-based.html` (2, and 30 for each custom aggregation key, of which the stacks have none),
`...-regex-match.html` (3) and `...-size-constraint-match.html` (1; twice as much for a JSON body, which the stacks do
not look at)."""
TRANSFORMATION_UNITS: Final = 10
"""For each text transformation, on the page of each statement that takes one; `NONE` is none."""

GROUP_UNITS: Final = Sourced(
    value={
        "AWSManagedRulesAmazonIpReputationList": 25,
        "AWSManagedRulesCommonRuleSet": 700,
        "AWSManagedRulesKnownBadInputsRuleSet": 200,
        "AWSManagedRulesSQLiRuleSet": 200,
    },
    source=f"{_GUIDE}/aws-managed-rule-groups-list.html",
    checked=date(2026, 11, 27),
)
"""By group of AWS's managed rules, without a scope-down statement.

Of the lists' pages no stored copy has these figures. Another page has those of the three groups of rules
(https://www.wafcharm.com/en/blog/how-to-choose-aws-managed-rules/, read 2026-11-28), and none has that of the IP
reputation list: `aws wafv2 describe-managed-rule-group` prints each as `Capacity`."""


def capacity(rules: Iterable[Mapping[str, Any]]) -> int:
    """Return the units that `rules` take at most: AWS takes off what rules have in common, by no documented measure.

    Args:
        rules: of a web ACL, as Terraform or as the API of AWS WAF writes them.

    Raises:
        LookupError: a statement or a managed group that is not listed here.
    """
    return sum(_statement(_field(rule, "statement")) for rule in rules)


def _statement(statement: Mapping[str, Any]) -> int:
    # Terraform's state names every kind of statement, and leaves those empty that there are not.
    given = {_plain(kind).removesuffix("_statement"): body for kind, body in statement.items() if body}
    ((kind, found),) = given.items()
    body = _one(found)
    nested = _listed(_field(body, "statement") or _field(body, "statements"))
    below = sum(map(_statement, nested))
    if scope := _one(_field(body, "scope_down_statement")):
        below += _statement(scope)
    if kind in {"and", "or", "not"}:
        return below
    if kind == "managed_rule_group":
        return GROUP_UNITS.value[str(_field(body, "name"))] + below
    transformations = _field(body, "text_transformation") or _field(body, "text_transformations")
    changing = [one for one in _listed(transformations) if _field(one, "type") != "NONE"]
    return BASE_UNITS.value[kind] + below + TRANSFORMATION_UNITS * len(changing)


def _plain(name: str) -> str:
    """Return `ScopeDownStatement` as `scope_down_statement`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _field(body: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    return next((value for key, value in body.items() if _plain(key) == name), None)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    if not value:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _one(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
    found: Mapping[str, Any] = (_listed(value) or [{}])[0]
    return found
