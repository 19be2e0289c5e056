"""Flow logs of one VPC, to an encrypted log group."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.vpc import Vpc

from constructs import Construct
from constructs.account import Account
from constructs.customer_key import CustomerKey
from constructs.policy import Condition, Statement, policy_document, service_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLogsProps:
    """Which VPC's traffic is logged, and where to.

    Attributes:
        vpc: the VPC.
        account: where it stands.
        log_group: name of the log group.
        role: name of the role that delivers.
        key: encrypts the log group; its policy must admit the logs service for that group.
        retention_days: as CloudWatch admits.
    """

    vpc: Vpc
    account: Account
    log_group: str
    role: str
    key: CustomerKey
    retention_days: int


class FlowLogs(Construct):
    """All traffic of a VPC, accepted and rejected, aggregated over a minute.

    The role and its policy follow https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, for this
    one log group.
    """

    def __init__(self, scope: Construct, id: str, props: FlowLogsProps) -> None:
        super().__init__(scope, id)
        group = CloudwatchLogGroup(
            self,
            "log_group",
            name=props.log_group,
            retention_in_days=props.retention_days,
            kms_key_id=props.key.arn,
        )
        role = IamRole(self, "role", name=props.role, assume_role_policy=self._trust(props.account))
        policy = IamRolePolicy(
            self,
            "policy",
            name="permissions",
            role=role.name,
            policy=policy_document(self._delivery(group)),
        )
        FlowLog(
            self,
            "flow_log",
            vpc_id=props.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            depends_on=[policy],
        )

    @staticmethod
    def _trust(account: Account) -> str:
        return service_trust(
            "vpc-flow-logs.amazonaws.com",
            conditions=(
                Condition(operator="StringEquals", key="aws:SourceAccount", values=(account.id,)),
                Condition(
                    operator="ArnLike", key="aws:SourceArn", values=(account.arn("ec2", "vpc-flow-log/*"),)
                ),
            ),
        )

    @staticmethod
    def _delivery(group: CloudwatchLogGroup) -> list[Statement]:
        return [
            Statement(
                sid="WriteOwnLogGroup",
                actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                resources=(group.arn, f"{group.arn}:log-stream:*"),
            ),
            # DescribeLogGroups takes no resource.
            Statement(sid="FindLogGroup", actions=("logs:DescribeLogGroups",), resources=("*",)),
        ]
