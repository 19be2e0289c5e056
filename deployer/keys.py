"""Rights on KMS keys and their aliases.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from typing import Final

from deployer.place import Place
from deployer.rights import Right, Table, belonging_to, in_region, made_for
from policies.conditions import through_services
from policies.statements import Condition

USE: Final = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What giving a table, a function or a secret a customer's key takes; the key's own policy says which one."""


def aliases(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of the keys' aliases."""
    names = (
        *place.silo(lambda n: n.key_alias),
        *place.fargate(lambda n: n.key_alias),
        place.platform.key_alias,
        place.delivery.key_alias,
    )
    return place.arns("kms", "", *names)


def _key(place: Place) -> tuple[Right, ...]:
    """The keys, whose policies say who administers them; these are the rights that the policies leave to IAM.

    A key is used for services only, and only as its own policy admits: `constructs/common/key_policy.py`.
    """
    keys = place.arns("kms", "key/", "*")
    for_services = Condition(operator="Bool", key="kms:GrantIsForAWSResource", values=("true",))
    through = through_services(place.region, "backup", "dynamodb", "lambda", "rds", "s3", "secretsmanager")
    return (
        Right(actions=("kms:CreateKey",), conditions=(made_for(place), in_region(place))),
        # AWS's own keys, which the provider looks up, have no tags; a description is no use.
        Right(actions=("kms:DescribeKey",), resources=keys),
        # Tags of a key that is being created are its first; a change names only the tags that change.
        Right(actions=("kms:TagResource",), resources=keys, conditions=(made_for(place),)),
        Right(
            actions=(
                "kms:DisableKeyRotation",
                "kms:EnableKeyRotation",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
            ),
            resources=keys,
            conditions=(belonging_to(place),),
        ),
        # What the services ask of KMS with the caller's rights, and no request of the caller's own.
        Right(
            actions=("kms:CreateGrant",),
            resources=keys,
            conditions=(belonging_to(place), for_services, through),
        ),
        Right(actions=USE, resources=keys, conditions=(belonging_to(place), through)),
        Right(
            actions=("kms:RetireGrant",),
            resources=keys,
            conditions=(belonging_to(place), through_services(place.region, "backup")),
        ),
    )


def _alias(place: Place) -> tuple[Right, ...]:
    """Both the alias and its key are asked (https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html)."""
    actions = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")
    return (
        Right(actions=actions, resources=aliases(place)),
        Right(actions=actions, resources=place.arns("kms", "key/", "*"), conditions=(belonging_to(place),)),
        Right(actions=("kms:ListAliases",), conditions=(in_region(place),)),
    )


ROWS: Final[Table] = {
    "aws_kms_alias": _alias,
    "aws_kms_key": _key,
}
"""By Terraform type."""
