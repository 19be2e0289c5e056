"""What is larger than AWS takes is refused: a key's policy, and the rules of a web ACL.

MiniStack keeps both, whatever their size.

AWS: KMS developer guide, "Resource quotas", key policy document size, 32 KB (32,768 bytes): a `LimitExceededException`
(https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html). AWS WAF developer guide, "Web ACL capacity
units": 5,000 a web ACL (https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html), and API
reference, `CreateWebACL`, `WAFLimitsExceededException`; here rules have nothing in common (`facts/web_acl_units.py`).
Read 2026-11-28.
"""

from __future__ import annotations

from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import service
from facts.web_acl_units import MOST_UNITS, capacity

KEY_POLICY_BYTES = 32_768


def apply() -> None:
    """Look at sizes before keys and web ACLs are made or changed."""
    before(service("services.kms"), refuse_policy)
    before(service("services.waf"), refuse_rules)


def refuse_policy(request: Request) -> Response | None:
    """The refusal of a request to KMS, or None."""
    policy = str(request.json.get("Policy") or "")
    if request.action not in {"CreateKey", "PutKeyPolicy"} or len(policy.encode()) <= KEY_POLICY_BYTES:
        return None
    text = f"The key policy has {len(policy.encode())} bytes, the quota is {KEY_POLICY_BYTES}."
    return json_error("LimitExceededException", text)


def refuse_rules(request: Request) -> Response | None:
    """The refusal of a request to AWS WAF, or None."""
    if request.action not in {"CreateWebACL", "UpdateWebACL"}:
        return None
    try:
        units = capacity(request.json.get("Rules") or ())
    except LookupError:
        # A statement whose units nobody wrote down: the stacks have none.
        return None
    if units <= MOST_UNITS.value:
        return None
    text = f"AWS WAF couldn't perform the operation: {units} WCUs of {MOST_UNITS.value}."
    return json_error("WAFLimitsExceededException", text)
