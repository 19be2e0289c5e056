"""Flow logs of one VPC, to an encrypted log group."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy

from constructs import Construct
from constructs.common.account import Account
from constructs.common.customer_key import CustomerKey
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.service_role import ServiceRole, ServiceRoleProps
from constructs.common.vpc import ClosedVpc
from policies.conditions import from_source
from policies.statements import Statement, policy_document


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLogsProps:
    """Which VPC's traffic is logged, and where to.

    Attributes:
        vpc: the VPC.
        account: of the VPC.
        log_group: name of the log group.
        role: name of the role that delivers.
        key: encrypts the log group; its policy must admit the logs service for that group.
        retention_days: as CloudWatch admits.
    """

    vpc: ClosedVpc
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
        group = EncryptedLogGroup(
            self,
            "log_group",
            EncryptedLogGroupProps(name=props.log_group, key=props.key, retention_days=props.retention_days),
        )
        account = props.account
        role = ServiceRole(
            self,
            "role",
            ServiceRoleProps(
                name=props.role,
                service="vpc-flow-logs.amazonaws.com",
                trust=from_source(account.id, account.arn("ec2", "vpc-flow-log/*")),
            ),
        )
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
            vpc_id=props.vpc.identifier,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            depends_on=[policy],
        )

    @staticmethod
    def _delivery(group: EncryptedLogGroup) -> list[Statement]:
        return [
            Statement(
                sid="WriteOwnLogGroup",
                actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                resources=(group.arn, f"{group.arn}:log-stream:*"),
            ),
            # DescribeLogGroups takes no resource.
            Statement(sid="DescribeLogGroups", actions=("logs:DescribeLogGroups",), resources=("*",)),
        ]
