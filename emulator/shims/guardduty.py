"""GuardDuty has the detector that it was given, and says whether it is enabled.

MiniStack has no such service.

AWS: GuardDuty API reference: `CreateDetector` (`POST /detector`; one in each region), `ListDetectors`
(`GET /detector`), `GetDetector` (`GET /detector/{detectorId}`), `UpdateDetector` (`POST /detector/{detectorId}`),
`BadRequestException`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from types import ModuleType
from typing import Any

from emulator.shims._patching import part, service

NAME = "guardduty"
Answer = tuple[HTTPStatus, dict[str, Any]]
Place = tuple[str, str]
"""An account and a region."""

_detectors: dict[Place, tuple[str, bool]] = {}
"""Id of the detector, and whether it is enabled."""


def apply() -> None:
    """Add the service to MiniStack's router."""
    app = service("app")
    module = ModuleType(NAME)
    module.__dict__.update({"handle_request": handle_request, "reset": _detectors.clear})
    part(app, "_loaded_modules")[NAME] = module
    part(app, "SERVICE_REGISTRY").setdefault(NAME, {"module": NAME})
    part(app, "SERVICE_HANDLERS").setdefault(NAME, part(app, "_lazy_handler")(NAME))
    patterns = part(service("core.router"), "SERVICE_PATTERNS")
    patterns.setdefault(NAME, {"host_patterns": [], "credential_scope": NAME})


async def handle_request(
    method: str, path: str, _headers: Mapping[str, str], body: bytes, _query: Mapping[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """Answer one request of the REST protocol."""
    responses = service("core.responses")
    place = (part(responses, "get_account_id")(), part(responses, "get_region")())
    status, answer = _answer(method, path.strip("/").split("/"), json.loads(body or b"{}"), place)
    headers = {"Content-Type": "application/json"}
    if status is not HTTPStatus.OK:
        headers["x-amzn-errortype"] = "BadRequestException"
    return status, headers, json.dumps(answer).encode()


def _answer(method: str, path: list[str], asked: Mapping[str, Any], place: Place) -> Answer:
    known = _detectors.get(place)
    match method, path:
        case "GET", ["detector"]:
            return HTTPStatus.OK, {"detectorIds": [known[0]] if known else []}
        case "POST", ["detector"] if known is None:
            made = uuid.uuid4().hex
            _detectors[place] = (made, bool(asked["enable"]))
            return HTTPStatus.OK, {"detectorId": made}
        case "GET", ["detector", id_] if known is not None and known[0] == id_:
            status = "ENABLED" if known[1] else "DISABLED"
            role = f"aws-service-role/{NAME}.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
            return HTTPStatus.OK, {"status": status, "serviceRole": f"arn:aws:iam::{place[0]}:role/{role}"}
        case "POST", ["detector", id_] if known is not None and known[0] == id_:
            _detectors[place] = (id_, bool(asked.get("enable", known[1])))
            return HTTPStatus.OK, {}
    return HTTPStatus.BAD_REQUEST, {"message": "The request is rejected: no such detector, or one too many."}
