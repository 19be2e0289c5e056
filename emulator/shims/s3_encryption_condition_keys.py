"""`s3:x-amz-server-side-encryption-aws-kms-key-id` and `...-customer-algorithm` carry what an upload asks for.

MiniStack sets the algorithm alone, so that a policy which names the one key that may be used refuses nothing.

AWS: Service authorization reference, Amazon S3 (condition keys); S3 user guide, "Using server-side encryption with
AWS KMS keys" (a policy that requires a particular key names its ARN). The parts of an upload carry no headers: the
request that began it decides.
"""

from typing import Any

from emulator.shims._patching import part, service, wrap

HEADERS = (
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)
KEY_ID = HEADERS[0]


def apply() -> None:
    """Add the keys to the request's context."""
    responses = service("core.responses")
    account_id, region = part(responses, "get_account_id"), part(responses, "get_region")

    def context_of(
        original: Any,  # noqa: ANN401
        action: str,
        query: Any,  # noqa: ANN401
        path: str = "",
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        context: dict[str, Any] = original(action, query, path, headers)
        if action != "s3:PutObject" or not headers:
            return context
        named = {f"s3:{name}": headers[name] for name in HEADERS if headers.get(name)}
        key = named.get(f"s3:{KEY_ID}", "")
        if key and not key.startswith("arn:"):
            named[f"s3:{KEY_ID}"] = f"arn:aws:kms:{region()}:{account_id()}:key/{key}"
        return context | named

    wrap(service("core.iam_actions"), "s3_service_context", context_of)
