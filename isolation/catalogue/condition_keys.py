"""Condition keys: which hold several values, which a caller chooses, which a service sets.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html is the source unless another
is named.
"""

from __future__ import annotations

import re
from typing import Final

MULTIVALUED: Final = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:tagkeys",
        "dynamodb:attributes",
        "dynamodb:leadingkeys",
        "kms:resourcealiases",
    }
)
"""Keys that hold several values
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)."""

CHOSEN: Final = re.compile(
    r"aws:(securetransport|sourceip|requesttag/.*|tagkeys|calledvia(first|last)?|viaawsservice|referer|useragent"
    r"|requestedregion)"
    r"|(cognito-idp|dynamodb|ec2|ecr|ecs|events|execute-api|iam|kms|lambda|logs|rds|s3|secretsmanager|sns|sqs|ssm|sts):.*"
)
"""Keys whose value the caller chooses, directly or by how it calls. An address does not tell tenants apart."""

ENCRYPTION_CONTEXT_OF: Final = {"logs": "kms:encryptioncontext:aws:logs:arn"}
"""By service: the encryption context that it sets to the ARN of the resource that it acts for
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)."""

QUEUE_CONTEXT: Final = "kms:encryptioncontext:aws:sqs:arn"
"""The encryption context that SQS sets to the ARN of the queue whose messages it encrypts, whoever sends
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html)."""

SOURCE_ARN_KEYS: Final = frozenset({"aws:sourcearn", *ENCRYPTION_CONTEXT_OF.values()})
"""Keys that hold the ARN of the resource that a service acts for."""

ARN_SERVICES_OF: Final = {
    "apigateway": ("execute-api", "apigateway"),
    "delivery": ("logs",),
    "lambda.alarms.cloudwatch": ("cloudwatch",),
    "vpc-flow-logs": ("ec2", "logs"),
}
"""By service that acts: the services in the ARNs of what it acts for, where they are not just its own name."""
