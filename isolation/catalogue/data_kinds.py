"""The kinds of resources that data is written to and read from: stores, keys, logs and messages; see `kinds.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.kind import Kind

DATA_KINDS: Final[Mapping[str, Kind]] = {
    "bucket": Kind(
        types=("aws_s3_bucket",),
        patterns=("{arn}", "{arn}/*"),
        actions=("s3:*",),
        harmless=("s3:listallmybuckets",),
        examples=("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:listbucket", "s3:putbucketpolicy"),
    ),
    "table": Kind(
        types=("aws_dynamodb_table",),
        # The label of a stream is the time of its creation; no other part of a table has a colon in its name.
        patterns=("{arn}", "{arn}/*", "{arn}/stream/????-??-??T??:??:??.???"),
        separated=True,
        actions=("dynamodb:*",),
        harmless=("dynamodb:listtables", "dynamodb:describelimits", "dynamodb:describeendpoints"),
        examples=("dynamodb:getitem", "dynamodb:query", "dynamodb:putitem", "dynamodb:putresourcepolicy"),
    ),
    "key": Kind(
        types=("aws_kms_key",),
        actions=("kms:*",),
        harmless=("kms:listkeys", "kms:listaliases", "kms:generaterandom"),
        examples=("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:creategrant", "kms:putkeypolicy"),
        policy_required=True,
    ),
    "secret": Kind(
        types=("aws_secretsmanager_secret",),
        actions=("secretsmanager:*",),
        harmless=("secretsmanager:listsecrets", "secretsmanager:getrandompassword"),
        examples=(
            "secretsmanager:getsecretvalue",
            "secretsmanager:putsecretvalue",
            "secretsmanager:putresourcepolicy",
        ),
    ),
    "logs": Kind(
        types=("aws_cloudwatch_log_group",),
        # Its streams, whose names have no colon, and all that is in it: `:*`, with a star.
        patterns=("{arn}", "{arn}:log-stream:*", "{arn}:?"),
        separated=True,
        actions=("logs:*",),
        harmless=("logs:describeloggroups",),
        examples=(
            "logs:getlogevents",
            "logs:putlogevents",
            "logs:createlogstream",
            "logs:putsubscriptionfilter",
        ),
    ),
    "queue": Kind(
        types=("aws_sqs_queue",),
        actions=("sqs:*",),
        harmless=("sqs:listqueues",),
        examples=("sqs:receivemessage", "sqs:sendmessage", "sqs:setqueueattributes", "sqs:addpermission"),
    ),
    "topic": Kind(
        types=("aws_sns_topic",),
        actions=("sns:*",),
        harmless=("sns:listtopics",),
        examples=("sns:publish", "sns:subscribe"),
    ),
    "parameter": Kind(
        types=("aws_ssm_parameter",),
        actions=("ssm:*",),
        harmless=("ssm:describeparameters",),
        examples=("ssm:getparameter", "ssm:putparameter"),
    ),
}
"""By the name in reports."""
