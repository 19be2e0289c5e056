"""Rights on what holds data and logs: managed as a whole, never read item by item.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
lists each service's actions and resource types.
"""

from __future__ import annotations

from typing import Final

from deployer.place import Place
from deployer.rights import Right, Row, Table, in_region
from policies.statements import Condition
from tenancy.names.environment import EnvironmentNames


def log_groups(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of all log groups."""
    names = (
        *place.silo(lambda n: n.flow_log_group),
        *place.silo(lambda n: n.function_log_group(n.api_function)),
        *place.silo(lambda n: n.function_log_group(n.provisioner_function)),
        *place.silo(lambda n: n.http_api_log_group),
        *place.fargate(lambda n: n.log_group),
        place.platform.container_insights_log_group,
        place.platform.database_log_group,
        place.platform.flow_log_group,
        place.platform.provisioner_log_group,
        place.platform.web_acl_log_group,
        place.delivery.build_log_group,
        place.delivery.state_machine_log_group,
    )
    # AWS writes the ARN of a group with `:*` at its end for some actions and without it for others.
    return tuple(place.arn("logs", f"log-group:{name}{end}") for name in names for end in ("", ":*"))


def buckets(place: Place) -> tuple[str, ...]:
    """Return the names, as patterns, of all tenants' buckets and of the platform's own."""
    silos = (*place.silo(lambda n: n.data_bucket), *place.silo(lambda n: n.log_bucket))
    delivery = (place.delivery.release_bucket, place.delivery.log_bucket)
    return (*silos, *place.fargate(lambda n: n.data_bucket), place.platform.log_bucket, *delivery)


def secrets(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of the tenants' secrets; AWS ends each ARN in a hyphen and six characters.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html#iam-resources
    """
    return place.arns(
        "secretsmanager", "secret:", *place.fargate(lambda n: n.database_secret), suffix="-??????"
    )


def _log_group(place: Place) -> tuple[Right, ...]:
    return (
        Right(
            actions=(
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DisassociateKmsKey",
                "logs:ListTagsForResource",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
            resources=log_groups(place),
        ),
        Right(actions=("logs:DescribeLogGroups",), conditions=(in_region(place),)),
    )


def _bucket(*actions: str) -> Row:
    def rights(place: Place) -> tuple[Right, ...]:
        named = tuple(f"s3:{action}" for action in actions)
        return (Right(actions=named, resources=place.buckets(*buckets(place))),)

    return rights


def _whole_bucket(place: Place) -> tuple[Right, ...]:
    """The bucket, which Terraform empties where it is not protected: whoever deploys deletes versions unread."""
    return (
        *_bucket(
            "CreateBucket",
            "DeleteBucket",
            "GetAccelerateConfiguration",
            "GetBucketAcl",
            "GetBucketCORS",
            "GetBucketLogging",
            "GetBucketObjectLockConfiguration",
            "GetBucketPolicy",
            "GetBucketRequestPayment",
            "GetBucketTagging",
            "GetBucketVersioning",
            "GetBucketWebsite",
            "GetEncryptionConfiguration",
            "GetLifecycleConfiguration",
            "GetReplicationConfiguration",
            "ListBucket",
            "ListBucketVersions",
            "PutBucketTagging",
        )(place),
        Right(
            actions=("s3:DeleteObject", "s3:DeleteObjectVersion"),
            resources=place.buckets(*buckets(place), suffix="/*"),
        ),
    )


def _table(*actions: str) -> Row:
    def rights(place: Place) -> tuple[Right, ...]:
        names = (*place.silo(lambda n: n.metadata_table), place.delivery.record_table)
        tables = place.arns("dynamodb", "table/", *names)
        return (Right(actions=tuple(f"dynamodb:{action}" for action in actions), resources=tables),)

    return rights


def _queue(*actions: str) -> Row:
    def rights(place: Place) -> tuple[Right, ...]:
        names = (*place.silo(lambda n: n.functions_dlq), *place.silo(lambda n: n.events_dlq))
        return (
            Right(
                actions=tuple(f"sqs:{action}" for action in actions), resources=place.arns("sqs", "", *names)
            ),
        )

    return rights


def _secret(*actions: str) -> Row:
    def rights(place: Place) -> tuple[Right, ...]:
        named = tuple(f"secretsmanager:{action}" for action in actions)
        return (Right(actions=named, resources=secrets(place)),)

    return rights


def _whole_secret(place: Place) -> tuple[Right, ...]:
    """The secret; when it is created, the six characters may not be there yet."""
    without = place.arns("secretsmanager", "secret:", *place.fargate(lambda n: n.database_secret))
    return (
        Right(
            actions=("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
            resources=(*secrets(place), *without),
        ),
        *_secret("DeleteSecret", "DescribeSecret", "GetResourcePolicy", "UntagResource", "UpdateSecret")(
            place
        ),
    )


def state(place: Place) -> tuple[Right, ...]:
    """Return the rights on this environment's states and their locks in the state bucket.

    https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
    """
    if place.state_bucket is None:
        return ()
    keys = tuple(
        EnvironmentNames.state_key(stack, folder)
        # Where the registry declares the environment, and where it does not.
        for folder in (EnvironmentNames.state_folder(place.account, place.region), "")
        for stack in (*place.silo(lambda n: n.stack), place.platform.stack, place.delivery.stack, *place.own)
    )
    prefixes = Condition(
        operator="StringLike", key="s3:prefix", values=(*keys, *(f"{key}.tflock" for key in keys))
    )
    bucket = f"arn:{place.partition}:s3:::{place.state_bucket}"
    return (
        Right(actions=("s3:ListBucket",), resources=(bucket,), conditions=(prefixes,)),
        Right(
            actions=("s3:GetObject", "s3:PutObject"),
            resources=tuple(f"{bucket}/{key}" for key in keys),
        ),
        Right(
            actions=("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
            resources=tuple(f"{bucket}/{key}.tflock" for key in keys),
        ),
    )


def packages(place: Place) -> tuple[Right, ...]:
    """Return the right to read functions' packages, which Lambda does with the caller's credentials.

    "Please make sure your request credentials have permission to GetObject" is what it says otherwise
    (https://github.com/aws-samples/aws-cost-explorer-report/issues/28, read 2026-11-27).
    """
    if place.package_bucket is None:
        return ()
    objects = f"arn:{place.partition}:s3:::{place.package_bucket}/packages/*"
    return (Right(actions=("s3:GetObject",), resources=(objects,)),)


ROWS: Final[Table] = {
    "aws_cloudwatch_log_group": _log_group,
    "aws_dynamodb_contributor_insights": _table("DescribeContributorInsights", "UpdateContributorInsights"),
    "aws_dynamodb_table": _table(
        "CreateTable",
        "DeleteTable",
        "DescribeContinuousBackups",
        "DescribeTable",
        "DescribeTimeToLive",
        "ListTagsOfResource",
        "TagResource",
        "UntagResource",
        "UpdateContinuousBackups",
        "UpdateTable",
        "UpdateTimeToLive",
    ),
    "aws_s3_bucket": _whole_bucket,
    "aws_s3_bucket_intelligent_tiering_configuration": _bucket(
        "GetIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"
    ),
    "aws_s3_bucket_lifecycle_configuration": _bucket(
        "GetLifecycleConfiguration", "PutLifecycleConfiguration"
    ),
    "aws_s3_bucket_logging": _bucket("GetBucketLogging", "PutBucketLogging"),
    "aws_s3_bucket_ownership_controls": _bucket("GetBucketOwnershipControls", "PutBucketOwnershipControls"),
    "aws_s3_bucket_policy": _bucket("DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"),
    "aws_s3_bucket_public_access_block": _bucket("GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
    "aws_s3_bucket_server_side_encryption_configuration": _bucket(
        "GetEncryptionConfiguration", "PutEncryptionConfiguration"
    ),
    "aws_s3_bucket_versioning": _bucket("GetBucketVersioning", "PutBucketVersioning"),
    "aws_secretsmanager_secret": _whole_secret,
    "aws_secretsmanager_secret_policy": _secret(
        "DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"
    ),
    "aws_sqs_queue": _queue(
        "CreateQueue",
        "DeleteQueue",
        "GetQueueAttributes",
        "ListQueueTags",
        "SetQueueAttributes",
        "TagQueue",
        "UntagQueue",
    ),
    "aws_sqs_queue_policy": _queue("GetQueueAttributes", "SetQueueAttributes"),
}
"""By Terraform type."""
