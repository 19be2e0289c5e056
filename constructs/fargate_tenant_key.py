"""The KMS key of one Fargate tenant: its objects, its secret and its logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.iam_role import IamRole

from constructs import Construct
from constructs.customer_key import (
    EVERYTHING,
    CustomerKey,
    CustomerKeyProps,
    KeyAdministration,
    deployer,
    log_groups,
    only_administrators,
    through,
    use_by,
)
from constructs.policy import Condition, Statement, only_tenant

TENANT_TAG: Final = "tenant_id"
"""Key of the tag that a Fargate tenant's roles and resources carry."""
OBJECT_USE: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""What S3 needs on a principal's behalf to read and write
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html)."""
SECRET_USE: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""What Secrets Manager needs on a principal's behalf to write a value
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-authz)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateTenantKeyProps:
    """Whose key it is, and who uses it for what.

    Attributes:
        tenant: id of the tenant; its roles must carry it as the tag `tenant_id`.
        alias: `alias/...`.
        administration: who manages it.
        task_role: the tenant's code; uses the key for objects.
        execution_role: starts the tasks; reads the secret.
        provisioner: the database provisioner; writes the secret.
        log_group: name of the tenant's log group.
        tags: of the key.
    """

    tenant: str
    alias: str
    administration: KeyAdministration
    task_role: IamRole
    execution_role: IamRole
    provisioner: IamRole
    log_group: str
    tags: Mapping[str, str]


class FargateTenantKey(CustomerKey):
    """A key that only this tenant's roles use, and the provisioner through Secrets Manager (docs/decisions/0008)."""

    def __init__(self, scope: Construct, id: str, props: FargateTenantKeyProps) -> None:
        administration = props.administration
        account = administration.account
        for_objects, for_secrets = through(account, "s3"), through(account, "secretsmanager")
        own = only_tenant(props.tenant, tag=TENANT_TAG)
        super().__init__(
            scope,
            id,
            CustomerKeyProps(
                description=f"Data of the tenant {props.tenant} on the shared platform",
                alias=props.alias,
                administration=administration,
                statements=[
                    # Whoever gives a secret this key must be able to use it: Secrets Manager tries it out, on a context
                    # that no value is ever encrypted under. So the deployer makes secrets and reads none:
                    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-use-cmk
                    Statement(
                        sid="SecretWithoutValue",
                        actions=SECRET_USE,
                        resources=EVERYTHING,
                        principal=deployer(administration),
                        conditions=(
                            *only_administrators(administration),
                            for_secrets,
                            Condition(
                                operator="StringEquals",
                                key="kms:EncryptionContext:SecretVersionId",
                                values=("RequestToValidateKeyAccess",),
                            ),
                        ),
                    ),
                    use_by((props.task_role,), "Objects", OBJECT_USE, for_objects, own),
                    use_by((props.execution_role,), "ReadSecret", ("kms:Decrypt",), for_secrets, own),
                    use_by((props.provisioner,), "WriteSecret", SECRET_USE, for_secrets),
                    log_groups((props.log_group,), account),
                ],
                tags=props.tags,
            ),
        )
        self._tenant, self._for_objects, self._for_secrets = props.tenant, for_objects, for_secrets

    def statements_for_objects(self) -> list[Statement]:
        """Return what the tenant's code needs in order to read and write its objects."""
        return [self._use("UseKeyForObjects", OBJECT_USE, self._for_objects)]

    def statements_for_secret(self) -> list[Statement]:
        """Return what starts the tenant's tasks needs in order to read its secret."""
        return [self._use("DecryptOwnSecret", ("kms:Decrypt",), self._for_secrets)]

    def _use(self, sid: str, actions: tuple[str, ...], service: Condition) -> Statement:
        own = only_tenant(self._tenant, tag=TENANT_TAG)
        return Statement(sid=sid, actions=actions, resources=(self.arn,), conditions=(service, own))
