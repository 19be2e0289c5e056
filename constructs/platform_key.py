"""The KMS key of what the Fargate tenants share: the database, its master's secret, the platform's own logs."""

from __future__ import annotations

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
    function_environment,
    grants_for,
    log_groups,
    only_administrators,
    through,
    use_by,
)
from constructs.policy import Statement

GRANTED_SERVICES: Final = ("lambda", "rds", "secretsmanager")
"""Services that make themselves a grant, with the deployer's right to do so
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformKeyProps:
    """What the key encrypts, and for whom.

    Attributes:
        alias: `alias/...`.
        administration: who manages it.
        provisioner: the role that reads the database master's secret.
        log_groups: names of the log groups that the key encrypts.
        functions: names of the Lambda functions whose environment the key encrypts.
    """

    alias: str
    administration: KeyAdministration
    provisioner: IamRole
    log_groups: tuple[str, ...]
    functions: tuple[str, ...]


class PlatformKey(CustomerKey):
    """A key that no tenant's role uses: Aurora does through its grant, and the provisioner reads one secret with it."""

    def __init__(self, scope: Construct, id: str, props: PlatformKeyProps) -> None:
        administration = props.administration
        account = administration.account
        through_secrets = through(account, "secretsmanager")
        super().__init__(
            scope,
            id,
            CustomerKeyProps(
                description="Database and logs of the shared platform",
                alias=props.alias,
                administration=administration,
                statements=[
                    grants_for(GRANTED_SERVICES, administration),
                    # Who creates a cluster whose master's secret has a key of the customer's needs these, and never
                    # outside the two services: .../rds-secrets-manager.html#rds-secrets-manager-permissions
                    Statement(
                        sid="MasterSecret",
                        actions=("kms:Decrypt", "kms:GenerateDataKey"),
                        resources=EVERYTHING,
                        principal=deployer(administration),
                        conditions=(
                            *only_administrators(administration),
                            through(account, "rds", "secretsmanager"),
                        ),
                    ),
                    function_environment(props.functions, administration),
                    use_by((props.provisioner,), "ReadMasterSecret", ("kms:Decrypt",), through_secrets),
                    log_groups(props.log_groups, account),
                ],
            ),
        )
        self._through_secrets = through_secrets

    def statements_for_secrets(self) -> list[Statement]:
        """Return what the provisioner needs in order to read the master's secret."""
        return [
            Statement(
                sid="DecryptMasterSecret",
                actions=("kms:Decrypt",),
                resources=(self.arn,),
                conditions=(self._through_secrets,),
            )
        ]
