"""A request to Step Functions is checked on the resource that it names, whichever field names it.

MiniStack checks requests on a state machine's tags, and those about a map run, on `*`.

AWS: Service Authorization Reference, AWS Step Functions, the column "Resource types"
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html).
"""

from __future__ import annotations

from typing import Any, Final

from emulator.shims._parameters import fields_of
from emulator.shims._patching import service, wrap

NAME: Final = "states"
FIELDS: Final = ("resourceArn", "mapRunArn")


def apply() -> None:
    """Name the resource."""
    wrap(service("core.iam_actions"), "extract_resource_arn", _arn)


def _arn(original: Any, name: str, *arguments: Any) -> str:  # noqa: ANN401
    if name == NAME:
        _method, _path, _headers, body, *_ = arguments
        fields = fields_of(body)
        for field in FIELDS:
            if fields.get(field):
                return str(fields[field])
    return str(original(name, *arguments))
