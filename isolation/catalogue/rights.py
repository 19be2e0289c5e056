"""Rights that are worth more than what they name: whoever holds one gains others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ADMINISTRATION: Final = (
    "iam:putrolepolicy",
    "iam:attachrolepolicy",
    "iam:putuserpolicy",
    "iam:attachuserpolicy",
    "iam:putgrouppolicy",
    "iam:attachgrouppolicy",
    "iam:addusertogroup",
    "iam:createpolicyversion",
    "iam:setdefaultpolicyversion",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:updateloginprofile",
)
"""Rights that give their holder, or somebody the holder controls, any other right."""

CONFIGURING: Final[Mapping[str, tuple[str, ...]]] = {
    "apigateway": ("apigateway:*",),
    "cloudtrail": ("cloudtrail:create*", "cloudtrail:put*", "cloudtrail:update*"),
    "cloudwatch": ("cloudwatch:putcompositealarm", "cloudwatch:putmetricalarm"),
    "delivery": (
        "ec2:createflowlogs",
        "logs:*delivery*",
        "route53resolver:*",
        "s3:putbucketlogging",
        "vpc-lattice:*",
        "wafv2:putloggingconfiguration",
    ),
    "events": ("events:putrule", "events:puttargets"),
    "iot": ("iot:createtopicrule", "iot:replacetopicrule", "iot:*destination*"),
    # What an alarm invokes (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html).
    "lambda.alarms.cloudwatch": ("cloudwatch:putcompositealarm", "cloudwatch:putmetricalarm"),
    "lambda": (
        "lambda:create*",
        "lambda:putfunctioneventinvokeconfig",
        "lambda:updateeventsourcemapping",
        "lambda:updatefunction*",
    ),
    # A load balancer's access and connection logs
    # (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html).
    "logdelivery": (
        "elasticloadbalancing:createloadbalancer",
        "elasticloadbalancing:modifyloadbalancerattributes",
    ),
    "logging": ("s3:putbucketlogging",),
    "logs": (
        "logs:*delivery*",
        "logs:associatekmskey",
        "logs:createexporttask",
        "logs:createloggroup",
        "logs:putaccountpolicy",
        "logs:putsubscriptionfilter",
    ),
    "s3": (
        "s3:putanalyticsconfiguration",
        "s3:putbucketlogging",
        "s3:putbucketnotification",
        "s3:putinventoryconfiguration",
    ),
    "scheduler": ("scheduler:createschedule", "scheduler:updateschedule"),
    "sns": ("sns:subscribe", "sns:settopicattributes", "sns:createtopic"),
    "vpc-flow-logs": ("ec2:createflowlogs",),
}
"""By service, all labels of its principal or the first: the rights that make it act for the account on a resource of a
caller's choice. For any other service it is whatever does not only read, of a service that one of the labels names
(https://docs.aws.amazon.com/service-authorization/latest/reference/)."""

ACTS_FOR_WHAT_IS_NAMED: Final = frozenset(
    {"cloudtrail", "cloudwatch", "events", "iot", "logging", "logs", "s3", "sns"}
)
"""Services that give the resource on which they were configured as the source of what they do."""

CONFIGURING_ONLY: Final = ("iot", "scheduler", "ssmmessages")
"""Services that no kind of resources is about, and that reach others' only as is listed elsewhere: by a role that is
passed, as a confused deputy, or (`ssmmessages`) by the agent in a task, which answers for the task alone
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html)."""

NAMES_A_QUEUE: Final = ("sqs:createqueue", "sqs:setqueueattributes")
"""Rights that name the queue that messages are moved to when nobody processes them: any queue of the account that does
not say which may (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html)."""

NAMES_A_TASK_DEFINITION: Final = ("ecs:createservice", "ecs:createtaskset", "ecs:updateservice")
"""Rights that name the task definition that a service runs, whose roles its tasks get. AWS asks about it as a condition
key alone, `TASK_DEFINITION_KEY`
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html)."""

TASK_DEFINITION_KEY: Final = "ecs:task-definition"

NAMES_HOSTS: Final = ("elasticloadbalancing:modifyrule",)
NAMES_PRIORITIES: Final = ("elasticloadbalancing:setrulepriorities",)
NAMES_ADDRESSES: Final = ("elasticloadbalancing:registertargets",)
"""Rights that say which requests a listener's rule takes, before which others, and which addresses get them
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html)."""

BY_ARGUMENT: Final[Mapping[str, str]] = {
    "lambda:updatefunctionconfiguration": "may join the function to any network of the account",
}
"""Rights that name another resource in an argument, where no policy tells whether AWS refuses it: a tenant that has one
on its own resource may reach others'. Lambda asks the function's role whether it may create a network interface, but
uses one that another function has in the same subnet with the same security groups, and does not say whether it asks
then (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)."""

DETACHING: Final[Mapping[str, tuple[str, ...]]] = {
    "attached": ("iam:detachrolepolicy", "iam:detachuserpolicy"),
    "inline": ("iam:deleterolepolicy", "iam:deleteuserpolicy"),
}
"""By how a policy belongs to a role or user: the rights that take it away, and with it what it denies."""

UNBOUNDING: Final = (
    "iam:deleterolepermissionsboundary",
    "iam:putrolepermissionsboundary",
    "iam:deleteuserpermissionsboundary",
    "iam:putuserpermissionsboundary",
)
"""Rights that replace or delete a permissions boundary."""
