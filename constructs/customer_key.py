"""A customer-managed KMS key that is administered without being usable, and the statements that open it to services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf import Fn, Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_iam_session_context import DataAwsIamSessionContext
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey

from config.profiles import Unprotected
from constructs import Construct
from constructs.account import Account
from constructs.policy import Condition, Principal, Statement, policy_document

ADMINISTRATION: Final = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""What keeps a key manageable. No encryption, no decryption, and no `kms:Create*`, which would bring CreateGrant and
with it everything else (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)."""

EVERYTHING: Final = ("*",)
"""The resource of a key policy's statements: the key itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdministration:
    """Who administers a key, and for how long it can be saved.

    Attributes:
        account: where the key stands.
        administrators: ARNs of the roles and users who alone administer the key; empty leaves administration to
            whom the account's IAM policies name.
        deletion_window_days: 7 to 30.
        unprotected: set where the key may be destroyed with its stack.
    """

    account: Account
    administrators: tuple[str, ...]
    deletion_window_days: int
    unprotected: Unprotected | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerKeyProps:
    """What the key is for and who uses it.

    Attributes:
        description: as the console shows it.
        alias: `alias/...`.
        administration: who manages it.
        statements: who uses it, and for what.
        tags: of the key, beyond the provider's.
    """

    description: str
    alias: str
    administration: KeyAdministration
    statements: list[Statement]
    tags: Mapping[str, str] = field(default_factory=dict)


class CustomerKey(Construct):
    """A key with rotation whose administrators keep it manageable but cannot use it.

    Where administrators are named, a plan fails before anything happens if the deployer is not one of them: KMS would
    otherwise refuse the deployer's next change for ever.

    Attributes:
        key: the key.
        arn: of the key, for whatever it encrypts.
    """

    def __init__(self, scope: Construct, id: str, props: CustomerKeyProps) -> None:
        super().__init__(scope, id)
        administration = props.administration
        self.key = KmsKey(
            self,
            "key",
            description=props.description,
            enable_key_rotation=True,
            deletion_window_in_days=administration.deletion_window_days,
            policy=policy_document([_administered(administration), *props.statements]),
            lifecycle=TerraformResourceLifecycle(
                prevent_destroy=True if administration.unprotected is None else None,
                precondition=self._deployer_keeps_access(administration.administrators),
            ),
            tags=dict(props.tags) or None,
        )
        # A dozen resources ask for it, and every question to the engine is a message to another process and back.
        self.arn = self.key.arn
        KmsAlias(self, "alias", name=props.alias, target_key_id=self.key.key_id)

    def _deployer_keeps_access(self, administrators: tuple[str, ...]) -> list[Precondition] | None:
        """Return the check that the deployer is one of the named administrators; none where none are named."""
        if not administrators:
            return None
        caller = DataAwsCallerIdentity(self, "deployer")
        session = DataAwsIamSessionContext(self, "deployer_session", arn=caller.arn)
        return [
            Precondition(
                condition=Fn.contains(list(administrators), session.issuer_arn),
                error_message=(
                    "KEY_ADMINISTRATOR_ARNS does not name the role or user that deploys; the key would refuse its "
                    f"next change. Received {session.issuer_arn}, expected one of: "
                    f"{', '.join(administrators)}."
                ),
            )
        ]


def _administered(administration: KeyAdministration) -> Statement:
    # The account as principal, the administrators as a condition: a role that is deleted and made again keeps
    # its access, where a role as principal would leave its dead unique id behind and lock everyone out.
    return Statement(
        sid="AdministrationWithoutUse",
        actions=ADMINISTRATION,
        resources=EVERYTHING,
        principal=deployer(administration),
        conditions=only_administrators(administration),
    )


def deployer(administration: KeyAdministration) -> Principal:
    """Return the account, which stands for the deployer under the conditions of `only_administrators`."""
    return Principal(kind="AWS", identifiers=(administration.account.root,))


def only_administrators(administration: KeyAdministration) -> tuple[Condition, ...]:
    """Return the condition that the caller is a named administrator; none where none are named."""
    if not administration.administrators:
        return ()
    return (
        Condition(operator="ArnEquals", key="aws:PrincipalArn", values=tuple(administration.administrators)),
    )


def through(account: Account, *services: str) -> Condition:
    """Return the condition that one of the AWS `services` asks on the caller's behalf."""
    return Condition(
        operator="StringEquals",
        key="kms:ViaService",
        values=tuple(f"{service}.{account.region}.amazonaws.com" for service in services),
    )


def grants_for(services: tuple[str, ...], administration: KeyAdministration) -> Statement:
    """Return the deployer's right to let `services` make themselves a grant, and nobody else."""
    return Statement(
        sid="GrantsForServices",
        actions=("kms:CreateGrant",),
        resources=EVERYTHING,
        principal=deployer(administration),
        conditions=(
            *only_administrators(administration),
            Condition(operator="Bool", key="kms:GrantIsForAWSResource", values=("true",)),
            through(administration.account, *services),
        ),
    )


def function_environment(functions: tuple[str, ...], administration: KeyAdministration) -> Statement:
    """Return the deployer's right to the environment of the Lambda functions with these names.

    Whoever deploys reads it back, or every plan shows a difference. It holds names.
    """
    account = administration.account
    return Statement(
        sid="FunctionEnvironment",
        actions=("kms:Decrypt", "kms:Encrypt"),
        resources=EVERYTHING,
        principal=deployer(administration),
        conditions=(
            *only_administrators(administration),
            through(account, "lambda"),
            Condition(
                operator="ArnEquals",
                key="kms:EncryptionContext:aws:lambda:FunctionArn",
                values=tuple(account.arn("lambda", f"function:{name}") for name in functions),
            ),
        ),
    )


def log_groups(names: tuple[str, ...], account: Account) -> Statement:
    """Return the logs service's right to encrypt the log groups with these names and no other.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return Statement(
        sid="LogGroups",
        actions=("kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
        resources=EVERYTHING,
        principal=Principal(kind="Service", identifiers=(f"logs.{account.region}.amazonaws.com",)),
        conditions=(
            Condition(
                operator="ArnEquals",
                key="kms:EncryptionContext:aws:logs:arn",
                values=tuple(account.log_group_arn(name) for name in names),
            ),
        ),
    )


def use_by(
    roles: tuple[IamRole, ...], sid: str, actions: tuple[str, ...], *conditions: Condition
) -> Statement:
    """Return the right of `roles`, by name, to `actions` under `conditions`."""
    return Statement(
        sid=sid,
        actions=actions,
        resources=EVERYTHING,
        principal=Principal(kind="AWS", identifiers=tuple(role.arn for role in roles)),
        conditions=conditions,
    )
