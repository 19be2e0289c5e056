"""Who runs as whom: one role that a workload gets the credentials of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Employment:
    """One role that a workload gets the credentials of.

    Attributes:
        owner: the tenant whose workload it is; `None` is the platform.
        address: where the workload is declared.
        argument: the argument that names the role.
        role: the role's ARN, or as much of it as is known.
        account: the account of the workload.
        declared: it is a role of the stacks.
    """

    owner: str | None
    address: str
    argument: str
    role: str
    account: str
    declared: bool
