"""The logs service must be allowed to use the key of a log group.

MiniStack stores the key's ARN and asks nobody.

AWS: CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS"
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html): the key policy admits the service
principal of the region (`logs.region.amazonaws.com`), which sends the group's ARN as encryption context
`aws:logs:arn`; otherwise the group is refused. `DescribeKey`, which the page's policy names too, has no encryption
context, so a statement that asks for one never allows it: it is not asked for here.
"""

from __future__ import annotations

from emulator.refusals._kms import Asker, Use, denial
from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service

ACTIONS = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")


def apply() -> None:
    """Ask before a log group gets a key."""
    before(service("services.cloudwatch_logs"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    if request.action != "CreateLogGroup":
        return None
    responses = service("core.responses")
    region, account = part(responses, "get_region")(), part(responses, "get_account_id")()
    arn = f"arn:aws:logs:{region}:{account}:log-group:{request.json.get('logGroupName')}"
    uses = (Use(action=action, context={"aws:logs:arn": arn}) for action in ACTIONS)
    logs = Asker(service=f"logs.{region}.amazonaws.com")
    if not (problem := denial(logs, request.json.get("kmsKeyId"), "logs", *uses)):
        return None
    return json_error(
        "AccessDeniedException",
        f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{arn}': {problem}",
    )
