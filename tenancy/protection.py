"""Whether what holds data survives its stack, for how long data is kept, and who administers the keys to it."""

from __future__ import annotations

from dataclasses import dataclass

from config.profiles import Disposable
from config.registry.environments import LiftedResource


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Whether resources that hold data may be destroyed with their stack.

    Attributes:
        disposable: why the data may be lost; `None` where it is protected.
        lifted: what is disposable although the rest is protected, by resource.
    """

    disposable: Disposable | None
    lifted: tuple[tuple[LiftedResource, Disposable], ...] = ()

    @property
    def protected(self) -> bool:
        """Whether Terraform and AWS refuse to destroy the data."""
        return self.disposable is None

    def of(self, resource: LiftedResource) -> Protection:
        """Return the protection of one resource."""
        return Protection(disposable=dict(self.lifted).get(resource, self.disposable))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long data is kept, in days.

    Attributes:
        logs: in CloudWatch; one of the values that it admits.
        objects: age at which current objects expire; `None` is never.
        noncurrent_versions: age at which replaced and deleted versions of objects expire.
        secret_recovery: waiting time before a deleted secret is gone, 7 to 30; 0 is at once.
    """

    logs: int
    objects: int | None
    noncurrent_versions: int
    secret_recovery: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdministration:
    """Who administers KMS keys, and for how long the deletion of a key can be cancelled.

    Attributes:
        administrators: ARNs of the roles and users who alone administer the keys; empty leaves administration to
            those that the account's IAM policies name.
        deletion_window_days: 7 to 30.
    """

    administrators: tuple[str, ...]
    deletion_window_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCopies:
    """Where backups are copied to.

    Attributes:
        region: another one than the stacks'.
        vault: name of a vault there, of the same account, that exists.
    """

    region: str
    vault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """How backups are kept that are apart from the data.

    Attributes:
        retention_days: age at which a backup, and its copy, expires.
        copies: of every backup in another region; `None` makes none.
    """

    retention_days: int
    copies: BackupCopies | None
