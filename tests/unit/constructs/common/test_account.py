"""The account, and ARNs of what does not exist yet."""

from __future__ import annotations

from constructs.common.account import Account, AccountProps
from tests.construct import Surroundings, alone
from tests.synthesis import ACCOUNT


def test_arns_name_the_account_from_a_declared_data_source() -> None:
    """Hole 3: an account id that is written down is somebody else's in the next account."""

    def build(around: Surroundings) -> None:
        account = Account(around.stack, "account", AccountProps(region="eu-west-1"))
        around.output("root", account.root)
        around.output("function", account.arn("lambda", "function:name"))
        around.output("log_group", account.log_group_arn("/a/group"))

    stack = alone(build)
    assert stack.output("root") == f"arn:aws:iam::{ACCOUNT}:root"
    assert stack.output("function") == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:name"
    assert stack.output("log_group") == f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/a/group"
    assert set(stack.document["data"]) == {"aws_caller_identity", "aws_partition"}
