"""A web ACL keeps where its log goes.

MiniStack knows no logging configurations of web ACLs.

AWS: AWS WAF API reference, `PutLoggingConfiguration`, `GetLoggingConfiguration`, `DeleteLoggingConfiguration`: one
destination per web ACL, whose name begins with `aws-waf-logs-`.
"""

import json
from typing import Any

from emulator.shims._patching import part, service, wrap

PREFIX = "aws-waf-logs-"


def apply() -> None:
    """Answer the three actions; what is logged goes nowhere."""
    waf, responses = service("services.waf"), service("core.responses")
    answer, refusal = part(responses, "json_response"), part(responses, "error_response_json")
    kept = part(responses, "AccountRegionScopedDict")()

    async def handle(original: Any, method: str, path: str, headers: Any, *rest: Any) -> Any:  # noqa: ANN401
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if not action.endswith("LoggingConfiguration"):
            return await original(method, path, headers, *rest)
        request = json.loads(rest[0] or b"{}")
        configuration = request.get("LoggingConfiguration", {})
        arn = request.get("ResourceArn") or configuration.get("ResourceArn")
        if action == "PutLoggingConfiguration":
            names = [text.partition(":log-group:")[2] for text in configuration["LogDestinationConfigs"]]
            if len(names) != 1 or not names[0].startswith(PREFIX):
                return refusal("WAFInvalidParameterException", f"expected one destination {PREFIX}*", 400)
            kept[arn] = configuration
        elif arn not in kept:
            return refusal("WAFNonexistentItemException", f"no logging configuration of {arn}", 400)
        if action == "DeleteLoggingConfiguration":
            del kept[arn]
            return answer({})
        return answer({"LoggingConfiguration": kept[arn]})

    wrap(waf, "handle_request", handle)
