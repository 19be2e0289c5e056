"""A customer-managed KMS key that is administered without being usable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import Fn, Precondition
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_iam_session_context import DataAwsIamSessionContext
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey

from constructs import Construct
from constructs.common.key_policy import KeyPolicy, KeyUse
from constructs.common.lifecycle import protected_lifecycle
from policies.grantee import Grantee
from policies.statements import Statement, policy_document
from tenancy.protection import Protection


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerKeyProps:
    """What the key is for and who uses it.

    Attributes:
        description: as the console shows it.
        alias: `alias/...`.
        policy: says who administers the key.
        statements: who uses it, and for what; made by `policy` and `roles_may`.
        protection: of the data that it encrypts.
        tags: of the key, beyond the provider's.
    """

    description: str
    alias: str
    policy: KeyPolicy
    statements: Sequence[Statement]
    protection: Protection
    tags: Mapping[str, str] = field(default_factory=dict)


class CustomerKey(Construct):
    """A key with rotation whose administrators keep it manageable but cannot use it.

    Where administrators are named, a plan fails before anything happens if the deployer is not one of them: KMS would
    otherwise refuse the deployer's next change for ever.

    Attributes:
        resource: the key.
        arn: of the key, for whatever it encrypts.
    """

    def __init__(self, scope: Construct, id: str, props: CustomerKeyProps) -> None:
        super().__init__(scope, id)
        administration = props.policy.administration
        self.resource = KmsKey(
            self,
            "key",
            description=props.description,
            enable_key_rotation=True,
            deletion_window_in_days=administration.deletion_window_days,
            policy=policy_document([props.policy.administered(), *props.statements]),
            lifecycle=protected_lifecycle(
                props.protection, preconditions=self._deployer_keeps_access(administration.administrators)
            ),
            tags=dict(props.tags) or None,
        )
        # A dozen resources ask for it, and each read is a message to Node.js and back.
        self.arn = self.resource.arn
        KmsAlias(self, "alias", name=props.alias, target_key_id=self.resource.key_id)

    def grant_use(self, grantee: Grantee, use: KeyUse) -> None:
        """Let `grantee` use the key as `use` says; the key's own policy must say the same."""
        grantee.add_to_policy(
            Statement(sid=use.sid, actions=use.actions, resources=(self.arn,), conditions=use.conditions)
        )

    def _deployer_keeps_access(self, administrators: tuple[str, ...]) -> list[Precondition]:
        """Return the check that the deployer is one of the named administrators; none where none are named."""
        if not administrators:
            return []
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
