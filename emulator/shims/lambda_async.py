"""Asynchronous invocations: dead letters as AWS writes them, and destinations on success and failure.

MiniStack sends one and the same record to a dead-letter queue and to a failure destination, and knows neither
success destinations nor an event bus as a destination.

AWS: Lambda developer guide: "Capturing records of Lambda asynchronous invocations" (the invocation record; as
an event its source is `lambda` and its detail-type `Lambda Function Invocation Result - Success` or
`- Failure`), "Adding a dead-letter queue" (the event itself with the attributes RequestID, ErrorCode and
ErrorMessage) and "Error handling for asynchronous invocations" (two more attempts, a minute and two minutes
later; here the wait is a fraction of a second).
"""

import contextvars
import datetime as dt
import json
import threading
import time
import uuid
from typing import Any

from emulator.shims._delivery import deliver
from emulator.shims._patching import part, service, wrap

DEFAULT_ATTEMPTS = 2  # after the first
DEFAULT_AGE_SECONDS = 6 * 60 * 60


def apply() -> None:
    """Replace the asynchronous invocation."""
    functions = service("services.lambda_svc")
    execute, in_scope = (
        part(functions, "_execute_function"),
        part(functions, "_run_with_function_config_scope"),
    )
    wait, longest = (part(functions, f"_LAMBDA_ASYNC_RETRY_{name}_SECONDS") for name in ("BASE", "MAX"))

    def run(function: dict[str, Any], event: Any) -> None:  # noqa: ANN401
        settings = _settings(function)
        attempts = 1 + (DEFAULT_ATTEMPTS if (n := settings.get("MaximumRetryAttempts")) is None else int(n))
        deadline = time.monotonic() + int(settings.get("MaximumEventAgeInSeconds") or DEFAULT_AGE_SECONDS)
        result: dict[str, Any] = {}
        made = 0
        while made < attempts and (made == 0 or time.monotonic() < deadline):
            if made:
                time.sleep(min(wait * 2 ** (made - 1), longest))
            result = execute(function, event)
            made += 1
            if not result.get("error"):
                break
        _report(function, settings, event, result, made)

    def invoke(_original: Any, function: dict[str, Any], event: Any) -> None:  # noqa: ANN401
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(in_scope, function, run, function, event), daemon=True
        ).start()

    wrap(functions, "invoke_async_with_retry", invoke)


def _settings(function: dict[str, Any]) -> dict[str, Any]:
    by_qualifier = function.get("event_invoke_configs") or {}
    found = function.get("event_invoke_config") or by_qualifier.get("$LATEST") or by_qualifier.get("")
    return dict(found or {})


def _report(
    function: dict[str, Any],
    settings: dict[str, Any],
    event: Any,  # noqa: ANN401
    result: dict[str, Any],
    attempts: int,
) -> None:
    config = function.get("config") or function
    failed = bool(result.get("error"))
    outcome = "Failure" if failed else "Success"
    destination = settings.get("DestinationConfig", {}).get(f"On{outcome}", {}).get("Destination")
    request_id = str(uuid.uuid4())
    payload = result.get("body")
    queue = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if failed and queue:
        message = payload.get("errorMessage", "") if isinstance(payload, dict) else str(payload)
        attributes = {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": message[:1024]}
        deliver(queue, json.loads(json.dumps(event)), sender=config["Role"], attributes=attributes)
    if destination:
        answer = {"statusCode": 200, "executedVersion": "$LATEST"}
        record = {
            "version": "1.0",
            "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "requestContext": {
                "requestId": request_id,
                "functionArn": f"{config['FunctionArn']}:$LATEST",
                "condition": "RetriesExhausted" if failed else "Success",
                "approximateInvokeCount": attempts,
            },
            "requestPayload": event,
            "responseContext": answer | ({"functionError": "Unhandled"} if failed else {}),
            "responsePayload": payload,
        }
        deliver(
            destination,
            record,
            sender=config["Role"],
            source="lambda",
            detail_type=f"Lambda Function Invocation Result - {outcome}",
            resources=[f"{config['FunctionArn']}:$LATEST", destination],
        )
