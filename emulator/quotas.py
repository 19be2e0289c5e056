"""The quotas of the emulator's account: AWS's defaults, what it asked for, and what a test says instead.

`emulator.shims.service_quotas` answers from here, and `emulator.refusals.quotas` refuses what is over.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from emulator.patches import PatchError
from facts.quotas import QUOTAS, Quota

VPCS = QUOTAS["VPCs per region"].value
GATEWAY_ENDPOINTS = QUOTAS["gateway endpoints per region"].value
ADDRESSES = QUOTAS["elastic IP addresses per region"].value
RULES = QUOTAS["rules per event bus"].value
CONCURRENCY = QUOTAS["concurrent executions per region"].value
TARGET_GROUPS = QUOTAS["target groups per load balancer"].value
INSIGHTS = QUOTAS["contributor insights rules"].value

_BY_CODE = {fact.value.code: fact.value for fact in QUOTAS.values() if fact.value.code is not None}
_overridden: dict[str, int] = {}
_raised: dict[tuple[str, str, str], int] = {}


def check(values: Mapping[str, int]) -> dict[str, int]:
    """Return values by quota code.

    Raises:
        PatchError: a code that is not here, or a negative value.
    """
    for code, value in values.items():
        if code not in _BY_CODE:
            raise PatchError(f"unknown quota {code!r}; there are {sorted(_BY_CODE)}")
        if value < 0:
            raise PatchError(f"quota {code}: expected 0 or more, received {value}")
    return dict(values)


def override(values: Mapping[str, int]) -> None:
    """Let the account have these values, by quota code, instead of the defaults."""
    _overridden.clear()
    _overridden.update(check(values))


def applied(quota: Quota) -> int:
    """The value that the account has in the region of the request."""
    return _raised.get(_key(quota), _overridden.get(quota.code or "", default(quota)))


def default(quota: Quota) -> int:
    """AWS's default in the region of the request."""
    return quota.value(_scope()[1])


def grant(quota: Quota, value: int) -> None:
    """Let the account have `value`, which it asked for, in the region of the request."""
    _raised[_key(quota)] = value


def forget() -> None:
    """Forget what the account asked for."""
    _raised.clear()


def of_service(name: str) -> Iterator[Quota]:
    """The quotas of a service, by its code."""
    return (quota for quota in _BY_CODE.values() if quota.service == name)


def _key(quota: Quota) -> tuple[str, str, str]:
    return (*_scope(), quota.code or "")


def _scope() -> tuple[str, str]:
    # Imported here: this module is used outside MiniStack's process as well.
    responses = importlib.import_module("ministack.core.responses")
    return responses.get_account_id(), responses.get_region()
