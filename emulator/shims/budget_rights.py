"""Budgets are changed with one right and read with another, each for the budget's name.

MiniStack asks for a right of each operation's own name, such as `budgets:CreateBudget`, which AWS does not have, and
for it on all budgets.

AWS: Service Authorization Reference, AWS Budget Service: "ModifyBudget: Grants permission to create and modify budgets,
and edit budget details", "ViewBudget: Grants permission to view budgets and budget details", both on
`arn:${Partition}:budgets::${Account}:budget/${BudgetName}`
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html).
"""

from typing import Any

from emulator.shims._parameters import fields_of
from emulator.shims._patching import service, wrap

PREFIX = "budgets:"
TAGGING = frozenset({"ListTagsForResource", "TagResource", "UntagResource"})


def apply() -> None:
    """Ask for the rights that AWS has, for the budget that a request names."""
    actions = service("core.iam_actions")

    def action(original: Any, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        found = original(name, *arguments)
        if name != "budgets" or not found:
            return found
        operation = found.removeprefix(PREFIX)
        if operation in TAGGING:
            return found
        return f"{PREFIX}{'ViewBudget' if operation.startswith('Describe') else 'ModifyBudget'}"

    def arn(original: Any, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        if name != "budgets":
            return original(name, *arguments)
        _method, _path, _headers, body, _parameters, _region, account = arguments
        given = fields_of(body)
        if "ResourceARN" in given:
            return given["ResourceARN"]
        budget = given.get("BudgetName") or (given.get("Budget") or {}).get("BudgetName")
        return f"arn:aws:budgets::{account}:budget/{budget}" if budget else "*"

    wrap(actions, "extract_iam_action", action)
    wrap(actions, "extract_resource_arn", arn)
