"""Flow logs: all traffic, to a group of their own."""

from __future__ import annotations

from functools import cache

from constructs.common.flow_logs import FlowLogs, FlowLogsProps
from tests.construct import Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/vpc/flow-logs"


@cache
def flow_logs() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = FlowLogsProps(
            vpc=around.vpc,
            account=around.account,
            log_group="/aws/vpc/flow-logs",
            role="flow-logs-role",
            key=around.key,
            retention_days=7,
        )
        FlowLogs(around.stack, "flow_logs", props)

    return alone(build)


def test_all_traffic_is_logged_once_the_role_may_write() -> None:
    stack = flow_logs()
    assert stack.one("aws_flow_log") == {
        "vpc_id": stack.reference("aws_vpc", attribute="id"),
        "traffic_type": "ALL",
        "log_destination_type": "cloud-watch-logs",
        "log_destination": stack.reference("aws_cloudwatch_log_group"),
        "iam_role_arn": stack.reference("aws_iam_role"),
        "max_aggregation_interval": 60,
        "depends_on": [stack.address("aws_iam_role_policy")],
    }


def test_they_go_to_their_own_encrypted_group() -> None:
    stack = flow_logs()
    assert stack.one("aws_cloudwatch_log_group") == {
        "name": "/aws/vpc/flow-logs",
        "retention_in_days": 7,
        "kms_key_id": stack.reference("aws_kms_key"),
    }


def test_the_role_is_assumed_for_flow_logs_of_this_account_and_region() -> None:
    stack = flow_logs()
    assert stack.one("aws_iam_role")["name"] == "flow-logs-role"
    (trust,) = stack.statements("aws_iam_role", field="assume_role_policy").values()
    assert trust["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        "ArnLike": {"aws:SourceArn": [f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc-flow-log/*"]},
    }


def test_the_role_writes_that_group_and_no_other() -> None:
    stack = flow_logs()
    policy = stack.one("aws_iam_role_policy")
    assert policy["name"] == "permissions"
    assert policy["role"] == stack.reference("aws_iam_role", attribute="name")
    assert stack.statements("aws_iam_role_policy") == {
        "WriteOwnLogGroup": {
            "Sid": "WriteOwnLogGroup",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [GROUP, f"{GROUP}:log-stream:*"],
        },
        "DescribeLogGroups": {
            "Sid": "DescribeLogGroups",
            "Effect": "Allow",
            "Action": ["logs:DescribeLogGroups"],
            "Resource": ["*"],
        },
    }
