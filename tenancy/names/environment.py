"""Names of one environment: where every other name comes from."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.names.delivery import DeliveryNames
from tenancy.names.fargate import FargateTenantNames
from tenancy.names.limits import BACKUP, fitted
from tenancy.names.platform import PlatformNames
from tenancy.names.silo import SiloNames


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentNames:
    """Physical names of one environment.

    Attributes:
        suffix: the environment's suffix; no hyphen.
    """

    suffix: str

    @property
    def platform(self) -> PlatformNames:
        """The names of the shared platform."""
        return PlatformNames(suffix=self.suffix)

    @property
    def copies_vault(self) -> str:
        """Vault in another region that backups are copied to. No stack makes it (docs/decisions/0025)."""
        return fitted(f"backup-copies-{self.suffix}", BACKUP)

    def delivery(self, account: str) -> DeliveryNames:
        """Return the names of what rolls releases out in `account`."""
        return DeliveryNames(suffix=self.suffix, account=account)

    def silo(self, tenant: str) -> SiloNames:
        """Return the names of the silo tenant `tenant`."""
        return SiloNames(tenant=tenant, suffix=self.suffix)

    def fargate_tenant(self, tenant: str) -> FargateTenantNames:
        """Return the names of the Fargate tenant `tenant`."""
        return FargateTenantNames(tenant=tenant, suffix=self.suffix)

    def extension(self, name: str, tenant: str | None) -> str:
        """Return the id of a stack of the user's own, of the kind `name`: what `cdktf deploy` takes."""
        return "-".join(filter(None, (name, tenant, self.suffix)))

    @staticmethod
    def state_folder(account: str, region: str) -> str:
        """Return what the states of one account and region have in front of their own place."""
        return f"{account}/{region}/"

    @staticmethod
    def state_key(stack: str, folder: str = "") -> str:
        """Return the object key of the state of `stack` in the state bucket, below `folder`."""
        return f"{folder}{stack}/terraform.tfstate"
