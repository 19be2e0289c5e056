"""A key's policy admits whoever writes it to write it again.

MiniStack takes any policy.

AWS: KMS API reference, `CreateKey` and `PutKeyPolicy`, "Policy": "The key policy must allow the calling principal to
make a subsequent PutKeyPolicy request on the KMS key", unless `BypassPolicyLockoutSafetyCheck` is set;
`MalformedPolicyDocumentException` (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html), with the
message that users report (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2843). IAM decides as well
where the policy names the account (https://github.com/aws-samples/rds-snapshot-export-to-s3-pipeline/issues/8). Read
2026-11-28. Whether a condition of an IAM policy on the key's tags then sees those that the key is created with is
documented nowhere; here it does.
"""

from __future__ import annotations

from emulator.refusals import _kms
from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service


def apply() -> None:
    """Look at the policy before a key is made or gets another."""
    before(service("services.kms"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request to KMS, or None."""
    asked = request.json
    policy = asked.get("Policy")
    if request.action not in {"CreateKey", "PutKeyPolicy"} or not policy:
        return None
    if asked.get("BypassPolicyLockoutSafetyCheck"):
        return None
    responses = service("core.responses")
    account, region = part(responses, "get_account_id")(), part(responses, "get_region")()
    key = _kms.customer_key(asked.get("KeyId"))
    arn = key["Arn"] if key else f"arn:aws:kms:{region}:{account}:key/new"
    tags = {tag["TagKey"]: tag["TagValue"] for tag in asked.get("Tags") or ()}
    if _kms.may_write_policy(_kms.caller(request), arn, policy, tags):
        return None
    text = "The new key policy will not allow you to update the key policy in the future."
    return json_error("MalformedPolicyDocumentException", text)
