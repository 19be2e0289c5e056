"""What each AWS service admits as a name, and how a longer name is cut."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one AWS service admits as a name.

    Attributes:
        service: as a message names it.
        length: characters at most.
        pattern: of the whole name.
        source: AWS's page that says so.
    """

    service: str
    length: int
    pattern: str
    source: str


_DOCS: Final = "https://docs.aws.amazon.com"
S3: Final = Limit(
    service="S3 bucket",
    length=63,
    pattern=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    source=f"{_DOCS}/AmazonS3/latest/userguide/bucketnamingrules.html",
)
IAM_ROLE: Final = Limit(
    service="IAM role",
    length=64,
    pattern=r"[\w+=,.@-]+",
    source=f"{_DOCS}/IAM/latest/APIReference/API_CreateRole.html",
)
LAMBDA: Final = Limit(
    service="Lambda function",
    length=64,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/lambda/latest/api/API_CreateFunction.html",
)
RULE: Final = Limit(
    service="EventBridge rule",
    length=64,
    pattern=r"[.\-_A-Za-z0-9]+",
    source=f"{_DOCS}/eventbridge/latest/APIReference/API_PutRule.html",
)
RULE_TARGET: Final = Limit(
    service="EventBridge target",
    length=64,
    pattern=r"[.\-_A-Za-z0-9]+",
    source=f"{_DOCS}/eventbridge/latest/APIReference/API_Target.html",
)
KMS_ALIAS: Final = Limit(
    service="KMS alias",
    length=256,
    pattern=r"alias/[a-zA-Z0-9/_-]+",
    source=f"{_DOCS}/kms/latest/APIReference/API_CreateAlias.html",
)
DYNAMODB: Final = Limit(
    service="DynamoDB table",
    length=255,
    pattern=r"[a-zA-Z0-9_.-]{3,}",
    source=f"{_DOCS}/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html",
)
SQS: Final = Limit(
    service="SQS queue",
    length=80,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
)
LOG_GROUP: Final = Limit(
    service="log group",
    length=512,
    pattern=r"[.\-_/#A-Za-z0-9]+",
    source=f"{_DOCS}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
)
SECURITY_GROUP: Final = Limit(
    service="security group",
    length=255,
    pattern=r"(?!sg-)[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]+",
    source=f"{_DOCS}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
)
TAG: Final = Limit(
    service="Name tag",
    length=256,
    pattern=r"[\w+\-=.:/@ ]+",
    source=f"{_DOCS}/tag-editor/latest/userguide/best-practices-and-strats.html",
)
HTTP_API: Final = Limit(
    service="HTTP API",
    length=128,
    pattern=r"[\w-]+",
    source=f"{_DOCS}/apigatewayv2/latest/api-reference/apis.html",
)
USER_POOL: Final = Limit(
    service="Cognito user pool",
    length=128,
    pattern=r"[\w\s+=,.@-]+",
    source=f"{_DOCS}/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html",
)
LOAD_BALANCER: Final = Limit(
    service="load balancer",
    length=32,
    pattern=r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    source=f"{_DOCS}/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
)
TARGET_GROUP: Final = Limit(
    service="target group",
    length=32,
    pattern=r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    source=f"{_DOCS}/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
)
ECS: Final = Limit(
    service="ECS cluster, service or task family",
    length=255,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/AmazonECS/latest/APIReference/API_CreateService.html",
)
RDS: Final = Limit(
    service="Aurora cluster, instance or snapshot",
    length=63,
    pattern=r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]",
    source=f"{_DOCS}/AmazonRDS/latest/APIReference/API_CreateDBCluster.html",
)
RDS_GROUP: Final = Limit(
    service="Aurora subnet or parameter group",
    length=255,
    pattern=r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]",
    source=f"{_DOCS}/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html",
)
SECRET: Final = Limit(
    service="secret",
    length=512,
    pattern=r"(?!.*-.{6}$)[a-zA-Z0-9/_+=.@-]+",
    source=f"{_DOCS}/secretsmanager/latest/apireference/API_CreateSecret.html",
)
WEB_ACL: Final = Limit(
    service="web ACL",
    length=128,
    pattern=r"[\w-]+",
    source=f"{_DOCS}/waf/latest/APIReference/API_CreateWebACL.html",
)
ALARM: Final = Limit(
    service="CloudWatch alarm",
    length=255,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
)
BACKUP: Final = Limit(
    service="backup vault",
    length=50,
    pattern=r"[a-zA-Z0-9_-]{2,}",
    source=f"{_DOCS}/aws-backup/latest/devguide/API_CreateBackupVault.html",
)
BUDGET: Final = Limit(
    service="budget",
    length=100,
    pattern=r"[^:\\]+",
    source=f"{_DOCS}/aws-cost-management/latest/APIReference/API_budgets_Budget.html",
)
DASHBOARD: Final = Limit(
    service="CloudWatch dashboard",
    length=255,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html",
)
STATE_MACHINE: Final = Limit(
    service="state machine",
    length=80,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/step-functions/latest/apireference/API_CreateStateMachine.html",
)
BUILD_PROJECT: Final = Limit(
    service="CodeBuild project",
    length=150,
    pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}",
    source=f"{_DOCS}/codebuild/latest/APIReference/API_CreateProject.html",
)
_HASH_CHARACTERS: Final = 8


def fitted(name: str, limit: Limit) -> str:
    """Return `name` as `limit` admits it: whole, or its head and a hash of the whole.

    Raises:
        ValueError: it holds characters that the service refuses; cutting does not help that.
    """
    if len(name) > limit.length:
        digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_CHARACTERS]
        name = f"{name[: limit.length - _HASH_CHARACTERS - 1].rstrip('-')}-{digest}"
    if not re.fullmatch(limit.pattern, name):
        raise ValueError(
            f"{limit.service}: received the name {name!r}, expected {limit.pattern} ({limit.source})"
        )
    return name
