"""EventBridge hands an event to a Lambda function as an asynchronous invocation, and needs the permission.

MiniStack runs the function once, with no second attempt and no dead letter, and asks for no permission.

AWS: EventBridge user guide, "Resource-based policies" (the function's policy must admit
events.amazonaws.com) and "Using dead-letter queues to process undelivered events" (the target's
queue takes what could not be *delivered*, such as for a missing permission or a deleted function, at once and
without retries, with the attributes RULE_ARN, TARGET_ARN, ERROR_CODE, ERROR_MESSAGE, and only where the
queue's policy admits events.amazonaws.com). What the function makes of a delivered event is Lambda's
asynchronous invocation (`lambda_async`).
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from emulator.shims._delivery import deliver
from emulator.shims._patching import part, service, wrap

PRINCIPAL = "events.amazonaws.com"
logger = logging.getLogger("eventbridge")


def apply() -> None:
    """Check the permission, invoke asynchronously, and send to the target's queue what is undeliverable."""
    events, functions = service("services.eventbridge"), service("services.lambda_svc")
    find, record_of = (
        part(functions, "_get_func_record_for_ref"),
        part(functions, "_execution_record_for_config"),
    )
    function_policy = part(functions, "function_policy_for_arn")
    queue_policy = part(service("services.sqs"), "queue_policy_for_arn")
    part(functions, "invoke_async_with_retry")

    def dispatch(_original: Any, arn: str, payload: str) -> None:  # noqa: ANN401
        function, config, _ = find(arn)
        if function and config:
            # Looked up late: `lambda_async` may have replaced it.
            functions.invoke_async_with_retry(record_of(function, config), json.loads(payload))

    def invoke(original: Any, target: Mapping[str, Any], event: Any, rule: Any, view: Any = None) -> None:  # noqa: ANN401
        arn = target.get("Arn", "")
        if not arn.startswith("arn:aws:lambda:"):
            original(target, event, rule, view)
            return
        found = function_policy(arn)
        if found is None:
            problem = ("RESOURCE_NOT_FOUND", f"The function {arn} does not exist.")
        elif not _admits(found[0], "lambda:InvokeFunction", arn, rule["Arn"]):
            problem = ("NO_PERMISSIONS", f"{PRINCIPAL} is not authorized to perform lambda:InvokeFunction.")
        else:
            original(target, event, rule, view)
            return
        logger.warning("EventBridge: %s: %s", *problem)
        queue = str((target.get("DeadLetterConfig") or {}).get("Arn", ""))
        queue_found = queue_policy(queue) if queue else None
        if queue_found is None or not _admits(queue_found[0], "sqs:SendMessage", queue, rule["Arn"]):
            return
        shown = view or part(events, "_pattern_event_view")(event)
        attributes = {
            "RULE_ARN": rule["Arn"],
            "TARGET_ARN": arn,
            "ERROR_CODE": problem[0],
            "ERROR_MESSAGE": problem[1],
        }
        deliver(queue, shown.event_with_detail(), attributes=attributes)

    wrap(events, "_dispatch_to_lambda", dispatch)
    wrap(events, "_invoke_target", invoke)


def _admits(policy: Any, action: str, resource: str, rule_arn: str) -> bool:  # noqa: ANN401
    evaluator = service("core.iam_evaluator")
    context = part(evaluator, "EvalContext")(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=rule_arn.split(":")[3],
        secure_transport=True,
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": rule_arn.split(":")[4]},
    )
    decision = part(evaluator, "evaluate_resource_policy")(policy, context, service=PRINCIPAL).decision
    return bool(decision == "Allow")
