"""Resource types that hold what is not made again: data, or an identity that others have stored.

Who deletes or replaces one loses what it held. Types that only arrange such a resource (a bucket's policy, a key's
alias) are not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATEFUL: Final[Mapping[str, str]] = {
    "aws_apigatewayv2_api": "its address, which clients have stored",
    "aws_backup_vault": "the recovery points in it",
    "aws_cloudwatch_log_group": "its logs",
    "aws_cognito_user_pool": "its users, and the tokens that they have",
    "aws_cognito_user_pool_client": "its id, which clients have stored",
    "aws_dynamodb_table": "its items",
    "aws_ecs_cluster": "the services that run in it",
    "aws_eip": "its address, which others may have allowed",
    "aws_kms_key": "all that was encrypted with it",
    "aws_lb": "its address, which DNS records name",
    "aws_rds_cluster": "its databases",
    "aws_rds_cluster_instance": "connections to it, until another is there",
    "aws_s3_bucket": "its objects",
    "aws_secretsmanager_secret": "its versions",
    "aws_secretsmanager_secret_version": "its value",
    "aws_sqs_queue": "its messages",
    "aws_vpc": "all that is in it",
}
"""What is lost with a resource, by its type."""
