"""Where AWS keeps an owner's data under other names than the ones that a stack gives: copies, logs, records.

In the templates `p`, `r` and `a` are partition, region and account, `name` is the resource's name, `address` where
it is declared; brackets mark what AWS makes up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SNAPSHOTS: Final = (
    "arn:{p}:rds:{r}:{a}:cluster-snapshot:rds:{name}-*",
    "arn:{p}:rds:{r}:{a}:cluster-snapshot:awsbackup:*",
    "arn:{p}:rds:{r}:{a}:cluster-snapshot:⟦{address}.snapshot⟧",
    "arn:{p}:rds:{r}:{a}:cluster-auto-backup:*",
)
"""Snapshots of a cluster: made by RDS, by AWS Backup, by hand under a name that nobody knows, and what is kept of a
deleted cluster (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-delete-cluster-snapshot.html)."""

FINAL_SNAPSHOT: Final = "arn:{p}:rds:{r}:{a}:cluster-snapshot:{snapshot}"
"""The snapshot that is made when Terraform destroys a cluster."""

INSIGHTS: Final = (
    "arn:{p}:pi:{r}:{a}:metrics/rds/⟦{address}.resource⟧",
    "arn:{p}:pi:{r}:{a}:perf-reports/rds/⟦{address}.resource⟧/*",
)
"""Performance Insights of an instance: its statements, with the values in them
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.access-control.html)."""

CONTRIBUTORS: Final = (
    "arn:{p}:cloudwatch:{r}:{a}:insight-rule/DynamoDBContributorInsights-???-{name}-?????????????"
)
"""The keys of a table that are used most, in plain text; the name ends in milliseconds since 1970
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html)."""

BUS_RULES: Final = ("arn:{p}:events:{r}:{a}:rule/{bus}*", "arn:{p}:events:{r}:{a}:archive/*")
"""The rules and archives of an event bus: whoever makes one hears, or keeps, what everybody sends there
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html)."""

HEARING: Final = ("events:createarchive", "events:putrule", "events:updatearchive")

ACCESS_POINTS: Final = "arn:{p}:s3:{r}:{a}:accesspoint/*"
"""Access points, another name for a bucket that whoever creates one chooses
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html)."""

MULTI_REGION_ACCESS_POINTS: Final = ("arn:{p}:s3::{a}:accesspoint/*",)
"""Access points to buckets of several regions, whose ARNs have no region
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html)."""

ON_ACCESS_POINTS: Final = ("s3:*accesspoint*", "s3:listallmybuckets")
"""Actions on an access point itself, which reach nothing in the bucket."""

ON_OBJECTS: Final = ("s3:*object*",)
"""Actions that need an object."""

INTERFACES: Final = ("arn:{p}:ec2:{r}:{a}:network-interface/eni-⟦{address}.interface⟧",)
"""Network interfaces in a subnet, whose traffic may be mirrored
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html)."""

OF_SERVICES: Final = (
    "arn:{p}:ecs:{r}:{a}:service-deployment/{cluster}/{name}/*",
    "arn:{p}:ecs:{r}:{a}:service-revision/{cluster}/{name}/*",
    "arn:{p}:ecs:{r}:{a}:task-set/{cluster}/{name}/*",
)
"""Deployments of a service, what each of them runs, and its sets of tasks
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html)."""

SESSIONS: Final = ("arn:{p}:sts::{a}:*",)
"""Sessions of roles and of federated users."""

HOSTED_ZONE: Final = "arn:{p}:route53:::hostedzone/{zone}"

LOG_GROUPS: Final[Mapping[str, str]] = {
    "aws_ecs_cluster": "/aws/ecs/containerinsights/{name}/performance",
    "aws_lambda_function": "/aws/lambda/{name}",
    "aws_rds_cluster": "/aws/rds/cluster/{name}/{export}",
    "aws_rds_cluster_instance": "RDSOSMetrics",
    "aws_sns_topic": "sns/{r}/{a}/{name}",
}
"""By type: the log group that AWS makes by itself, if none is declared under its name
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html,
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.CloudWatchLogs.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-msg-status-sdk.html)."""

OF_THE_ACCOUNT: Final = "(the account)"
"""What a request names that is on no resource: only a policy's `*` covers it. It stands for the `*` that AWS compares
with (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)."""

ACCOUNT_SERVICES: Final = (
    "ce",
    "cloudtrail",
    "cloudwatch",
    "config",
    "cur",
    "oam",
    "ram",
    "route53resolver",
    "vpc-lattice",
    "xray",
)
"""Services that hold something of every owner in one store of the account: its traces, its figures, the record of its
calls and of its configuration, what it costs; that give any resource of the account to another one; or that take any
VPC by its id, and not as the resource of the request: its queries for names are logged and answered, or it is joined
with another network (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53resolver.html,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonvpclattice.html)."""
