"""A request to CodeBuild is checked on the project that it is about, with its tags.

MiniStack checks requests that name builds, or several projects, on `*`, makes an ARN of an ARN, and knows no tags of
projects.

AWS: Service Authorization Reference, AWS CodeBuild, the columns "Resource types" and "Condition keys"
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html: builds are none of the
types; what is done to a build is checked on its project). Of several only the first is looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Final

from emulator.shims._parameters import fields_of
from emulator.shims._patching import part, service, wrap

NAME: Final = "codebuild"


def apply() -> None:
    """Name the project, and hand out its tags."""
    wrap(service("core.iam_actions"), "extract_resource_arn", _arn)
    collectors: MutableMapping[str, Callable[[], Iterator[Any]]] = part(
        service("services.tagging"), "_RESOURCE_TAG_COLLECTORS"
    )
    collectors[NAME] = _tags


def _arn(original: Any, name: str, *arguments: Any) -> str:  # noqa: ANN401
    if name != NAME:
        return str(original(name, *arguments))
    _method, _path, _headers, body, _parameters, region, account = arguments
    fields = fields_of(body)
    named = fields.get("projectName") or fields.get("name") or next(iter(fields.get("names") or ()), "")
    if not named:
        build = fields.get("id") or next(iter(fields.get("ids") or ()), "")
        named = build.rpartition(":build/")[2].partition(":")[0]
    project = named.rpartition(":project/")[2]
    return f"arn:aws:codebuild:{region}:{account}:project/{project}" if project else "*"


def _tags() -> Iterator[tuple[str, Any]]:
    for project in part(service("services.codebuild"), "_projects").values():
        yield (
            project["arn"],
            [{"Key": tag["key"], "Value": tag["value"]} for tag in project.get("tags") or []],
        )
