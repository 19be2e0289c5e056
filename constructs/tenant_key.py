"""The KMS key of one tenant, and who may do what with it."""

from __future__ import annotations

from dataclasses import dataclass
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
from constructs.policy import Condition, Principal, Statement, only_tenant, policy_document

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

USE: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")

GRANTED_SERVICES: Final = ("dynamodb", "lambda")
"""Services that make themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantKeyProps:
    """Whose key it is and what it encrypts.

    Attributes:
        tenant: id of the tenant; principals must carry it as a tag.
        alias: `alias/...`.
        account: where the key stands.
        users: the tenant's roles, who alone use the key.
        log_groups: names of the log groups that the key encrypts.
        rules: names of the EventBridge rules whose dead-letter queue the key encrypts.
        functions: names of the Lambda functions whose environment the key encrypts.
        administrators: ARNs of the roles and users who alone administer the key; empty leaves administration to
            whom the account's IAM policies name.
        deletion_window_days: 7 to 30.
        unprotected: set where the key may be destroyed with its stack.
    """

    tenant: str
    alias: str
    account: Account
    users: tuple[IamRole, ...]
    log_groups: tuple[str, ...]
    rules: tuple[str, ...]
    functions: tuple[str, ...]
    administrators: tuple[str, ...]
    deletion_window_days: int
    unprotected: Unprotected | None


class TenantKey(Construct):
    """A key that only its tenant's roles use.

    The account's administrators keep the key manageable but cannot use it; AWS services use it for this tenant's
    log groups, rules and functions alone. Where administrators are named, a plan fails before anything happens if
    the deployer is not one of them: KMS would otherwise refuse the deployer's next change for ever.

    Attributes:
        key: the key.
    """

    def __init__(self, scope: Construct, id: str, props: TenantKeyProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.key = KmsKey(
            self,
            "key",
            description=f"Data of the tenant {props.tenant}",
            enable_key_rotation=True,
            deletion_window_in_days=props.deletion_window_days,
            policy=policy_document(self._key_policy()),
            lifecycle=TerraformResourceLifecycle(
                prevent_destroy=True if props.unprotected is None else None,
                precondition=self._deployer_keeps_access(),
            ),
        )
        KmsAlias(self, "alias", name=props.alias, target_key_id=self.key.key_id)

    def statements_for_use(self) -> list[Statement]:
        """Return what a role of the tenant needs in order to use the key."""
        return [
            Statement(
                sid="UseTenantKey",
                actions=USE,
                resources=(self.key.arn,),
                conditions=(only_tenant(self._props.tenant),),
            )
        ]

    def _key_policy(self) -> list[Statement]:
        everything = ("*",)
        props, account = self._props, self._props.account
        administrators = (
            (Condition(operator="ArnEquals", key="aws:PrincipalArn", values=props.administrators),)
            if props.administrators
            else ()
        )
        via_lambda = Condition(
            operator="StringEquals",
            key="kms:ViaService",
            values=(f"lambda.{account.region}.amazonaws.com",),
        )
        return [
            # The account as principal, the administrators as a condition: a role that is deleted and made again keeps
            # its access, where a role as principal would leave its dead unique id behind and lock everyone out.
            Statement(
                sid="AdministrationWithoutUse",
                actions=ADMINISTRATION,
                resources=everything,
                principal=Principal(kind="AWS", identifiers=(account.root,)),
                conditions=administrators,
            ),
            Statement(
                sid="GrantsForServices",
                actions=("kms:CreateGrant",),
                resources=everything,
                principal=Principal(kind="AWS", identifiers=(account.root,)),
                conditions=(
                    *administrators,
                    Condition(operator="Bool", key="kms:GrantIsForAWSResource", values=("true",)),
                    Condition(
                        operator="StringEquals",
                        key="kms:ViaService",
                        values=tuple(
                            f"{service}.{account.region}.amazonaws.com" for service in GRANTED_SERVICES
                        ),
                    ),
                ),
            ),
            # Whoever deploys reads the functions' environment back, or every plan shows a difference. It holds names.
            Statement(
                sid="FunctionEnvironment",
                actions=("kms:Decrypt", "kms:Encrypt"),
                resources=everything,
                principal=Principal(kind="AWS", identifiers=(account.root,)),
                conditions=(
                    *administrators,
                    via_lambda,
                    Condition(
                        operator="ArnEquals",
                        key="kms:EncryptionContext:aws:lambda:FunctionArn",
                        values=tuple(account.arn("lambda", f"function:{name}") for name in props.functions),
                    ),
                ),
            ),
            Statement(
                sid="TenantUse",
                actions=USE,
                resources=everything,
                principal=Principal(kind="AWS", identifiers=tuple(role.arn for role in props.users)),
                conditions=(only_tenant(props.tenant),),
            ),
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
            Statement(
                sid="LogGroups",
                actions=(
                    "kms:Decrypt*",
                    "kms:Describe*",
                    "kms:Encrypt*",
                    "kms:GenerateDataKey*",
                    "kms:ReEncrypt*",
                ),
                resources=everything,
                principal=Principal(kind="Service", identifiers=(f"logs.{account.region}.amazonaws.com",)),
                conditions=(
                    Condition(
                        operator="ArnEquals",
                        key="kms:EncryptionContext:aws:logs:arn",
                        values=tuple(account.log_group_arn(name) for name in props.log_groups),
                    ),
                ),
            ),
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
            Statement(
                sid="DeadLettersOfRules",
                actions=("kms:Decrypt", "kms:GenerateDataKey"),
                resources=everything,
                principal=Principal(kind="Service", identifiers=("events.amazonaws.com",)),
                conditions=(
                    Condition(
                        operator="ArnEquals",
                        key="aws:SourceArn",
                        values=tuple(account.arn("events", f"rule/{name}") for name in props.rules),
                    ),
                    Condition(operator="StringEquals", key="aws:SourceAccount", values=(account.id,)),
                ),
            ),
        ]

    def _deployer_keeps_access(self) -> list[Precondition] | None:
        """Return the check that the deployer is one of the named administrators; none where none are named."""
        if not self._props.administrators:
            return None
        caller = DataAwsCallerIdentity(self, "deployer")
        session = DataAwsIamSessionContext(self, "deployer_session", arn=caller.arn)
        return [
            Precondition(
                condition=Fn.contains(list(self._props.administrators), session.issuer_arn),
                error_message=(
                    "KEY_ADMINISTRATOR_ARNS does not name the role or user that deploys; the key would refuse its "
                    f"next change. Received {session.issuer_arn}, expected one of: "
                    f"{', '.join(self._props.administrators)}."
                ),
            )
        ]
