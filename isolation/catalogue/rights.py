"""Rights that are worth more than what they name: whoever holds one gains others."""

from __future__ import annotations

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

SOURCES: Final = (
    "apigateway:*",
    "events:puttargets",
    "logs:putsubscriptionfilter",
    "s3:putbucketnotification",
    "scheduler:createschedule",
    "sns:subscribe",
)
"""Rights that make an AWS service act for the account on a resource of the caller's choice."""

TAGGING: Final = ("iam:tagrole", "iam:untagrole", "iam:taguser", "iam:untaguser")
"""Rights that change the tags of a role or user, and with them what policies that ask for tags allow it."""

UNBOUNDING: Final = (
    "iam:deleterolepermissionsboundary",
    "iam:putrolepermissionsboundary",
    "iam:deleteuserpermissionsboundary",
    "iam:putuserpermissionsboundary",
)
"""Rights that replace or delete a permissions boundary."""
