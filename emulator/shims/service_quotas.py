"""Service Quotas: what the account is allowed, AWS's defaults until it asks for more. A request is granted at once.

MiniStack has no such service.

AWS: Service Quotas API reference: `GetServiceQuota`, `GetAWSDefaultServiceQuota` and `RequestServiceQuotaIncrease`,
each with `NoSuchResourceException` for a quota that it does not know. AWS grants a request after a while, or not.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import ModuleType
from typing import Any

from emulator.shims._patching import part, service
from facts.quotas import QUOTAS, Quota

NAME, MODULE = "servicequotas", "service_quotas"
BY_CODE = {(fact.value.service, fact.value.code): fact.value for fact in QUOTAS.values() if fact.value.code}
Request = Mapping[str, Any]


class RefusedError(Exception):
    """An error answer: its code and its message."""


def apply() -> None:
    """Add the service to MiniStack's router."""
    app = service("app")
    module = ModuleType(MODULE)
    quotas = ServiceQuotas(service("core.responses"))
    module.__dict__.update(
        {"handle_request": quotas.handle_request, "reset": quotas.reset, "allowed": quotas.allowed}
    )
    part(app, "_loaded_modules")[MODULE] = module
    part(app, "SERVICE_REGISTRY").setdefault(NAME, {"module": MODULE})
    part(app, "SERVICE_HANDLERS").setdefault(NAME, part(app, "_lazy_handler")(MODULE))
    patterns = part(service("core.router"), "SERVICE_PATTERNS")
    patterns.setdefault(NAME, {"target_prefixes": ["ServiceQuotasV20190624"], "host_patterns": []})


class ServiceQuotas:
    """What was raised, by account and region, and the service's actions."""

    def __init__(self, responses: ModuleType) -> None:
        self._region: Callable[[], str] = part(responses, "get_region")
        self._raised = part(responses, "AccountRegionScopedDict")()
        self._actions: dict[str, Callable[[Request], dict[str, Any]]] = {
            "GetServiceQuota": lambda request: self._answer(_quota(request)),
            "GetAWSDefaultServiceQuota": lambda request: self._answer(_quota(request), default=True),
            "RequestServiceQuotaIncrease": self._raise,
        }

    async def handle_request(
        self, _method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Request
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request of the JSON protocol."""
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        status = HTTPStatus.OK
        try:
            answer = self._actions.get(action, _unknown)(json.loads(body or b"{}"))
        except RefusedError as error:
            status = HTTPStatus.BAD_REQUEST
            answer = {"__type": error.args[0], "message": error.args[1]}
        return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    def reset(self) -> None:
        """Forget what was raised."""
        self._raised.clear()

    def allowed(self, quota: Quota) -> int:
        """Return what the account is allowed in the region of the request."""
        raised: int = self._raised.get(f"{quota.service}/{quota.code}", quota.value(self._region()))
        return raised

    def _answer(self, quota: Quota, *, default: bool = False) -> dict[str, Any]:
        value = quota.value(self._region()) if default else self.allowed(quota)
        return {
            "Quota": {
                "ServiceCode": quota.service,
                "QuotaCode": quota.code,
                "QuotaName": quota.name,
                "Value": float(value),
                "Adjustable": quota.adjustable,
            }
        }

    def _raise(self, request: Request) -> dict[str, Any]:
        quota, value = _quota(request), int(request["DesiredValue"])
        if not quota.adjustable or value <= self.allowed(quota):
            raise RefusedError(
                "IllegalArgumentException", "You must provide a quota value greater than the current"
            )
        self._raised[f"{quota.service}/{quota.code}"] = value
        return {
            "RequestedQuota": {
                "ServiceCode": quota.service,
                "QuotaCode": quota.code,
                "DesiredValue": float(value),
                "Status": "APPROVED",
            }
        }


def _quota(request: Request) -> Quota:
    quota = BY_CODE.get((str(request.get("ServiceCode")), str(request.get("QuotaCode"))))
    if quota is None:
        raise RefusedError("NoSuchResourceException", "The specified quota does not exist.")
    return quota


def _unknown(_: Request) -> dict[str, Any]:
    raise RefusedError("UnknownOperationException", "not in this emulator")
