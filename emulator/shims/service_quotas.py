"""Service Quotas tells what the account may have, and grants at once what it asks for.

MiniStack has no such service.

AWS: Service Quotas API reference: `GetServiceQuota` and `ListServiceQuotas` (the value that the account has),
`GetAWSDefaultServiceQuota` and `ListAWSDefaultServiceQuotas` (AWS's default), `RequestServiceQuotaIncrease` (AWS grants
it after a while, or not), `NoSuchResourceException`. The quotas are those of `emulator.quotas`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import ModuleType
from typing import Any

from emulator.quotas import applied, default, forget, grant, of_service
from emulator.shims._patching import part, service
from facts.quotas import Quota

NAME, MODULE, TARGET = "servicequotas", "service_quotas", "ServiceQuotasV20190624"
ONE = frozenset({"GetServiceQuota", "GetAWSDefaultServiceQuota"})
ALL = frozenset({"ListServiceQuotas", "ListAWSDefaultServiceQuotas"})
INCREASE = "RequestServiceQuotaIncrease"
Answer = dict[str, Any]


def apply() -> None:
    """Add the service to MiniStack's router."""
    app = service("app")
    module = ModuleType(MODULE)
    module.__dict__.update({"handle_request": handle_request, "reset": forget})
    part(app, "_loaded_modules")[MODULE] = module
    part(app, "SERVICE_REGISTRY").setdefault(NAME, {"module": MODULE})
    part(app, "SERVICE_HANDLERS").setdefault(NAME, part(app, "_lazy_handler")(MODULE))
    patterns = part(service("core.router"), "SERVICE_PATTERNS")
    patterns.setdefault(NAME, {"target_prefixes": [TARGET], "host_patterns": []})


async def handle_request(
    _method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Mapping[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """Answer one request of the JSON protocol."""
    answer = _answer(headers.get("x-amz-target", "").rpartition(".")[2], json.loads(body or b"{}"))
    status = HTTPStatus.BAD_REQUEST if "__type" in answer else HTTPStatus.OK
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()


def _answer(action: str, asked: Mapping[str, Any]) -> Answer:
    found = list(of_service(asked.get("ServiceCode", "")))
    if "QuotaCode" in asked:
        found = [quota for quota in found if quota.code == asked["QuotaCode"]]
    if action not in ONE | ALL | {INCREASE}:
        return {"__type": "UnknownOperationException", "message": action}
    if not found:
        return {"__type": "NoSuchResourceException", "message": f"no such quota: {asked}"}
    if action == INCREASE:
        return _increase(found[0], int(asked["DesiredValue"]))
    shown = [_shown(quota, of_aws="Default" in action) for quota in found]
    return {"Quotas": shown} if action in ALL else {"Quota": shown[0]}


def _increase(quota: Quota, value: int) -> Answer:
    if not quota.adjustable or value <= applied(quota):
        return {"__type": "IllegalArgumentException", "message": "expected a value above the current one"}
    grant(quota, value)
    requested = {"ServiceCode": quota.service, "QuotaCode": quota.code, "DesiredValue": float(value)}
    return {"RequestedQuota": requested | {"Status": "APPROVED"}}


def _shown(quota: Quota, *, of_aws: bool) -> Answer:
    responses = service("core.responses")
    region, account = part(responses, "get_region")(), part(responses, "get_account_id")()
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service,
        "QuotaArn": f"arn:aws:servicequotas:{region}:{account}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": float(default(quota) if of_aws else applied(quota)),
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": quota.service in {"iam", "s3"},
    }
