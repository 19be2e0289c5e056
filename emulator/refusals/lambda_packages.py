"""A function needs its package: one in S3 that is not there is refused, not left out.

MiniStack makes the function without any code, and says so when it is invoked.

AWS: Lambda answers with InvalidParameterValueException and what S3 said of its `GetObject`, as in "Error occurred while
GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-east-1. Please use this
region to retry the request" (https://github.com/aws-samples/aws-codepipeline-bitbucket-integration/issues/7), which is
the one that MiniStack has. S3's other errors are `NoSuchBucket` and `NoSuchKey`
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList).
"""

from __future__ import annotations

import re

from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service

PATHS = re.compile(r"/2015-03-31/functions/?|/2015-03-31/functions/[^/]+/code")
SAID = {
    "NoSuchBucket": "The specified bucket does not exist",
    "NoSuchKey": "The specified key does not exist.",
}


def apply() -> None:
    """Look at the package before a function is made or gets other code."""
    before(service("services.lambda_svc"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    if request.method not in {"POST", "PUT"} or not PATHS.fullmatch(request.path):
        return None
    code = request.json.get("Code") or request.json
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key:
        return None
    s3 = service("services.s3")
    if part(s3, "bucket_region")(bucket) is None:
        error = "NoSuchBucket"
    elif part(s3, "_get_object_data")(bucket, key, version_id=code.get("S3ObjectVersion")) is None:
        error = "NoSuchKey"
    else:
        return None
    return json_error(
        "InvalidParameterValueException",
        f"Error occurred while GetObject. S3 Error Code: {error}. S3 Error Message: {SAID[error]}",
    )
